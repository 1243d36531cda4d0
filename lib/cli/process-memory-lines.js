'use strict'

const { human } = require('../common/format-number.js')

/** Columns of a line behind our name. */
const ROOM = 80 - 'shap-flame: '.length

/**
 * @param {string[]} parts
 * @returns {string[]} lines that are broken between parts only
 */
function wrap (parts) {
  /** @type {string[]} */
  const lines = []
  for (const part of parts) {
    const last = lines[lines.length - 1]
    if (last !== undefined && last.length + 1 + part.length <= ROOM) lines[lines.length - 1] = `${last} ${part}`
    else lines.push(lines.length > 0 ? `  ${part}` : part)
  }
  return lines
}

/**
 * Where the memory of the process was, as far as anybody counts it: what a profile of the heap
 * explains is seldom all.
 * @param {import('../api/profile.js').Profile} profile of whole processes, nothing left out
 * @param {number} processes
 * @returns {string[]} lines; none where the system did not tell
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
  const figure = value => human(value, 'inuse_space', rss).digits
  const { unit } = human(rss, 'inuse_space')
  const begun = bytes('rss_start')
  const known = profile.types.includes('inuse_space')
  const sampled = known ? profile.top(0, 'inuse_space').reduce((sum, row) => row.category === 'offheap' ? sum : sum + row.self.inuse_space, 0) : 0
  return wrap([
    processes > 1 ? `RSS of ${processes} processes, added up:` : 'RSS',
    ...(begun > 0 ? [`${figure(begun)} ${unit} at the start,`] : []),
    `${figure(bytes('rss_peak'))} ${unit} at its peak,`,
    `${figure(rss)} ${unit} at the end =`,
    `heap ${figure(heap)}${known ? ` (of it sampled ${figure(sampled)})` : ''}`,
    ...(offheap > 0 ? [`+ off-heap ${figure(offheap)}`] : []),
    `+ external, not sampled, ${figure(external)}`,
    `+ code ${figure(files)}`,
    native < 0 ? `- not in RAM ${figure(-native)}` : `+ other native ${figure(native)}`
  ])
}

module.exports = { memoryLines }
