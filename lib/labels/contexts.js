'use strict'

/**
 * The labels of async contexts, for the sampler: an AsyncLocalStorage holds the number of a set of
 * labels, never anything of the app. Each copy of this package in a thread finds the same state, so
 * that labels of the app's copy reach the sampler that the preload's copy has started.
 */

const {
  AsyncLocalStorage, Int32Array, Map, Object, createHook, disableStorage, enterWith, executionAsyncId, getStore, mapGet, mapSet
} = require('../common/node-originals.js')
const { LabelSets } = require('./label-sets.js')
const { checkLabels, checkObject, pairsOf } = require('./pairs.js')

/** The property of `process` that holds the state, by which attach() finds it too. */
const STATE = Symbol.for('shap-flame.labels.1')
/** A number that no other AsyncLocalStorage is likely to hold. */
const PROBE = 1_386_204_417
/** Calls after which it is checked whether the sampler still runs: `attach` stops it unseen. */
const CHECK_EVERY = 256
/** Slots that native code reads; see setSlot(). */
const SLOTS = 1024

const INSPECTOR = 'the inspector engine does not record them'

/**
 * @typedef {import('../common/native.js').Sampler} Sampler
 * @typedef {Record<string, string | number | boolean>} Labels
 * @typedef {(name: string, message: string) => void} Warn prints a message once for its name
 */

class Contexts {
  /** @type {Sampler | undefined} that runs */
  #native
  /** @type {Warn | undefined} */
  #warn
  /** @type {Map<string, boolean>} names of messages that were printed */
  #told = new Map()
  /** @type {LabelSets | undefined} */
  #sets
  /** @type {import('node:async_hooks').AsyncLocalStorage<number> | undefined} */
  #storage
  /** @type {Int32Array | undefined} only where there are no frames */
  #slots
  /** @type {import('node:async_hooks').AsyncHook | undefined} */
  #hook
  #calls = 0
  /** Whether native code reads contexts; undefined: not tried yet. @type {boolean | undefined} */
  #works
  /** The set of this thread, and that of what has no context of ours, which includes it. */
  #thread = 0
  #base = 0

