'use strict'

const path = require('node:path')
const { groupByProcess, mergeAll, mergeAndFree, mergeThreads, processRoot } = require('./merge-threads.js')

/**
 * @typedef {import('./merge-threads.js').Capture} Capture
 * @typedef {import('../api/profile.js').Profile} Profile
 */

/** Maximum processes with a root of their own; later ones share one for each program. */
const ROOTS = 64
/** Profiles that are merged at a time. */
const BATCH = 16

/** @param {readonly Capture[]} captures @param {number} seen @returns {string} */
function rootOf (captures, seen) {
  const [first] = captures
  if (seen < ROOTS) return processRoot(first)
  const program = first.profile.meta.entry
  return `more processes (${program ? `node ${path.basename(program)}` : 'node'})`
}

/** Merges the captures of processes as they exit. */
class ProcessMerger {
  processes = 0
  threads = 0
  /** @type {{ captures: Capture[], root: string }[]} */
  #waiting = []
  /** @type {Profile | undefined} */
  #merged

  /** @param {Capture[]} captures all of one process */
  async add (captures) {
    this.#waiting.push({ captures, root: rootOf(captures, this.processes) })
    this.processes++
    this.threads += captures.length
    if (this.#waiting.length >= BATCH) this.#merged = await this.#merge()
  }

  async #merge () {
    const inputs = await Promise.all(this.#waiting.map(async ({ captures, root }) => ({ profile: await mergeThreads(captures), root })))
    this.#waiting = []
    return mergeAndFree(this.#merged ? [...inputs, { profile: this.#merged, root: '' }] : inputs)
  }

  /**
   * @param {Capture[]} captures of the remaining processes
   * @returns {Promise<{ profile: Profile | undefined, processes: number, threads: number }>}
   */
  async finish (captures) {
    const remaining = groupByProcess(captures)
    this.processes += remaining.length
    this.threads += captures.length
    this.#waiting.unshift(...remaining.map(own => ({ captures: own, root: processRoot(own[0]) })))
    const { processes, threads } = this
    if (processes === 0) return { profile: undefined, processes, threads }
    // A lone process needs no root.
    const profile = processes > 1 ? await this.#merge() : await mergeAll([this.#waiting[0].captures])
    return { profile, processes, threads }
  }
}

module.exports = { ProcessMerger }
