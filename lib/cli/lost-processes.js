'use strict'

/** Processes that were sampled and ended before they left anything. */

/** So many are named; of more only the number is told. */
const NAMED = 8

class Vanished {
  /** @type {string[]} */
  #named = []
  #more = 0
  #killed = false

  /**
   * @param {number} pid
   * @param {string} command
   * @param {import('./child-process.js').End} [end] absent: it was the child of another
   */
  add (pid, command, end) {
    if (end?.signal) this.#killed = true
    if (this.#named.length === NAMED) this.#more++
    else this.#named.push(`${require('./merge-threads.js').processRoot({ pid, command })} ${how(end)}`)
  }

  get any () {
    return this.#named.length > 0
  }

  /** @returns {boolean} whether there is no more than one, which is then all that is to be told */
  get atMostOne () {
    return this.#named.length <= 1
  }

  /** @returns {string | undefined} what became of the one, where it was killed */
  get killed () {
    return this.atMostOne && this.#killed ? this.#named[0] : undefined
  }

  /** @returns {string[]} a line for each, but not for too many */
  lines () {
    const named = this.#named.map(text => `${text}: not in this profile`)
    if (this.#more === 0) return named
    return [...named, `${this.#more} more ${this.#more > 1 ? 'processes' : 'process'} ended and left no capture: not in this profile`]
  }
}

/** @param {import('./child-process.js').End} [end] */
function how (end) {
  if (end?.signal) return `was killed by ${end.signal} before its first checkpoint`
  return `ended${end ? ` with status ${end.code}` : ''} and left no capture`
}

module.exports = { Vanished }
