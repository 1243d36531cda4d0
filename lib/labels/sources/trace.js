'use strict'

/**
 * `--label trace`: OpenTelemetry's ids of the trace and of its first span in this process.
 *
 * The ids of traces have no end, but a process has 1,000 sets of labels. So these labels are examples:
 * of all traces while there are few, later of every second, fourth, eighth … by their id, so that every
 * process that a trace passes chooses the same. The memory of a chosen trace has its id from the trace's
 * begin to its end.
 *
 * OpenTelemetry enters its contexts by an AsyncLocalStorage. Where Node keeps contexts as frames,
 * `run()` calls `enterWith()`, which is ours: no frame of ours is on the app's stack.
 */

const { AsyncLocalStorage, Map, Object, Reflect, String, enterWith, exec, mapGet, mapSet, slice } = require('../../common/node-originals.js')

const API = Symbol.for('opentelemetry.js.api.1')
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN')
const KEYS = Object.freeze(['trace_id', 'span_id'])
const OTHER = Object.freeze(['span_id', '(other)', 'trace_id', '(other)'])
/** Traces of which all are examples; after that many, half as many of the next ones, and so on. */
const FIRST = 200
const MAX_TRACES = 400

/** @typedef {import('../contexts.js').Contexts} Contexts */

/** The traces that are examples. */
class Examples {
  /** @type {Map<string, readonly string[]>} labels by trace */
  #chosen = new Map()
  #count = 0
  /** One trace in so many is an example. */
  #every = 1
  #left = FIRST

  /**
   * @param {string} trace
   * @param {string} span
   * @returns {readonly string[]} its labels
   */
  labelsOf (trace, span) {
    const known = mapGet(this.#chosen, trace)
    if (known) return known
    // Its last digits are random.
    if (this.#count >= MAX_TRACES || parseInt(slice(trace, -6), 16) % this.#every !== 0) return OTHER
    const pairs = ['span_id', span, 'trace_id', trace]
    mapSet(this.#chosen, trace, pairs)
    this.#count++
    if (--this.#left === 0) {
      this.#every *= 2
      this.#left = Math.max(1, Math.ceil((MAX_TRACES - this.#count) / 2))
    }
    return pairs
  }
}

/**
 * @param {Contexts} contexts
 * @param {any} storage OpenTelemetry's AsyncLocalStorage
 * @param {Examples} examples
 * @returns {() => void} ends it
 */
function watchStorage (contexts, storage, examples) {
  const own = function (/** @type {any} */ store) {
    enterWith(storage, store)
    try {
      if (!contexts.isConnected()) return end()
      const ids = store?.getValue?.(SPAN)?.spanContext?.()
      contexts.replace(KEYS, ids ? examples.labelsOf(ids.traceId, ids.spanId) : [])
    } catch {
      // The app must not notice.
    }
  }
  const end = () => { Reflect.deleteProperty(storage, 'enterWith') }
  Object.defineProperty(storage, 'enterWith', { value: own, writable: true, configurable: true })
  return end
}

/**
 * Calls `seen` with the value of a property, now or when it is assigned.
 * @param {any} object
 * @param {PropertyKey} name
 * @param {(value: any) => void} seen must not throw
 * @returns {() => void} ends it
 */
function whenAssigned (object, name, seen) {
  if (object[name] !== undefined) {
    seen(object[name])
    return () => {}
  }
  let waits = true
  Object.defineProperty(object, name, {
    configurable: true,
    get: () => undefined,
    set (value) {
      waits = false
      Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true })
      seen(value)
    }
  })
  return () => { if (waits) Reflect.deleteProperty(object, name) }
}

/** @returns {boolean} whether Node's `run()` calls `enterWith()`, as it does where contexts are frames */
function runEnters () {
  return exec(/\.enterWith\(/, String(AsyncLocalStorage.prototype.run)) !== null
}

/**
 * @param {Contexts} contexts
 * @returns {() => void} ends it
 */
function startTrace (contexts) {
  if (!runEnters()) throw new Error('it needs Node 24, or 22 with --experimental-async-context-frame')
  const examples = new Examples()
  /** @type {(() => void)[]} */
  const ends = []
  ends.push(whenAssigned(globalThis, API, api => {
    ends.push(whenAssigned(api, 'context', manager => {
      const storage = manager._asyncLocalStorage
      if (typeof storage?.enterWith === 'function') ends.push(watchStorage(contexts, storage, examples))
    }))
  }))
  return () => { for (const end of ends) end() }
}

module.exports = { startTrace, Examples }
