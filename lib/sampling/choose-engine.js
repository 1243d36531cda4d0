'use strict'

/**
 * Who samples this thread: the native sampler, or node:inspector where that cannot be.
 * Every process and thread of a profiled app loads this file: it requires what it needs.
 */

const { threadId } = require('node:worker_threads')
const binding = require('../common/native.js')
const { oneLine } = require('../common/errors.js')

/** @typedef {import('../common/native.js').Sampler} Sampler */

/** @type {Sampler | undefined} */
let current

/**
 * @param {{ sharesForeign?: boolean }} [options] `sharesForeign`: reads the samples of another sampler
 *   where one came first
 * @returns {Sampler}
 */
function inspectorSampler (options) {
  const { InspectorSampler } = require('../inspector/sampler.js')
  return new InspectorSampler(options)
}

/**
 * @param {string} [engine] `native` or `inspector`; absent: the native one if it can be
 * @returns {{ sampler: Sampler, instead?: string }} `instead`: why it is not the native one
 */
function chooseSampler (engine) {
  if (engine === 'inspector') return { sampler: inspectorSampler() }
  try {
    return { sampler: binding.sampler() }
  } catch (error) {
    if (engine === 'native') throw error
    return { sampler: inspectorSampler(), instead: `${oneLine(/** @type {Error} */ (error).message)}; using node:inspector instead` }
  }
}

/**
 * What Node counts as memory of ArrayBuffers in this thread, before it is watched.
 * @returns {number} bytes
 */
function arrayBuffers () {
  try {
    return process.memoryUsage().arrayBuffers
  } catch {
    return 0
  }
}

/**
 * Starts V8's sampler for all allocations and for the live ones. Where the live
 * ones cannot be told apart and an in-use type is asked for, for them alone.
 *
 * @param {Sampler} sampler
 * @param {{ interval: number, depth: number, maxMemory: number, offheap: boolean }} given
 * @param {string} [type] that will be shown
 * @returns {string | undefined} which types cannot be told, and why, if so
 */
function startSampler (sampler, given, type) {
  const how = { ...given, arrayBuffers: given.offheap ? arrayBuffers() : 0 }
  sampler.start({ ...how, alloc: true, inuse: true, thread: threadId })
  if (sampler.liveness() !== 'none') return undefined
  const why = sampler.livenessReason()
  if (!type?.startsWith('inuse')) return `memory in use is not known here, only allocations: ${why}`
  sampler.stop()
  sampler.start({ ...how, alloc: false, inuse: true, thread: threadId })
  return `only memory in use is known here, not allocations: ${why}`
}

/**
 * @param {Sampler} sampler that was started
 * @returns {string | undefined} why off-heap memory is not counted, if it was asked for
 */
function offheapNote (sampler) {
  const why = sampler.offheapReason()
  return why ? `Buffers and ArrayBuffers are not sampled: ${why}` : undefined
}

/** @param {Sampler} sampler that was started */
function useSampler (sampler) {
  current = sampler
}

/** @returns {Sampler | undefined} the one that runs */
function currentSampler () {
  return current?.running() ? current : undefined
}

module.exports = { inspectorSampler, chooseSampler, startSampler, offheapNote, useSampler, currentSampler }
