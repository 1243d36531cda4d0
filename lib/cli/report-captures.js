'use strict'

/** What becomes of captures when the app has ended. Loaded while it runs: nobody waits for it. */

const { STATUS, lineStart } = require('../common/errors.js')
const { workingFolder } = require('../common/metadata.js')
const { memoryLines } = require('./process-memory-lines.js')
const { planOutputs, withoutLarge, notDrawn, writeOutputs, makeOutputFolder, rescue } = require('./write-outputs.js')
const { hasColors } = require('./stdio.js')
const { topTables, summary, offheapLine } = require('./summary-table.js')
const { transform, mapSources, unknownType, openFile } = require('./apply-filters.js')

/** @typedef {import('./apply-filters.js').Say} Say */
/** @typedef {import('./capture-folder.js').Captures} Captures */

/**
 * @param {Captures} captures
 * @param {import('./child-process.js').End} end
 * @returns {string} why there is no profile
 */
function whyNothing (captures, { signal }) {
  const lost = captures.lost()
  if (lost) return `no profile: ${lost}`
  if (captures.failed()) return 'no profile: sampling did not start, see above'
  const killed = captures.killed()
  if (killed) return `no profile: ${killed}`
  if (signal) return `no profile: the command died of ${signal} and left no capture`
  if (captures.sampledAny()) return 'no profile: what was sampled left no capture'
  const managers = captures.leftOut()
  const only = managers.length > 0 ? ` but ${managers.join(', ')}, which ${managers.length > 1 ? 'are' : 'is'} left out` : ''
  return `no profile: the command ran no Node process that could be sampled${only}`
}

/**
 * Without a profile nothing that was asked for is written. A command that runs no Node is no
 * failure where nobody named an output: `npm --version`.
 *
 * @param {Captures} captures
 * @param {import('../options.js').Values} values
 * @returns {number} a status
 */
function statusOfNothing (captures, values) {
  if (captures.lost() || captures.failed() || captures.sampledAny()) return STATUS.DATA
  const asked = planOutputs(values, '').named || values.githubSummary || values.benchmarkJson !== undefined
  return asked ? STATUS.DATA : 0
}

/**
 * Makes the outputs of what the child left behind.
 *
 * @param {Captures} captures
 * @param {import('./child-process.js').End} end
 * @param {import('../options.js').Values} given
 * @param {{ stem: string, title: string }} names
 * @param {Say} say
 * @returns {Promise<number>} a status: 0 where all that could be written is
 */
async function report (captures, end, given, { stem, title }, say) {
  const { profile: merged, processes, threads, warnings, unreadable } = await captures.collect(given.type ?? 'alloc_space')
  unreadable.forEach(say)
  warnings.forEach(say)
  const managers = captures.leftOut()
  if (!merged) {
    const status = unreadable.length > 0 ? STATUS.DATA : statusOfNothing(captures, given)
    if (status !== 0 || !given.quiet) say(unreadable.length > 0 ? 'no profile: no capture could be read' : whyNothing(captures, end))
    return status
  }
  // A single capture's title is its own command line.
  const values = threads > 1 ? { ...given, title: given.title ?? title } : given
  if (!values.quiet && managers.length > 0) say(`left out: ${managers.join(', ')}`)
  const status = await deliver(merged, { processes, threads }, values, stem, say)
  return status || (captures.lostSnapshots() ? STATUS.CANNOT_WRITE : 0)
}

/**
 * Writes the outputs that were named, or the default ones, and tells the top.
 *
 * @param {import('../api/profile.js').Profile} merged freed here
 * @param {{ processes: number, threads: number }} counts
 * @param {import('../options.js').Values} values
 * @param {string} stem of the default files' names
 * @param {Say} say
 * @returns {Promise<number>} a status: 0 where all could be written
 */
async function deliver (merged, counts, values, stem, say) {
  const unknown = values.type && unknownType(values.type, merged)
  if (unknown) {
    say(`${unknown}; ${await rescue(merged, stem)}`)
    return STATUS.CANNOT_WRITE
  }
  await mapSources(merged, values, say)
  const outside = offheapLine(merged)
  const memory = values.quiet ? [] : memoryLines(merged, counts.processes)
  if (!values.quiet && merged.meta.limit_missed) say(merged.meta.limit_missed)
  const profile = await transform(merged, values, say)
  const { githubSummary, benchmarkJson } = values
  const asked = githubSummary || benchmarkJson !== undefined
  const status = asked ? await require('./github-actions.js').writeForCi(profile, values, say) : 0
  const { outputs: planned, named } = planOutputs(values, stem)
  const { outputs, leftOut } = named ? { outputs: planned, leftOut: [] } : await withoutLarge(profile, planned, values)
  const blocked = makeOutputFolder(values, named)
  const { written, failure } = blocked
    ? { written: [], failure: `${blocked}; ${await rescue(profile, stem)}` }
    : await writeOutputs(profile, outputs, values, stem)
  if (!values.quiet) {
    const files = written.map(output => output.path).filter(file => file !== '-')
    if (named && files.length > 0) say(`wrote ${files.join(', ')}`)
    if (!named) tellTop(profile, values.type, { ...counts, outside, memory }, files, say)
    leftOut.forEach(say)
    notDrawn(written, values).forEach(say)
  }
  if (failure) say(failure)
  const svg = written.find(output => output.format === 'svg' && output.path !== '-')
  if (values.open && svg) openFile(svg.path, say)
  else if (values.open) say('--open: no flamegraph was written to a file; add --svg FILE')
  profile.free()
  return failure ? STATUS.CANNOT_WRITE : status
}

/**
 * @param {import('../api/profile.js').Profile} profile
 * @param {string | undefined} type that was asked for
 * @param {{ processes: number, threads: number, outside: string | undefined, memory: string[] }} told above the tables
 * @param {string[]} files that were written
 * @param {Say} say
 */
function tellTop (profile, type, told, files, say) {
  summary(profile, type ?? profile.defaultType, told).forEach(say)
  if (told.outside) say(told.outside)
  told.memory.forEach(say)
  const { stderr } = process
  const tables = topTables(profile, type, { cwd: workingFolder(), color: hasColors(stderr), columns: stderr.columns })
  const parts = [...tables, files.map(file => `  ${lineStart(file)}`)].filter(part => part.length > 0)
  stderr.write(parts.map(part => `\n${part.join('\n')}\n`).join(''))
}

module.exports = { report, deliver, whyNothing }
