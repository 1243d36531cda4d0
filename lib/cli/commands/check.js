'use strict'

const fs = require('node:fs')
const { STATUS, CliError, reason } = require('../../common/errors.js')
const { judge } = require('../../api/limits.js')
const { commonType, diff, merged, ofRuns } = require('../../api/combine.js')
const { workingFolder } = require('../../common/metadata.js')
const { CaptureFolder } = require('../capture-folder.js')
const { writeForCi, annotation, onGitHub } = require('../github-actions.js')
const { emptyReason } = require('../report-captures.js')
const { exitBySignal, cleanUpIfSignalled } = require('../exit-signal.js')
const { readRuns, writeNamed } = require('./report.js')
const { runTarget, findTarget } = require('./run.js')
const { intervalsLine, offheapLine, durationsLine } = require('../diff-intervals.js')
const { stderr } = require('../stdio.js')
const { applyFilters, checkMaps, mapSources, unknownType } = require('../apply-filters.js')
const { checkLines, checkMarkdown } = require('../check-report.js')

/** @typedef {import('../../api/profile.js').Profile} Profile */
/** @typedef {import('../apply-filters.js').Log} Log */
/** @typedef {import('../../options.js').Values} Values */
/** @typedef {import('../../common/option-parsers.js').GivenLimit} Limit */

/** Default limit of growth in percent; runs of some size can resolve it. */
const GROWTH = 5

/**
 * @param {Values} values
 * @returns {Limit[]}
 */
function limitsOf ({ max = [], maxGrowth = [], baseline }) {
  const limits = [...max, ...maxGrowth]
  if (maxGrowth.length > 0 && !baseline) throw new CliError(STATUS.USAGE, '--max-growth needs --baseline FILE')
  if (limits.length > 0) return limits
  if (!baseline) throw new CliError(STATUS.USAGE, 'no limit given: use --max alloc_space=500M, or --baseline FILE with --max-growth 10%')
  return [{ maxGrowth: GROWTH, text: `${GROWTH}%` }]
}

/**
 * @param {Values} values
 * @returns {string} the file for --save-baseline
 */
function baselineFile ({ baseline = [] }) {
  if (baseline.length === 1) return baseline[0]
  throw new CliError(STATUS.USAGE, '--save-baseline needs one --baseline FILE, the file that it writes')
}

/**
 * @param {Values} values
 * @param {Log} log
 * @returns {Promise<Profile | undefined>} the baseline; undefined: none, or it is created later
 */
async function readBaseline (values, log) {
  const { baseline, saveBaseline } = values
  if (!baseline) return undefined
  const absent = baseline.find(file => file !== '-' && !fs.existsSync(file))
  if (absent === undefined) return readRuns(baseline, values, log)
  if (saveBaseline) return undefined
  throw new CliError(STATUS.NO_INPUT, `${absent}: no such file; create the baseline with --save-baseline`)
}

/**
 * @param {string[]} command
 * @param {Values} values
 * @param {Log} log
 * @returns {Promise<{ profile?: Profile, end?: import('../child-process.js').End, run?: number }>} all runs combined, or the
 *   end and number of a run that failed
 */
async function runAll (command, values, log) {
  const target = findTarget(command, true)
  checkMaps(values)
  /** @type {Profile[]} */
  const runs = []
  for (let i = 0; i < values.runs; i++) {
    const captures = new CaptureFolder()
    try {
      const { end } = await runTarget(target, values, captures, log)
      if (end.signal || end.code) return { end, run: i + 1 }
      const { profile, warnings, unreadable } = await captures.collect(values.type ?? 'alloc_space')
      for (const line of [...unreadable, ...warnings]) log(line)
      if (!profile) throw new CliError(STATUS.DATA, emptyReason(captures, end))
      runs.push(profile)
    } finally {
      captures.remove()
    }
  }
  const profile = runs.length === 1 ? runs[0] : await ofRuns(runs)
  for (const run of runs) if (run !== profile) run.free()
  await mapSources(profile, values, log)
  return { profile }
}

/**
 * @param {string[]} types
 * @param {Profile} profile
 * @param {Profile} [baseline]
 */
function checkTypes (types, profile, baseline) {
  for (const type of types) {
    const unknown = unknownType(type, profile)
    if (unknown) throw new CliError(STATUS.USAGE, unknown.replace('--type ', ''))
    const missing = baseline && unknownType(type, baseline)
    if (missing) throw new CliError(STATUS.DATA, `the baseline: ${missing.replace('--type ', '')}`)
  }
}

/**
 * @param {Profile} profile
 * @param {Limit[]} limits
 * @param {Values} values
 */
async function judgeAll (profile, limits, { type, strict }) {
  /** @type {import('../check-report.js').Result[]} */
  const results = []
  for (const { text, label, ...limit } of limits) {
    const where = label && (limit.where === undefined || profile.labels.includes(label.key)) ? { [label.key]: label.value } : limit.where
    results.push({ ...await judge(profile, { ...limit, where, type: limit.type ?? type ?? profile.defaultType }), text })
  }
  const passed = results.every(({ judgement }) => judgement === 'holds' || (judgement === 'unsure' && !strict))
  return { results, passed }
}

/**
 * @param {import('../../api/limits.js').Grower | undefined} grower
 * @returns {import('../../api/limits.js').Place | undefined} the app's nearest function, where the code can be changed
 */
