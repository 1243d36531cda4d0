'use strict'

/** Queries of profiles for the command line and for limits. */

const binding = require('../common/native.js')
const { internals } = require('./profile.js')

/** @typedef {import('./profile.js').Profile} Profile */

/**
 * Marks a profile for one last merge or difference, which then takes less memory.
 * @param {Profile} profile its stacks can no longer be read
 */
function consume (profile) {
  binding.core().consume(internals.handle(profile))
}

/**
 * Measures an output, before gzip.
 * @param {Profile} profile
 * @param {string} format
 * @param {import('./validate-write-options.js').WriteOptions} options
 * @param {number} max
 * @returns {Promise<number>} bytes, or any number above `max`
 */
function measure (profile, format, options, max) {
  return binding.core().measure(internals.handle(profile), format, internals.writerOptions(profile, options), max)
}

/**
 * Stacks with negative values, which some formats cannot show.
 * @param {Profile} profile
 * @param {string} type
 */
function losses (profile, type) {
  return binding.core().losses(internals.handle(profile), internals.typeOr(profile, type))
}

/**
 * Checks a total (in a difference that of the side after) against a limit.
 * @param {Profile} profile
 * @param {string} type
 * @param {number} max
 */
function judgeTotal (profile, type, max) {
  return binding.core().judge(internals.handle(profile), internals.typeOr(profile, type), max)
}

/**
 * Checks the growth of a difference's total against a limit.
 * @param {Profile} profile
 * @param {string} type
 * @param {number} percent
 */
function judgeGrowth (profile, type, percent) {
  return binding.core().judgeGrowth(internals.handle(profile), internals.typeOr(profile, type), percent)
}

module.exports = { consume, measure, losses, judgeTotal, judgeGrowth }
