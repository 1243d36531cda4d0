'use strict'

const path = require('node:path')
const { STATUS, CliError, reason } = require('../../common/errors.js')
const { FORMATS } = require('../../formats.js')
const { merged, ofRuns } = require('../../api/combine.js')
const { internals } = require('../../api/profile.js')
const { consume: consumeProfile } = require('../../api/queries.js')
const { workingFolder } = require('../../common/metadata.js')
const { readNameless } = require('../../api/read-profile.js')
const { rootsOf } = require('../../sources/files.js')
const { missingNote } = require('../missing-in-output.js')
const { planOutputs, undrawnNotes, writeOne } = require('../write-outputs.js')
const { applyFilters, unknownType, checkMaps, mapSources, openFile } = require('../apply-filters.js')

/** @typedef {import('../../api/profile.js').Profile} Profile */
/** @typedef {import('../apply-filters.js').Log} Log */

/** @param {string} file */
function nameOf (file) {
  return file === '-' ? 'stdin' : file || "''"
}

/** @param {import('../write-outputs.js').Output} output */
function nameOfOutput ({ path }) {
  return path === '-' ? 'stdout' : path
}

/**
 * @param {string} file
 * @param {unknown} error
 * @returns {CliError}
 */
function unreadable (file, error) {
  const { errno, code } = /** @type {{ errno?: string, code?: string }} */ (error)
  const absent = errno === 'ENOENT' || errno === 'ENOTDIR'
  const damaged = code === 'SHF_E_FORMAT' || code === 'SHF_E_LIMIT' || code === 'SHF_E_IO' || code === 'SHF_E_ABSENT'
  const status = absent ? STATUS.NO_INPUT : damaged ? STATUS.DATA : STATUS.INTERNAL
  return new CliError(status, `${nameOf(file)}: ${reason(error)}`)
}

/**
 * @param {string} file
 * @param {import('../../options.js').Values} values
 * @param {boolean} consume whether it becomes part of another profile
 * @returns {Promise<Profile>}
 */
async function readOne (file, { type, maxMemory }, consume) {
  try {
    const profile = await readNameless(file, { type, sourceMaps: false, maxMemory })
    if (consume) consumeProfile(profile)
    return profile
  } catch (error) {
    throw unreadable(file, error)
  }
}

/**
 * @param {string} types of a pprof with other types than ours: `cpu/nanoseconds taken for alloc_space, …`
 * @returns {string[]} types that are not read, or read as another type
 */
function convertedTypes (types) {
  const parts = types.split(', ').filter(part => / not read$| taken for \w+$/.test(part))
  return parts.map(part => part.replace(/ not read$/, ' is not read').replace(/ taken for (\w+)$/, ' is read as $1'))
}

/**
 * @param {string[]} parts at least one
 * @returns {string} about 300 characters of them, and the number of the others
 */
function clippedList (parts) {
  const MAX_CHARACTERS = 300
  let text = short(parts[0], MAX_CHARACTERS)
  let count = 1
  while (count < parts.length && text.length + parts[count].length < MAX_CHARACTERS) text += `, ${parts[count++]}`
  return count < parts.length ? `${text} and ${parts.length - count} more` : text
}

/**
 * @param {string} text
 * @param {number} max characters
 * @returns {string}
 */
