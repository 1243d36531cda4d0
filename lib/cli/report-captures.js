'use strict'

/** Makes the outputs when the app has exited. Loaded while it runs, so that nobody waits. */

const { STATUS, lineStart } = require('../common/errors.js')
const { workingFolder } = require('../common/metadata.js')
const { memoryLines } = require('./process-memory-lines.js')
const { planOutputs, dropLarge, undrawnNotes, writeOutputs, makeOutputFolder, saveInTemp } = require('./write-outputs.js')
const { hasColors } = require('./stdio.js')
const { topTables, summary, offheapLine } = require('./summary-table.js')
const { internals } = require('../api/profile.js')
const { applyFilters, mapSources, unknownType, openFile } = require('./apply-filters.js')

/** @typedef {import('./apply-filters.js').Log} Log */
/** @typedef {import('./capture-folder.js').CaptureFolder} CaptureFolder */

/**
 * @param {CaptureFolder} captures
 * @param {import('./child-process.js').End} end
 * @returns {string} why there is no profile
 */
function emptyReason (captures, { signal }) {
  const readFailure = captures.readFailure()
  if (readFailure) return `no profile: ${readFailure}`
  if (captures.failed()) return 'no profile: sampling did not start, see above'
  const killedNote = captures.killedNote()
  if (killedNote) return `no profile: ${killedNote}`
  if (signal) return `no profile: the command was killed by ${signal} and left no capture`
  if (captures.sampledAny()) return 'no profile: the sampled processes left no capture'
  const managers = captures.excludedManagers()
  const only = managers.length > 0 ? ` (${managers.join(', ')} ${managers.length > 1 ? 'are' : 'is'} not profiled)` : ''
  return `no profile: the command started no Node process that could be sampled${only}`
}

/**
 * The exit status without a profile: a command that starts no Node, as `npm --version`, fails only if an
 * output was named.
 *
 * @param {CaptureFolder} captures
 * @param {import('../options.js').Values} values
 * @returns {number} a status
 */
function emptyStatus (captures, values) {
  if (captures.readFailure() || captures.failed() || captures.sampledAny()) return STATUS.DATA
  const asked = planOutputs(values, '').named || values.githubSummary || values.benchmarkJson !== undefined
  return asked ? STATUS.DATA : 0
}

/**
 * Merges the captures and writes the outputs.
 *
 * @param {CaptureFolder} captures
 * @param {import('./child-process.js').End} end
 * @param {import('../options.js').Values} given
 * @param {{ stem: string, title: string }} names
 * @param {Log} log
 * @returns {Promise<number>} an exit status: 0 if everything was written
 */
async function report (captures, end, given, { stem, title }, log) {
  const { profile: merged, processes, threads, warnings, unreadable } = await captures.collect(given.type ?? 'alloc_space')
  unreadable.forEach(log)
  warnings.forEach(log)
  const managers = captures.excludedManagers()
  if (!merged) {
    const status = unreadable.length > 0 ? STATUS.DATA : emptyStatus(captures, given)
    if (status !== 0 || !given.quiet) log(unreadable.length > 0 ? 'no profile: no capture could be read' : emptyReason(captures, end))
    return status
  }
  // A single capture contains its own command line.
  const values = threads > 1 ? { ...given, title: given.title ?? title } : given
  if (!values.quiet && managers.length > 0) log(`not profiled: ${managers.join(', ')}`)
  const status = await writeResults(merged, { processes, threads }, values, stem, log)
  return status || (captures.snapshotsFailed() ? STATUS.CANNOT_WRITE : 0)
}

/**
 * What lacks its lines. Fewer than one sample in a thousand are not worth a word.
 * @param {string | undefined} lines
 */
function notable (lines = '') {
  return lines.split('; ').filter(item => {
    const [, without, samples] = /^(\d+) of (\d+) samples without lines$/.exec(item) ?? []
    return samples === undefined || Number(without) >= Math.floor(Number(samples) / 1000)
  }).join('; ')
}

/**
 * Writes the named or default outputs, and prints the top functions.
 *
 * @param {import('../api/profile.js').Profile} merged freed here
 * @param {{ processes: number, threads: number }} counts
 * @param {import('../options.js').Values} values
 * @param {string} stem of the default files' names
 * @param {Log} log
 * @returns {Promise<number>} an exit status: 0 if everything was written
 */
async function writeResults (merged, counts, values, stem, log) {
  const unknown = values.type && unknownType(values.type, merged)
  if (unknown) {
    log(`${unknown}; ${await saveInTemp(merged, stem)}`)
    return STATUS.CANNOT_WRITE
  }
  await mapSources(merged, values, log)
  const offheap = offheapLine(merged)
  const memory = values.quiet ? [] : memoryLines(merged, counts.processes)
  const { limit_missed: missed, limit_labels: labels, limit_types: types, lines } = merged.meta
  if (!values.quiet) [missed, labels, types, notable(lines)].forEach(limit => limit && log(limit))
  const profile = await applyFilters(merged, values, log)
  const { githubSummary, benchmarkJson } = values
  const asked = githubSummary || benchmarkJson !== undefined
  const status = asked ? await require('./github-actions.js').writeForCi(profile, values, log) : 0
  const { outputs: planned, named } = planOutputs(values, stem)
  const { outputs, dropped } = named ? { outputs: planned, dropped: [] } : await dropLarge(profile, planned, values)
  const blocked = makeOutputFolder(values, named)
  const { written, failure } = blocked
    ? { written: [], failure: `${blocked}; ${await saveInTemp(profile, stem)}` }
    : await writeOutputs(profile, outputs, values, stem)
  if (!values.quiet) {
    const files = written.map(output => output.path).filter(file => file !== '-')
    if (named && files.length > 0) log(`wrote ${files.join(', ')}`)
    if (!named) printTop(profile, values.type, { ...counts, offheap, memory }, files, log)
    dropped.forEach(log)
    undrawnNotes(written, values).forEach(log)
  }
  if (!values.quiet) internals.leaks(profile, workingFolder()).forEach(log)
  if (failure) log(failure)
  const svg = written.find(output => output.format === 'svg' && output.path !== '-')
  if (values.open && svg) openFile(svg.path, log)
  else if (values.open) log('--open: no flamegraph was written to a file; add --svg FILE')
  profile.free()
  return failure ? STATUS.CANNOT_WRITE : status
}

/**
 * @param {import('../api/profile.js').Profile} profile
 * @param {string | undefined} type that was asked for
 * @param {{ processes: number, threads: number, offheap: string | undefined, memory: string[] }} details printed above the tables
 * @param {string[]} files that were written
 * @param {Log} log
 */
function printTop (profile, type, details, files, log) {
  summary(profile, type ?? profile.defaultType, details).forEach(log)
  if (details.offheap) log(details.offheap)
  details.memory.forEach(log)
  const { stderr } = process
  const tables = topTables(profile, type, { cwd: workingFolder(), color: hasColors(stderr), columns: stderr.columns })
  const parts = [...tables, files.map(file => `  ${lineStart(file)}`)].filter(part => part.length > 0)
  stderr.write(parts.map(part => `\n${part.join('\n')}\n`).join(''))
}

module.exports = { report, writeResults, emptyReason }
