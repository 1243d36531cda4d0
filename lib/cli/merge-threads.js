'use strict'

/** Reads captures of threads, and merges them by process. */

const path = require('node:path')
const binding = require('../common/native.js')
const { oneLine } = require('../common/errors.js')
const { formatWithError } = require('../common/format-number.js')
const { Profile } = require('../api/profile.js')
const { merged } = require('../api/combine.js')

const LABEL_COLUMNS = 60

/**
 * @typedef {object} Capture
 * @property {Profile} profile
 * @property {number} pid
 * @property {number} thread 0 is the main thread
 * @property {string} command
 */

/**
 * @param {string | Buffer} from a file, or its content
 * @param {string} type
 * @returns {Promise<Capture>}
 */
async function readCapture (from, type) {
  const core = binding.core()
  const handle = await (typeof from === 'string' ? core.fromCaptureFile(from) : core.fromCapture(from))
  const profile = new Profile(handle, { type })
  const { pid, thread, command = '' } = profile.meta
  return { profile, pid: Number(pid), thread: Number(thread), command }
}

const TOP = 3

/**
 * @param {Capture} capture
 * @param {boolean} alive
 * @returns {string[]} a message if the thread did not exit normally; else empty
 */
function describeInterrupted ({ profile, pid, thread }, alive) {
  const { state, time_ms: time } = profile.meta
  const who = thread === 0 ? `process ${pid}` : `worker ${thread} of process ${pid}`
  if (state === 'running') {
    return [`${who} ${alive ? 'did not return to its event loop' : 'was killed'}: using its checkpoint of ${new Date(Number(time)).toISOString()}`]
  }
  if (state !== 'heap limit') return []
  const type = profile.types.includes('inuse_space') ? 'inuse_space' : 'alloc_space'
  const rows = profile.top(0, type).filter(row => row.category !== 'offheap') // not part of the heap
  const sum = rows.reduce((all, row) => all + row.self[type], 0)
  const error = Math.hypot(...rows.map(row => row.selfError[type]))
  const amount = formatWithError(sum, error, type)
  if (!(sum > 0)) return [`${who} reached its heap limit with nothing sampled ${type === 'inuse_space' ? 'in use' : ''}`.trimEnd()]
  const largest = rows.slice(0, TOP).filter((row, at) => at === 0 || row.self[type] > sum / 100).map(row => {
    const place = row.file ? ` (${path.basename(row.file)}${row.line > 0 ? `:${row.line}` : ''})` : ''
    return `${oneLine(row.name)}${place} ${Math.round(100 * row.self[type] / sum)}%`
  })
  return [`${who} reached its heap limit with ${amount} ${type === 'inuse_space' ? 'in use' : 'allocated'}: ${largest.join(', ')}`]
}

/**
 * @param {Capture[]} captures
 * @returns {Capture[][]} in order of pid, the main thread first in each
 */
function groupByProcess (captures) {
  /** @type {Map<number, Capture[]>} */
  const groups = new Map()
  const ordered = [...captures].sort((a, b) => a.pid - b.pid || a.thread - b.thread)
  for (const one of ordered) groups.set(one.pid, [...(groups.get(one.pid) ?? []), one])
  return [...groups.values()]
}

/**
 * Shortens a long command: folders first, because scripts and arguments tell processes apart.
 * @param {string} command
 * @returns {string} at most LABEL_COLUMNS characters
 */
function shortCommand (command) {
  if (command.length <= LABEL_COLUMNS) return command
  const short = command.replace(/(?<=^|[\s'])\/[^\s']*\//g, '…/')
  return short.length > LABEL_COLUMNS ? `${short.slice(0, LABEL_COLUMNS - 1)}…` : short
}

/**
 * @param {Pick<Capture, 'pid' | 'command'>} capture
 * @returns {string} `process 123 (node app.js)`
 */
function processRoot ({ pid, command }) {
  const short = shortCommand(command)
  return short ? `process ${pid} (${short})` : `process ${pid}`
}

/**
 * @param {Capture} capture
 * @returns {string}
 */
function threadRoot (capture) {
  return capture.thread === 0 ? processRoot(capture) : `worker ${capture.thread}`
}

/**
 * @param {{ profile: Profile, root: string }[]} inputs freed here
 * @returns {Promise<Profile>}
 */
async function mergeAndFree (inputs) {
  try {
    return await merged(inputs)
  } finally {
    for (const { profile } of inputs) profile.free()
  }
}

/**
 * With one process, each thread gets a root. With several, each process gets a root, and its workers
 * are below it.
 * @param {Capture[][]} processes at least one
 * @returns {Promise<Profile>}
 */
async function mergeAll (processes) {
  if (processes.length === 1) {
    const [threads] = processes
    if (threads.length === 1) return threads[0].profile
    return mergeAndFree(threads.map(one => ({ profile: one.profile, root: threadRoot(one) })))
  }
  const merged = await Promise.all(processes.map(async threads => ({
    profile: await mergeThreads(threads),
    root: processRoot(threads[0])
  })))
  return mergeAndFree(merged)
}

/**
 * @param {Capture[]} threads of one process
 * @returns {Promise<Profile>} the main thread's stacks without a root, those of each worker below one
 */
async function mergeThreads (threads) {
  if (threads.length === 1 && threads[0].thread === 0) return threads[0].profile
  return mergeAndFree(threads.map(one => ({ profile: one.profile, root: one.thread === 0 ? '' : threadRoot(one) })))
}

module.exports = { readCapture, describeInterrupted, groupByProcess, mergeAll, mergeAndFree, mergeThreads, processRoot }
