'use strict'

/** Processes that ended without a capture. */

/** Maximum processes that are named; the others are counted. */
const MAX_NAMED = 8

class LostProcesses {
  /** @type {string[]} */
  #named = []
  #unnamed = 0
  #killedNote = false

  /**
   * @param {number} pid
   * @param {string} command
   * @param {import('./child-process.js').End} [end] undefined: not our child
   */
  add (pid, command, end) {
    if (end?.signal) this.#killedNote = true
    this.#add(pid, command, describeEnd(end))
  }

  /**
   * @param {number} pid
   * @param {string} command
   * @param {string} how it ended
   */
  #add (pid, command, how) {
    if (this.#named.length === MAX_NAMED) this.#unnamed++
    else this.#named.push(`${require('./merge-threads.js').processRoot({ pid, command })} ${how}`)
  }

  /**
   * Adds a process whose preload never began: it was killed while Node started, or Node refused its options.
   * @param {number} pid
   * @param {string} command
   */
  addUnstarted (pid, command) {
    this.#add(pid, command, 'ended before its sampling began')
  }

  get any () {
    return this.#named.length > 0
  }

  /** @returns {boolean} whether there is at most one */
  get atMostOne () {
    return this.#named.length <= 1
  }

  /** @returns {string | undefined} how the only one was killed, if it was */
  get killedNote () {
    return this.atMostOne && this.#killedNote ? this.#named[0] : undefined
  }

  /** @returns {string[]} a line for each named process, and one for the others */
  lines () {
    const named = this.#named.map(text => `${text}: not in this profile`)
    if (this.#unnamed === 0) return named
    return [...named, `${this.#unnamed} more ${this.#unnamed > 1 ? 'processes' : 'process'} ended and left no capture: not in this profile`]
  }
}

/** @param {import('./child-process.js').End} [end] */
function describeEnd (end) {
  if (end?.signal) return `was killed by ${end.signal} before its first checkpoint`
  return `ended${end ? ` with status ${end.code}` : ''} and left no capture`
}

module.exports = { LostProcesses }
