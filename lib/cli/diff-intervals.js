'use strict'

/** Messages about differences in how both sides of a comparison were sampled. */

const { formatInteger } = require('../common/format-number.js')
const { onlyOffheap } = require('../api/combine.js')

/** @typedef {import('../api/profile.js').Profile} Profile */
/** @typedef {import('../common/native.js').Source} Source */

/** @param {Source[]} sources @param {string} [kind] */
function intervalsOf (sources, kind) {
  return new Set(sources.filter(source => kind === undefined || source.kind === kind).map(source => source.interval))
}

/** @param {Source[]} sources */
function formatIntervals (sources) {
  const known = [...intervalsOf(sources)].filter(interval => interval > 0).sort((a, b) => a - b)
  if (known.length === 0) return 'unknown'
  const ends = known.length > 1 ? [known[0], known[known.length - 1]] : known
  return `${ends.map(formatInteger).join(' to ')} bytes`
}

/**
 * @param {Profile} difference
 * @returns {string | undefined} a message if the sides have different intervals
 */
function intervalsLine (difference) {
  const { sources } = difference
  const before = sources.filter(source => source.side === 'before')
  const after = sources.filter(source => source.side === 'after')
  const differ = ['heap', 'offheap'].some(kind => {
    const sets = [intervalsOf(before, kind), intervalsOf(after, kind)]
    return sets.every(set => set.size > 0) && [...sets[0], ...sets[1]].some(interval => sets.some(set => !set.has(interval)))
  })
  return differ ? `sampling intervals differ: ${formatIntervals(before)} before, ${formatIntervals(after)} after; the errors include that` : undefined
}

/**
 * @param {Profile} before
 * @param {Profile} after
 * @param {string} name of the side before
 * @returns {string | undefined} a message if only one side sampled off-heap memory
 */
function offheapLine (before, after, name) {
  const side = onlyOffheap(before, after)
  return side && `off-heap memory omitted: only ${side === 'before' ? name : 'the profile after'} includes it`
}

/** Runs whose durations differ by more than this factor are reported. */
const MAX_DURATION_RATIO = 2
/** Shorter runs vary too much to be compared. */
const SHORT_RUN_MS = 2000

/** @param {Profile} profile @returns {number} its number of processes; 0: unknown */
function processesOf (profile) {
  const { pid = '' } = profile.meta
  return pid ? pid.split('; ').length / Number(profile.meta.runs ?? 1) : 0
}

/**
 * @param {Profile} before
 * @param {Profile} after
 * @returns {string | undefined} a message if one side ran longer or had more processes
 */
function durationsLine (before, after) {
  const lengths = [before, after].map(side => Number(side.meta.duration_ms ?? 0))
  const processes = [processesOf(before), processesOf(after)]
  const parts = []
  if (Math.min(...lengths) > 0 && Math.max(...lengths) > Math.max(SHORT_RUN_MS, MAX_DURATION_RATIO * Math.min(...lengths))) {
    parts.push(lengths.map(ms => `${(ms / 1000).toFixed(1)} s`))
  }
  if (Math.min(...processes) > 0 && processes.every(Number.isInteger) && processes[0] !== processes[1]) {
    parts.push(processes.map(count => `${count} process${count > 1 ? 'es' : ''}`))
  }
  if (parts.length === 0) return undefined
  return `the runs differ: ${parts.map(part => part[0]).join(' and ')} before, ${parts.map(part => part[1]).join(' and ')} after`
}

module.exports = { intervalsLine, offheapLine, durationsLine }