function short (text, max) {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`
}

/**
 * Reads files in parallel on libuv's threads; messages appear in the order of files. With stdin, which
 * may never end, files are read one by one, so that a missing file is reported at once.
 * @param {string[]} files
 * @param {import('../../options.js').Values} values
 * @param {Log} log
 * @returns {Promise<Profile[]>}
 */
async function readEach (files, values, log) {
  const roots = readableRoots(files, values)
  const waiting = files.includes('-')
  /** @type {Promise<Profile>[]} */
  const reading = []
  for (const file of files) {
    const one = readOne(file, values, files.length > 1)
    // An earlier one may throw before this one is awaited.
    one.catch(() => {})
    reading.push(one)
    if (waiting) await one
  }
  const profiles = []
  for (const [index, one] of reading.entries()) {
    const profile = await one
    const { ignored, rounded, sample_types: types = '', remark } = profile.meta
    if (ignored) log(`${nameOf(files[index])}: skipped ${ignored}`)
    if (rounded) log(`${nameOf(files[index])}: rounded ${rounded}`)
    if (remark) log(`${nameOf(files[index])}: ${remark}`)
    const odd = convertedTypes(types)
    if (odd.length > 0) log(`${nameOf(files[index])}: ${clippedList(odd)}`)
    internals.confine(profile, roots)
    profiles.push(profile)
  }
  return profiles
}

/**
 * Files that a profile names may be read only in the profile's folder, the working folder and the
 * folders that the user named: the profile may be untrusted.
 * @param {string[]} files
 * @param {{ sourceMaps?: string, sourceRoot?: string[] }} values
 * @returns {string[]} real paths of folders
 */
function readableRoots (files, { sourceMaps, sourceRoot = [] }) {
  const beside = files.filter(file => file !== '-').map(file => path.dirname(path.resolve(file)))
  return rootsOf([...beside, ...sourceRoot, ...(sourceMaps === undefined ? [] : [sourceMaps])], workingFolder())
}

/**
 * Reports types that are not in all inputs; they are omitted in the sum.
 * @param {string[]} files
 * @param {Profile[]} profiles theirs
 * @param {Log} log
 */
function compareTypes (files, profiles, log) {
  const known = profiles.map(profile => profile.types)
  const all = [...new Set(known.flat())]
  const lost = all.filter(type => !known.every(types => types.includes(type)))
  if (lost.length === 0) return
  if (lost.length < all.length) return log(`omitted ${lost.join(', ')}: not in all inputs`)
  const other = known.findIndex(types => !known[0].some(type => types.includes(type)))
  const at = other < 0 ? 1 : other
  throw new CliError(STATUS.DATA, `${nameOf(files[0])} has ${known[0].join(', ') || 'no types'}, ${nameOf(files[at])} has ${known[at].join(', ') || 'no types'}: no common type to add up`)
}

/**
 * A difference, as diff --pprof writes it, can be shown but not merged or compared.
 * @param {string[]} files
 * @param {Profile[]} profiles theirs
 * @param {boolean} alone whether a single input may be a difference
 */
function checkDifferences (files, profiles, alone) {
  const at = profiles.findIndex(profile => profile.isDifference)
  if (at < 0 || (alone && profiles.length === 1)) return
  throw new CliError(STATUS.DATA, `${nameOf(files[at])} is a difference already; name the profiles that it was made from`)
}

/**
 * @param {string[]} files
 * @param {import('../../options.js').Values} values
 * @param {Log} log
 * @param {(profiles: Profile[]) => Promise<Profile>} join combines several profiles
 * @param {boolean} [alone] whether a single one may be a difference
 * @returns {Promise<Profile>} mapped to sources
 */
async function readJoined (files, values, log, join, alone = false) {
  checkMaps(values)
  const profiles = await readEach(files, values, log)
  checkDifferences(files, profiles, alone)
  compareTypes(files, profiles, log)
  const [first] = profiles
  const one = profiles.length === 1 ? first : await join(profiles)
  for (const profile of profiles) if (profile !== one) profile.free()
  await mapSources(one, values, log)
  return one
}

/**
 * @param {string[]} files
 * @param {import('../../options.js').Values} values
 * @param {Log} log
 * @returns {Promise<Profile>} all inputs merged
 */
function readAll (files, values, log) {
  return readJoined(files, values, log, profiles => merged(profiles.map(profile => ({ profile }))), true)
}

/**
 * @param {string[]} files runs of one program
 * @param {import('../../options.js').Values} values
 * @param {Log} log
 * @returns {Promise<Profile>} one profile that keeps them apart
 */
function readRuns (files, values, log) {
  return readJoined(files, values, log, ofRuns)
}

/**
 * Reads both sides of a difference in parallel, unless one is stdin: see readEach.
 * @param {{ before: string[], after: string[] }} sides
 * @param {import('../../options.js').Values} values
 * @param {Log} log
 * @returns {Promise<[Profile, Profile]>}
 */
async function readSides ({ before, after }, values, log) {
  if (before.includes('-') || after.includes('-')) return [await readRuns(before, values, log), await readRuns(after, values, log)]
  /** @type {string[]} */
  const count = []
  const other = readRuns(after, values, line => count.push(line))
  other.catch(() => {})
  const one = await readRuns(before, values, log)
  try {
    return [one, await other]
  } finally {
    count.forEach(line => log(line))
  }
}

/**
 * @param {Profile} profile
 * @param {string} format
 * @param {unknown} error
 * @returns {string}
 */
function writeErrorReason (profile, format, error) {
  const { code } = /** @type {{ code?: string }} */ (error)
  const { ofDifferences } = FORMATS.find(({ name }) => name === format) ?? {}
  if (profile.isDifference && !ofDifferences) return `--${format} cannot hold a difference`
  if (format === 'svg' && code === 'SHF_E_ARG') return 'SVG cannot show negative values; draw both sides with shap-flame diff BEFORE AFTER --svg FILE'
  return reason(error)
}

/**
 * @param {Profile} profile
 * @param {import('../write-outputs.js').Output[]} outputs
 * @param {import('../../options.js').Values} values
 * @param {Log} log
 * @returns {Promise<import('../write-outputs.js').Output[]>} those that were written; errors of the others are printed
 */
async function writeAll (profile, outputs, values, log) {
  /** @type {import('../write-outputs.js').Output[]} */
  const written = []
  for (const output of outputs) {
    try {
      await writeOne(profile, output, values)
    } catch (error) {
      // The reader closed the pipe, as `head` does.
      if (output.path === '-' && /** @type {{ errno?: string }} */ (error).errno === 'EPIPE') continue
      log(`cannot write ${nameOfOutput(output)}: ${writeErrorReason(profile, output.format, error)}`)
      process.exitCode = STATUS.CANNOT_WRITE
      continue
    }
    const missing = missingNote(profile, output.format, values.type)
    if (missing) log(`${nameOfOutput(output)}: ${missing}`)
    written.push(output)
  }
  return written
}

/**
 * `shap-flame report FILE... [options]`: converts profiles; several are merged.
 *
 * @param {{ values: import('../../options.js').Values, rest: string[] }} args
 * @param {Log} log
 */
async function report ({ values: given, rest: files }, log) {
  if (files.length === 0) throw new CliError(STATUS.USAGE, 'no input: shap-flame report FILE... (- is stdin); see --help')
  if (files.indexOf('-') !== files.lastIndexOf('-')) throw new CliError(STATUS.USAGE, '- given twice: stdin can be read only once')
  const merged = await readAll(files, given, log)
  const unknown = given.type && unknownType(given.type, merged)
  if (unknown) throw new CliError(STATUS.USAGE, unknown)
  if (files.length > 1 && !given.quiet) log(`the profile is the sum of ${files.length} inputs`)
  await present(merged, { ...given, type: given.type ?? (given.olderThan ? 'inuse_space' : merged.defaultType) }, log)
}

/**
 * Writes the named outputs, or a listing to stdout.
 * @param {Profile} given freed here
 * @param {import('../../options.js').Values} values
 * @param {Log} log
 */
async function present (given, values, log) {
  const profile = await applyFilters(given, values, log)
  const { githubSummary, benchmarkJson } = values
  // Loaded only if requested.
  if (githubSummary || benchmarkJson) process.exitCode = await require('../github-actions.js').writeForCi(profile, values, log)
  await writeNamed(profile, values, benchmarkJson === '-' ? [] : [{ format: 'listing', path: '-' }], log)
  profile.free()
}

/**
 * Writes the named outputs, or else `others`, and reports them.
 * @param {Profile} profile
 * @param {import('../../options.js').Values} values
 * @param {import('../write-outputs.js').Output[]} others
 * @param {Log} log
 */
async function writeNamed (profile, values, others, log) {
  const { named, outputs } = planOutputs({ ...values, outDir: '.' }, 'profile')
  const written = await writeAll(profile, named ? outputs : others, values, log)
  const paths = written.map(output => output.path).filter(file => file !== '-')
  if (!values.quiet && paths.length > 0) log(`wrote ${paths.join(', ')}`)
  if (!values.quiet) undrawnNotes(written, values).forEach(log)
  const svg = written.find(output => output.format === 'svg' && output.path !== '-')
  if (values.open && svg) openFile(svg.path, log)
  else if (values.open) log('--open: no flamegraph was written to a file; add --svg FILE')
}

module.exports = { report, readRuns, readSides, present, writeNamed }
