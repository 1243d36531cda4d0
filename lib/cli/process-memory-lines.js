'use strict'

const { formatHuman } = require('../common/format-number.js')

/** Columns after the prefix. */
const MAX_COLUMNS = 80 - 'shap-flame: '.length

/**
 * @param {string[]} parts
 * @returns {string[]} lines, broken only between parts
 */
function wrap (parts) {
  /** @type {string[]} */
  const lines = []
  for (const part of parts) {
    const last = lines[lines.length - 1]
    if (last !== undefined && last.length + 1 + part.length <= MAX_COLUMNS) lines[lines.length - 1] = `${last} ${part}`
    else lines.push(lines.length > 0 ? `  ${part}` : part)
  }
  return lines
}

/**
 * Splits the RSS of the process into what is known of it; the heap is seldom all.
 * @param {import('../api/profile.js').Profile} profile of whole processes, before filters
 * @param {number} processes
 * @returns {string[]} lines; empty if the RSS is unknown
 */
function memoryLines (profile, processes) {
  const { meta } = profile
  /** @param {string} key */
  const bytes = key => Number(meta[`${key}_bytes`] ?? 0)
  const [rss, heap, offheap, files] = ['rss', 'heap', 'array_buffers', 'rss_files'].map(bytes)
  if (!(rss > 0 && heap > 0)) return []
  const external = Math.max(0, bytes('external') - offheap)
  const native = rss - heap - offheap - external - files
  /** @param {number} value */
  const digits = value => formatHuman(value, 'inuse_space', rss).digits
  const { unit } = formatHuman(rss, 'inuse_space')
  const begun = bytes('rss_start')
  const known = profile.types.includes('inuse_space')
  const sampled = known ? profile.top(0, 'inuse_space').reduce((sum, row) => row.category === 'offheap' ? sum : sum + row.self.inuse_space, 0) : 0
  return wrap([
    processes > 1 ? `RSS of ${processes} processes, added up:` : 'RSS',
    ...(begun > 0 ? [`${digits(begun)} ${unit} at the start,`] : []),
    `${digits(bytes('rss_peak'))} ${unit} at its peak,`,
    `${digits(rss)} ${unit} at the end =`,
    `heap ${digits(heap)}${known ? ` (of it sampled ${digits(sampled)})` : ''}`,
    ...(offheap > 0 ? [`+ off-heap ${digits(offheap)}`] : []),
    `+ external, not sampled, ${digits(external)}`,
    `+ code ${digits(files)}`,
    native < 0 ? `- not in RAM ${digits(-native)}` : `+ other native ${digits(native)}`
  ])
}

module.exports = { memoryLines }