  /**
   * Labels reach this sampler from now on.
   * @param {Sampler} native
   * @param {Warn} warn
   */
  connect (native, warn) {
    // Numbers of sets are those of one binary: another copy of this package has others.
    if (this.#sets && this.#sets.native !== native) this.#sets = this.#storage = undefined
    this.#native = native
    this.#warn = warn
    this.#works = undefined
  }

  /** The sampler stops. */
  disconnect () {
    if (this.#hook) {
      this.#hook.disable()
      disableStorage(this.#storage)
    }
    this.#native = this.#hook = this.#slots = undefined
    this.#thread = this.#base = 0
  }

  /**
   * @template T
   * @param {Labels} labels
   * @param {() => T} fn
   * @returns {T} what `fn` returns, called with these labels added
   */
  run (labels, fn) {
    if (!this.#ready()) {
      checkLabels(labels)
      return fn()
    }
    const storage = this.#storage
    const before = this.#current()
    this.#enter(this.#numberOf(before, labels))
    try {
      return fn()
    } finally {
      // `fn` may have stopped the sampler, or started another
      if (this.#storage === storage && this.#native) this.#enter(before)
    }
  }

  /** @param {Labels} labels added for the rest of this async context */
  set (labels) {
    if (this.#ready()) this.#enter(this.#numberOf(this.#current(), labels))
    else checkLabels(labels)
  }

  /**
   * Sets the labels of a route for the rest of this async context, in place of those of an earlier one
   * that is still there, as on a connection that is used again.
   * @param {string} key that a context of a route has
   * @param {{ pairs: readonly string[], below: number, number: number }} route keeps what was found last
   */
  setInstead (key, route) {
    if (!this.#ready()) return
    const sets = /** @type {LabelSets} */ (this.#sets)
    const current = this.#current() || this.#base
    const below = sets.has(current, key) ? this.#base : current
    if (route.below !== below || route.number === 0) {
      route.number = sets.add(below, route.pairs)
      route.below = below
    }
    this.#enter(route.number)
  }

  /** @returns {boolean} whether a sampler runs: the one of attach() stops without a word */
  isConnected () {
    if (this.#native?.running() === false) this.disconnect()
    return this.#native !== undefined
  }

  /** Finds out now how contexts are read, and tells what that costs. */
  prepare () {
    this.#ready()
  }

  /**
   * Sets labels in place of others for the rest of this async context.
   * @param {readonly string[]} keys of those that are taken away
   * @param {readonly string[]} pairs
   */
  replace (keys, pairs) {
    if (!this.#ready()) return
    const sets = /** @type {LabelSets} */ (this.#sets)
    const current = this.#current()
    const number = sets.add(sets.without(current || this.#base, keys), pairs)
    if (number !== (current || this.#base)) this.#enter(number)
  }

  /**
   * Gives a label of all sets that have these labels another value, also in samples that were taken.
   * @param {readonly string[]} pairs
   * @param {string} key
   * @param {string} value
   */
  rename (pairs, key, value) {
    this.#sets?.rename(pairs, key, value)
  }

  /** @param {readonly string[]} pairs what is allocated in this thread from now on has these */
  setThread (pairs) {
    this.#thread = 0
    this.setBase(pairs)
    this.#thread = this.#base
  }

  /**
   * What is allocated from now on where no context has labels has these, and those of the thread.
   * @param {readonly string[]} pairs
   */
  setBase (pairs) {
    const native = this.#native
    if (!native) return
    if (!native.labelBase) return this.#tell('labels-none', `labels are not known: ${INSPECTOR}`)
    this.#sets ??= this.#makeSets(native)
    const base = this.#sets.add(this.#thread, pairs)
    if (native.labelBase(base)) this.#base = base
    else this.#tell('labels-none', `labels are not known: ${native.labelsReason?.()}`)
  }

  /** @returns {number | undefined} */
  #current () {
    return getStore(this.#storage)
  }

  /** @param {number | undefined} context the set of it @param {Labels} labels */
  #numberOf (context, labels) {
    const sets = /** @type {LabelSets} */ (this.#sets)
    const below = context || this.#base
    checkObject(labels)
    const known = sets.find(below, labels)
    return known >= 0 ? known : sets.add(below, pairsOf(labels))
  }

  /** @param {number | undefined} number */
  #enter (number) {
    enterWith(this.#storage, number)
    if (this.#slots) this.#setSlot(executionAsyncId(), number)
  }

  /** @type {Warn} */
  #tell (name, message) {
    if (mapGet(this.#told, name)) return
    mapSet(this.#told, name, true)
    this.#warn?.(name, message)
  }

  /** Notices that the sampler was stopped by native code. */
  #check () {
    this.#calls = (this.#calls + 1) % CHECK_EVERY
    if (this.#calls === 0 && this.#native?.running() === false) this.disconnect()
  }

  #ready () {
    this.#check()
    if (!this.#native) return false
    this.#works ??= this.#setUp(this.#native)
    return this.#works
  }

  /** @param {Sampler} native */
  #makeSets (native) {
    return new LabelSets(native, (name, message) => this.#tell(name, message))
  }

  /** @param {Sampler} native */
  #setUp (native) {
    if (!native.labelContexts) {
      this.#tell('labels-none', `labels are not known: ${INSPECTOR}`)
      return false
    }
    this.#sets ??= this.#makeSets(native)
    this.#storage ??= new AsyncLocalStorage()
    const before = this.#current()
    enterWith(this.#storage, PROBE)
    const how = native.labelContexts(PROBE)
    enterWith(this.#storage, before)
    if (how === 'hooks') this.#useHooks(native)
    if (how === 'none') this.#tell('labels-none', `labels are not known: ${native.labelsReason?.()}`)
    return how !== 'none'
  }

  /**
   * Without frames: before each callback, the set of its context is written where native code finds it
   * by the number of the execution.
   * @param {Sampler} native
   */
  #useHooks (native) {
    this.#tell('labels-hooks', 'labels use async_hooks on this Node, which slows down promises and callbacks; Node 24 needs none')
    this.#slots = new Int32Array(/** @type {any} */ (native).labelSlots(SLOTS))
    this.#hook = createHook({ before: id => this.#beforeExecution(id) })
    this.#hook.enable()
  }

  /** @param {number} execution */
  #beforeExecution (execution) {
    this.#check()
    const slots = this.#slots
    if (!slots) return
    if (slots[0] === 0) slots[1] = 0 // 0 is any execution that Node does not number
    this.#setSlot(execution, this.#current())
  }

  /**
   * @param {number} execution
   * @param {number | undefined} number
   */
  #setSlot (execution, number) {
    const slots = /** @type {Int32Array} */ (this.#slots)
    const at = (execution & (SLOTS - 1)) * 2
    slots[at] = execution
    slots[at + 1] = number ?? 0
  }
}

/** @returns {Contexts | undefined} of this thread; undefined: nothing was profiled */
function sharedContexts () {
  return /** @type {any} */ (process)[STATE]
}

/** @returns {Contexts} of this thread */
function makeContexts () {
  const known = sharedContexts()
  if (known) return known
  const contexts = new Contexts()
  Object.defineProperty(process, STATE, { value: contexts })
  return contexts
}

/**
 * Labels reach this sampler from now on.
 * @param {Sampler} native that was started
 * @param {Warn} warn
 */
function connectLabels (native, warn) {
  makeContexts().connect(native, warn)
}

/** The sampler stops. */
function disconnectLabels () {
  sharedContexts()?.disconnect()
}

module.exports = { Contexts, makeContexts, connectLabels, disconnectLabels, sharedContexts }
