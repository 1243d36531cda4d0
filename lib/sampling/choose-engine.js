'use strict'

/**
 * Chooses the engine: the native sampler, or node:inspector where its binary does not load. Every
 * process and thread of a profiled app loads this file, so it requires little.
 */

const { threadId } = require('node:worker_threads')
const binding = require('../common/native.js')
const { oneLine } = require('../common/errors.js')

/** @typedef {import('../common/native.js').Sampler} Sampler */

/** @type {Sampler | undefined} */
let current

/**
 * @param {{ sharesForeign?: boolean }} [options] `sharesForeign`: uses the samples of another sampler
 *   that is already running
 * @returns {Sampler}
 */
function inspectorSampler (options) {
  const { InspectorSampler } = require('../inspector/own-realm.js').loadSampler()
  return new InspectorSampler(options)
}

/**
 * @param {string} [engine] `native` or `inspector`; undefined: native if it loads
 * @returns {{ sampler: Sampler, instead?: string }} `instead`: why it is not native
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
 * @returns {number} bytes of ArrayBuffers in this thread, as Node counts them
 */
function arrayBuffers () {
  try {
    return process.memoryUsage().arrayBuffers
  } catch {
    return 0
  }
}

/**
 * Starts V8's sampler for allocations and live memory. Where V8 cannot tell live samples apart and an
 * in-use type is requested, it samples live memory only.
 *
 * @param {Sampler} sampler
 * @param {{ interval: number, depth: number, maxMemory: number, offheap: boolean, lines?: boolean, types?: number }} given
 * @param {string} [type] that will be shown
 * @returns {string | undefined} which types are not reported, and why
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
 * @returns {string | undefined} why off-heap memory is not sampled, if it was requested
 */
function offheapNote (sampler) {
  const why = sampler.offheapReason()
  return why ? `Buffers and ArrayBuffers are not sampled: ${why}` : undefined
}

/** @param {Sampler} sampler that was started */
function useSampler (sampler) {
  current = sampler
}

/** @returns {Sampler | undefined} the running sampler */
function currentSampler () {
  return current?.running() ? current : undefined
}

module.exports = { inspectorSampler, chooseSampler, startSampler, offheapNote, useSampler, currentSampler }
