'use strict'

const { STATUS, CliError } = require('../errors.js')
const { Profile } = require('../profile.js')
const { planOutputs } = require('./outputs.js')
const { readAll, writeAll } = require('./report.js')
const { transform, unknownType, openFile } = require('./run.js')

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
  const [before, after] = [await readAll([files[0]], given.type, say), await readAll([files[1]], given.type, say)]
  const type = given.type ?? after.defaultType
  const unknown = unknownType(type, before) ?? unknownType(type, after)
  if (unknown) throw new CliError(STATUS.USAGE, unknown)
  const both = await Profile.diff(before, after, { type, normalize: given.normalize })
  before.free()
  after.free()
  const values = { ...given, type }
  const profile = await transform(both, values)
  const named = planOutputs({ ...values, outDir: '.' }, 'diff')
  const outputs = named.named ? named.outputs : [{ format: 'listing', path: '-' }]
  const written = await writeAll(profile, outputs, values, say)
  const paths = written.map(output => output.path).filter(file => file !== '-')
  if (!values.quiet && paths.length > 0) say(`wrote ${paths.join(', ')}`)
  const svg = written.find(output => output.format === 'svg' && output.path !== '-')
  if (values.open && svg) openFile(svg.path, say)
  else if (values.open) say('--open: no flamegraph was written to a file; add --svg FILE')
  profile.free()
}

module.exports = { diff }
