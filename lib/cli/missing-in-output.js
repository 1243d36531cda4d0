'use strict'

/** What of a profile is not in an output of it, for a line on stderr. */

const { formatInteger } = require('../common/format-number.js')
const { Profile } = require('../api/profile.js')

/** Formats that cannot hold a value below 0, outside of a difference. */
const WITHOUT_SIGNS = ['folded', 'speedscope']

/**
 * @param {Profile} profile
 * @param {string[]} types
 * @returns {string[]} the losses of each type that has any
 */
function lossesOf (profile, types) {
  return types.flatMap(type => {
    const { stacks, sum } = Profile.losses(profile, type)
    if (stacks === 0) return []
    const unit = type.endsWith('_space') ? 'bytes' : 'objects'
    return [`${formatInteger(stacks)} ${stacks === 1 ? 'stack with' : 'stacks with'} ${formatInteger(sum)} ${unit} of ${type}`]
  })
}

/**
 * @param {Profile} profile
 * @param {string} format
 * @param {string | undefined} type that is shown
 * @returns {string | undefined} what the format has not: undefined where it has all
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
