'use strict'

const { STATUS, CliError } = require('../../common/errors.js')
const { Profile } = require('../../api/profile.js')
const { readSides, present } = require('./report.js')
const { offheapLine, worksLine } = require('../diff-intervals.js')
const { unknownType } = require('../apply-filters.js')

/** @typedef {import('../apply-filters.js').Say} Say */

/**
 * @param {import('../../options.js').Values} values
 * @param {string[]} files
 * @returns {{ before: string[], after: string[] }} several are runs of one program
 */
function findSides ({ before, after }, files) {
  if (!before && !after && files.length === 2) return { before: [files[0]], after: [files[1]] }
  const asked = before || after
  if (before && after && files.length === 0) return { before, after }
  if (before && after) throw new CliError(STATUS.USAGE, `${files[0]}: neither before nor after; name files behind --before or --after`)
  if (asked && files.length > 0) return { before: before ?? files, after: after ?? files }
  if (asked) throw new CliError(STATUS.USAGE, `--${before ? 'after' : 'before'} is missing: shap-flame diff --before FILE... --after FILE...`)
  throw new CliError(STATUS.USAGE, `diff takes two files, ${files.length} given: shap-flame diff BEFORE AFTER, or diff --before FILE... --after FILE...; --help tells more`)
}

/**
 * `shap-flame diff BEFORE AFTER [options]`: both in one picture, or one table.
 *
 * @param {{ values: import('../../options.js').Values, rest: string[] }} args
 * @param {Say} say
 */
async function diff ({ values: given, rest: files }, say) {
  const sides = findSides(given, files)
  const all = [...sides.before, ...sides.after]
  if (all.indexOf('-') !== all.lastIndexOf('-')) throw new CliError(STATUS.USAGE, '- twice: stdin can be read once only')
  const [before, after] = await readSides(sides, given, say)
  const type = given.type ?? Profile.commonType(before, after)
  const unknown = unknownType(type, before, 'what was before') ?? unknownType(type, after, 'what came after')
  if (unknown) throw new CliError(STATUS.USAGE, unknown)
  const heapOnly = offheapLine(before, after, 'what was before')
  if (heapOnly) say(heapOnly)
  const works = worksLine(before, after)
  if (works) say(works)
  Profile.spend(before)
  Profile.spend(after)
  const both = await Profile.diff(before, after, { type, normalize: given.normalize })
  before.free()
  after.free()
  await present(both, { ...given, type }, say)
}

module.exports = { diff }
