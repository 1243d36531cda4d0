'use strict'

const { Map, keys, mapGet, mapSet, newList } = require('../common/node-originals.js')

/** What a value counts as when there are too many different sets. */
const OTHER = '(other)'
/** Labels of a set that native code keeps. */
const MAX_LABELS = 16
/** Texts of labels whose set is known without asking native code. */
const MAX_CACHED = 4000

/**
 * @param {readonly string[]} all pairs, sorted by key
 * @param {readonly string[]} added
 * @returns {string[]} both, where `added` wins; sorted by key
 */
function merged (all, added) {
  /** @type {string[]} */
  const pairs = newList()
  for (let i = 0; i < all.length; i++) pairs[i] = all[i]
  for (let i = 0; i < added.length; i += 2) {
    const key = added[i]
    let at = pairs.length
    while (at > 0 && pairs[at - 2] >= key) at -= 2
    if (pairs[at] !== key) {
      for (let j = pairs.length - 1; j >= at; j--) pairs[j + 2] = pairs[j]
      pairs[at] = key
    }
    pairs[at + 1] = added[i + 1]
  }
  return pairs
}

/**
 * @param {readonly string[] | undefined} pairs
 * @param {string} key
 * @returns {string | undefined}
 */
function valueOf (pairs, key) {
  if (!pairs) return undefined
  for (let i = 0; i < pairs.length; i += 2) {
    if (pairs[i] === key) return pairs[i + 1]
  }
  return undefined
}

/**
 * What is reached by the labels of calls, one after the other: the quick way to a number.
 * @typedef {object} Step
 * @property {number} number of the set; -1: not known
 * @property {Map<string, Map<string, Step>>} next by key and value
 */

/** @returns {Step} */
function newStep () {
  return { number: -1, next: new Map() }
}

/** @param {readonly string[]} pairs @returns {string[]} the same keys with the value `(other)` */
function others (pairs) {
  /** @type {string[]} */
  const same = newList()
  for (let i = 0; i < pairs.length; i++) same[i] = i % 2 === 0 ? pairs[i] : OTHER
  return same
}

/**
 * Numbers of sets of labels. Native code has their texts, once for each set of the process; what is
 * kept here are copies of those, so that no text of the app is kept.
 */
class LabelSets {
  /** @param {import('../common/native.js').Sampler} native @param {import('./contexts.js').Warn} warn */
  constructor (native, warn) {
    this.native = native
    this.warn = warn
    this.full = this.long = false
    this.cached = 0
    /** @type {Map<string, number>} numbers of sets by the number below and the text of the pairs */
    this.numbers = new Map()
    /** @type {Step[]} by the number below; what is kept here are copies too */
    this.steps = newList()
    /** @type {string[][]} the pairs of each number that was met */
    this.pairs = newList()
    this.pairs[0] = newList()
  }

  /**
   * @param {number} below the set that `pairs` are added to; 0: none
   * @param {readonly string[]} pairs
   * @returns {number} 0 if there are no labels
   */
  add (below, pairs) {
    const text = this.#text(below, pairs)
    const known = mapGet(this.numbers, text)
    if (known !== undefined) return known
    const all = this.pairs[below]
    const number = this.#number(merged(all, pairs))
    if (number > 0 || (pairs.length === 0 && below === 0)) {
      this.#cache(below, pairs, number, text)
      return number
    }
    if (!this.full) this.warn('labels-full', 'there are more than 1,000 different sets of labels: further ones count as (other)')
    this.full = true
    return this.#number(merged(all, others(pairs)), true) || this.#number([OTHER, OTHER], true)
  }

  /**
   * The same for an app's labels, without making pairs of them.
   * @param {number} below
   * @param {Record<string, unknown>} labels
   * @returns {number} below 0: not known, add() them
   */
  find (below, labels) {
    let step = this.steps[below]
    const names = keys(labels)
    for (let i = 0; i < names.length && step; i++) {
      const value = labels[names[i]]
      const values = typeof value === 'string' ? mapGet(step.next, names[i]) : undefined
      step = values && mapGet(values, value)
    }
    return step ? step.number : -1
  }

