'use strict'

const { STATUS, CliError } = require('../../common/errors.js')
const { commonType, diff: differenceOf } = require('../../api/combine.js')
const { consume } = require('../../api/queries.js')
const { readSides, present } = require('./report.js')
const { offheapLine, durationsLine } = require('../diff-intervals.js')
const { unknownType } = require('../apply-filters.js')

/** @typedef {import('../apply-filters.js').Log} Log */

/**
 * @param {import('../../options.js').Values} values
 * @param {string[]} files
 * @returns {{ before: string[], after: string[] }} several files of a side are runs of one program
 */
function findSides ({ before, after }, files) {
  if (!before && !after && files.length === 2) return { before: [files[0]], after: [files[1]] }
  const oneSide = before || after
  if (before && after && files.length === 0) return { before, after }
  if (before && after) throw new CliError(STATUS.USAGE, `${files[0]}: neither before nor after; name files after --before or --after`)
  if (oneSide && files.length > 0) return { before: before ?? files, after: after ?? files }
  if (oneSide) throw new CliError(STATUS.USAGE, `--${before ? 'after' : 'before'} is missing: shap-flame diff --before FILE... --after FILE...`)
  throw new CliError(STATUS.USAGE, `diff takes two files, ${files.length} given: shap-flame diff BEFORE AFTER, or diff --before FILE... --after FILE...; see --help`)
}

/**
 * `shap-flame diff BEFORE AFTER [options]`: compares two profiles.
 *
 * @param {{ values: import('../../options.js').Values, rest: string[] }} args
 * @param {Log} log
 */
async function diff ({ values: given, rest: files }, log) {
  const sides = findSides(given, files)
  const all = [...sides.before, ...sides.after]
  if (all.indexOf('-') !== all.lastIndexOf('-')) throw new CliError(STATUS.USAGE, '- given twice: stdin can be read only once')
  const [before, after] = await readSides(sides, given, log)
  const type = given.type ?? (given.olderThan ? 'inuse_space' : commonType(before, after))
  const unknown = unknownType(type, before, 'the profile before') ?? unknownType(type, after, 'the profile after')
  if (unknown) throw new CliError(STATUS.USAGE, unknown)
  const offheapNote = offheapLine(before, after, 'the profile before')
  if (offheapNote) log(offheapNote)
  const durations = durationsLine(before, after)
  if (durations) log(durations)
  consume(before)
  consume(after)
  const both = await differenceOf(before, after, { type, normalize: given.normalize })
  before.free()
  after.free()
  await present(both, { ...given, type }, log)
}

module.exports = { diff }
