'use strict'

/** Messages about what an output cannot contain. */

const { formatInteger } = require('../common/format-number.js')
const { losses: lossesIn } = require('../api/queries.js')

/** @typedef {import('../api/profile.js').Profile} Profile */

/** Formats that cannot hold negative values, except in a difference. */
const WITHOUT_SIGNS = ['folded', 'speedscope']

/**
 * @param {Profile} profile
 * @param {string[]} types
 * @returns {string[]} the negative values of each type that has any
 */
function lossesOf (profile, types) {
  return types.flatMap(type => {
    const { stacks, sum } = lossesIn(profile, type)
    if (stacks === 0) return []
    const unit = type.endsWith('_space') ? 'bytes' : 'objects'
    return [`${formatInteger(stacks)} ${stacks === 1 ? 'stack with' : 'stacks with'} ${formatInteger(sum)} ${unit} of ${type}`]
  })
}

/**
 * @param {Profile} profile
 * @param {string} format
 * @param {string | undefined} type that is shown
 * @returns {string | undefined} what the output omits; undefined: nothing
 */
function missingNote (profile, format, type = profile.defaultType) {
  if (format === 'pprof') {
    const { lost = '' } = profile.meta
    const parts = [...new Set(lost.split('; '))].filter(Boolean)
    return parts.length > 0 ? `omitted ${parts.join(', ')} of the input` : undefined
  }
  if (!WITHOUT_SIGNS.includes(format) || profile.isDifference) return undefined
  const losses = lossesOf(profile, format === 'speedscope' ? profile.types : [type])
  return losses.length > 0 ? `omitted negative values: ${losses.join(', ')}` : undefined
}

module.exports = { missingNote }