  /**
   * @param {number} set
   * @param {string} key
   * @returns {boolean}
   */
  has (set, key) {
    return valueOf(this.pairs[set], key) !== undefined
  }

  /**
   * @param {number} set
   * @param {readonly string[]} keys
   * @returns {number} the set without the labels of these keys
   */
  without (set, keys) {
    const all = this.pairs[set]
    let has = false
    for (let i = 0; i < keys.length && !has; i++) has = valueOf(all, keys[i]) !== undefined
    if (!has) return set
    /** @type {string[]} */
    const rest = newList()
    for (let i = 0; i < all.length; i += 2) {
      let taken = false
      for (let j = 0; j < keys.length && !taken; j++) taken = all[i] === keys[j]
      if (taken) continue
      rest[rest.length] = all[i]
      rest[rest.length] = all[i + 1]
    }
    return this.#number(rest)
  }

  /**
   * Gives a label of all sets that have these labels another value.
   * @param {readonly string[]} pairs
   * @param {string} key
   * @param {string} value
   */
  rename (pairs, key, value) {
    for (let number = 1; number < this.pairs.length; number++) {
      const set = this.pairs[number]
      let same = set !== undefined
      for (let i = 0; i < pairs.length && same; i += 2) same = valueOf(set, pairs[i]) === pairs[i + 1]
      if (same && this.native.labelRename?.(number, merged(set, [key, value]))) {
        this.pairs[number] = /** @type {any} */ (this.native).labelTexts(number)
      }
    }
  }

  /**
   * @param {number} below
   * @param {readonly string[]} pairs
   */
  #text (below, pairs) {
    let text = `${below}`
    for (let i = 0; i < pairs.length; i++) text += `;${pairs[i].length}:${pairs[i]}`
    return text
  }

  /**
   * @param {readonly string[]} pairs a whole set
   * @param {boolean} [isOther] may be one of those beyond the limit
   * @returns {number} 0: there are too many
   */
  #number (pairs, isOther = false) {
    if (pairs.length === 0) return 0
    if (pairs.length > 2 * MAX_LABELS && !this.long) {
      this.long = true
      this.warn('labels-long', `there are more than ${MAX_LABELS} labels in a set: further ones are dropped`)
    }
    const number = this.native.labelSet?.(pairs, isOther) ?? 0
    if (number > 0 && !this.pairs[number]) this.pairs[number] = /** @type {any} */ (this.native).labelTexts(number)
    return number
  }

  /**
   * @param {number} below
   * @param {readonly string[]} pairs
   * @param {number} number
   * @param {string} text of the pairs
   */
  #cache (below, pairs, number, text) {
    if (this.cached >= MAX_CACHED) return
    // made of copies: what is cut off at 128 bytes is not cached
    /** @type {string[]} */
    const copies = newList()
    const set = this.pairs[number]
    for (let i = 0; i < pairs.length; i += 2) {
      let at = 0
      while (at < set.length && set[at] !== pairs[i]) at += 2
      if (at === set.length) return
      copies[i] = set[at]
      copies[i + 1] = set[at + 1]
    }
    const copy = this.#text(below, copies)
    if (copy !== text) return
    mapSet(this.numbers, copy, number)
    this.cached++
    this.#remember(below, copies, number)
  }

  /**
   * For find().
   * @param {number} below
   * @param {readonly string[]} pairs
   * @param {number} number
   */
  #remember (below, pairs, number) {
    let step = this.steps[below] ??= newStep()
    for (let i = 0; i < pairs.length; i += 2) {
      let values = mapGet(step.next, pairs[i])
      if (!values) mapSet(step.next, pairs[i], values = new Map())
      let following = mapGet(values, pairs[i + 1])
      if (!following) mapSet(values, pairs[i + 1], following = newStep())
      step = following
    }
    step.number = number
  }
}

module.exports = { LabelSets }