function placeToFix (grower) {
  const at = grower?.caller ?? grower
  return at && /(^|[\\/])node_modules[\\/]/.test(at.file) ? grower?.path?.[0] ?? at : at
}

/**
 * @param {import('../check-report.js').Result[]} results
 * @param {boolean} passed
 * @param {Values} values
 * @param {Log} log
 */
function printResults (results, passed, { quiet }, log) {
  /** @param {import('../check-report.js').Result} result @param {string} message */
  const annotate = (result, message) => (
    annotation(result.judgement === 'exceeded' || !passed ? 'error' : 'warning', message, placeToFix(result.growers[0]))
  )
  const lines = checkLines(results, passed, { cwd: workingFolder(), quiet, ...(onGitHub() ? { annotate } : {}) })
  for (const { text, raw } of lines) {
    if (raw) stderr().write(`${text}\n`)
    else log(text)
  }
}

/**
 * @param {Profile} profile
 * @param {string} file
 * @param {Values} values
 * @param {Log} log
 */
async function save (profile, file, { quiet }, log) {
  try {
    await cleanUpIfSignalled(file, () => profile.write(file, { format: 'pprof' }))
    if (!quiet) log(`wrote the baseline ${file}`)
  } catch (error) {
    throw new CliError(STATUS.CANNOT_WRITE, `cannot write ${file}: ${reason(error)}`)
  }
}

/**
 * @param {Profile} profile
 * @param {Profile | undefined} baseline
 * @param {Limit[]} limits
 * @param {Values} values
 * @param {Log} log
 */
async function compare (profile, baseline, limits, values, log) {
  const type = values.type ?? (values.olderThan ? 'inuse_space' : undefined) ?? (baseline ? commonType(baseline, profile) : profile.defaultType)
  if (values.olderThan && limits.some(limit => limit.type?.startsWith('alloc'))) throw new CliError(STATUS.USAGE, '--older-than keeps only memory in use: give limits for inuse_space or inuse_objects')
  checkTypes([type, ...limits.map(limit => limit.type ?? type)], profile, baseline)
  const offheapNote = baseline && offheapLine(baseline, profile, 'the baseline')
  if (offheapNote) log(offheapNote)
  const durations = baseline && durationsLine(baseline, profile)
  if (durations && !values.quiet) log(durations)
  const made = baseline ? await diff(baseline, profile, { type }) : await merged([{ profile }])
  const both = await applyFilters(made, values, log)
  const judged = baseline ? limits : limits.filter(limit => limit.maxGrowth === undefined)
  const { results, passed } = await judgeAll(both, judged, values)
  const uneven = intervalsLine(both)
  if (uneven && !values.quiet) log(uneven)
  if (results.length > 0) printResults(results, passed, values, log)
  process.exitCode = await writeForCi(both, values, log, results.length > 0 ? checkMarkdown(results, passed) : '')
  await writeNamed(both, values, [], log)
  both.free()
  return passed
}

/**
 * @param {string[]} files runs of one program
 * @param {Values} values
 * @param {Log} log
 * @returns {Promise<Profile>}
 */
async function readChecked (files, values, log) {
  try {
    return await readRuns(files, values, log)
  } catch (error) {
    const [first] = files
    const script = /\.[cm]?[jt]s$/.test(first)
    const word = !/[./\\]/.test(first) && !fs.existsSync(first)
    if (!(script || word) || !(error instanceof CliError) || !error.message.startsWith(`${first}: `)) throw error
    throw new CliError(error.status, `${error.message}; to run it: shap-flame check [limits] -- ${script ? 'node ' : ''}${first}`)
  }
}

/**
 * `shap-flame check FILE... [limits]`, or `check [limits] -- command`: checks limits in CI.
 *
 * @param {{ values: Values, rest: string[], afterDashes: string[], dashes: boolean }} args
 * @param {Log} log
 */
async function check ({ values, rest: files, afterDashes, dashes }, log) {
  const limits = limitsOf(values)
  const file = values.saveBaseline ? baselineFile(values) : undefined
  if (dashes && files.length > 0) throw new CliError(STATUS.USAGE, `${files[0]}: give either files or a command after --`)
  if (dashes && afterDashes.length === 0) throw new CliError(STATUS.USAGE, 'no command after --: shap-flame check [limits] -- command; see --help')
  if (!dashes && files.length === 0) throw new CliError(STATUS.USAGE, 'nothing to check: shap-flame check FILE... [limits], or check [limits] -- command; see --help')
  if (!dashes && values.runs > 1) throw new CliError(STATUS.USAGE, '--runs repeats a command; with files, each FILE is one run')
  const baseline = await readBaseline(values, log)
  const { profile, end, run } = dashes ? await runAll(afterDashes, values, log) : { profile: await readChecked(files, values, log) }
  if (!profile) {
    const which = values.runs > 1 ? ` in run ${run} of ${values.runs}` : ''
    if (end?.signal) log(`the command was killed by ${end.signal}${which}; nothing was checked`)
    else log(`the command exited with status ${end?.code}${which}; nothing was checked`)
    if (end?.signal) return exitBySignal(end.signal)
    process.exitCode = end?.code ?? STATUS.INTERNAL
    return
  }
  const passed = await compare(profile, baseline, limits, values, log)
  if (passed && file) await save(profile, file, values, log)
  profile.free()
  baseline?.free()
  if (!passed) process.exitCode = STATUS.LIMIT
}

module.exports = { check }
