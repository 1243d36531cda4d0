'use strict'

/** Who samples this thread: the native sampler, or node:inspector where that cannot be. */

const binding = require('./binding.js')
const { InspectorSampler } = require('./inspector-sampler.js')
const { oneLine } = require('./errors.js')

/** @typedef {import('./binding.js').Sampler} Sampler */

/** @type {Sampler | undefined} */
let current

/**
 * @param {{ joinsOthers?: boolean }} [options] `joinsOthers`: reads the samples of another sampler
 *   where one came first
 * @returns {Sampler}
 */
function inspectorSampler (options) {
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
    return { sampler: inspectorSampler(), instead: `${oneLine(/** @type {Error} */ (error).message)}; node:inspector samples instead` }
  }
}

/** @param {Sampler} sampler that was started */
function useSampler (sampler) {
  current = sampler
}

/** @returns {Sampler | undefined} the one that runs */
function currentSampler () {
  return current?.running() ? current : undefined
}

module.exports = { inspectorSampler, chooseSampler, useSampler, currentSampler }
