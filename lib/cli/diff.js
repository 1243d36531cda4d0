'use strict'

const { STATUS, CliError } = require('../errors.js')
const { Profile } = require('../profile.js')
const { readAll, present } = require('./report.js')
const { unknownType } = require('./run.js')

/** @typedef {import('./run.js').Say} Say */

/**
 * `shap-flame diff BEFORE AFTER [options]`: both in one picture, or one table.
 *
 * @param {{ values: import('../options.js').Values, rest: string[] }} args
 * @param {Say} say
 */
async function diff ({ values: given, rest: files }, say) {
  if (files.length !== 2) {
    throw new CliError(STATUS.USAGE, `diff takes two files, ${files.length} given: shap-flame diff BEFORE AFTER --svg FILE; --help tells more`)
  }
  const [before, after] = [await readAll([files[0]], given, say), await readAll([files[1]], given, say)]
  const type = given.type ?? after.defaultType
  const unknown = unknownType(type, before) ?? unknownType(type, after)
  if (unknown) throw new CliError(STATUS.USAGE, unknown)
  const both = await Profile.diff(before, after, { type, normalize: given.normalize })
  before.free()
  after.free()
  await present(both, { ...given, type }, say)
}

module.exports = { diff }
