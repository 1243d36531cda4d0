'use strict'

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const binding = require('../binding.js')
const { STATUS, CliError, reason, oneLine } = require('../errors.js')
const { figure } = require('../figures.js')
const { Profile } = require('../profile.js')

const EXTENSION = '.shfc'
const LABEL_COLUMNS = 60

/**
 * @typedef {object} Collected
 * @property {Profile | undefined} profile of all captures together; absent where there is none
 * @property {number} processes
 * @property {number} threads of all processes, main threads included
 * @property {string[]} warnings a line for each process that did not come to its end
 * @property {string[]} unreadable a line for each capture that could not be read
 */

/**
 * @typedef {object} Capture
 * @property {Profile} profile
 * @property {number} pid
 * @property {number} thread 0 is the main thread
 * @property {string} command
 */

/** The folder that the profiled processes write to: made for one run, and removed. */
class Captures {
  /** @param {string} parent */
  constructor (parent = os.tmpdir()) {
    try {
      this.folder = fs.mkdtempSync(path.join(parent, 'shap-flame-')) // mode 0700
    } catch (error) {
      throw new CliError(STATUS.CANNOT_WRITE, `no folder for captures in ${parent}: ${reason(error)}; TMPDIR names another place`)
    }
  }

  /** @returns {string[]} names of the package managers that left themselves out */
  leftOut () {
    const notes = this.#names().filter(name => name.endsWith('.left-out'))
    return [...new Set(notes.map(name => fs.readFileSync(path.join(this.folder, name), 'utf8')))].sort()
  }

  /** @returns {boolean} whether a process said that it could not be sampled */
  failed () {
    return this.#names().includes('failed')
  }

  #names () {
    return fs.readdirSync(this.folder)
  }

  /**
   * Reads every capture and makes one profile of them: of a single one as it is,
   * of several with a root frame for each process and thread.
   *
   * @param {string} type that is shown by default
   * @param {number} [alive] a process that was asked and did not answer, but was not killed
   * @returns {Promise<Collected>}
   */
  async collect (type, alive) {
    const names = this.#names().filter(name => name.endsWith(EXTENSION))
    const read = await Promise.allSettled(names.map(name => readCapture(path.join(this.folder, name), type)))
    /** @type {Capture[]} */
    const captures = []
    /** @type {string[]} */
    const unreadable = []
    read.forEach((result, index) => {
      if (result.status === 'fulfilled') captures.push(result.value)
      else unreadable.push(`the capture ${names[index]} cannot be read and is left out: ${reason(result.reason)}`)
    })
    const byProcess = groupByProcess(captures)
    const warnings = captures.flatMap(capture => cutShort(capture, capture.pid === alive))
    const profile = captures.length > 0 ? await mergeAll(byProcess) : undefined
    return { profile, processes: byProcess.length, threads: captures.length, warnings, unreadable }
  }

  remove () {
    try {
      fs.rmSync(this.folder, { recursive: true, force: true })
    } catch {
      // It lies in the temporary folder, which is emptied by others too.
    }
  }
}

/**
 * @param {string} file
 * @param {string} type
 * @returns {Promise<Capture>}
 */
async function readCapture (file, type) {
  const profile = new Profile(await binding.core().fromCaptureFile(file), { type })
  const { pid, thread, command = '' } = profile.meta
  return { profile, pid: Number(pid), thread: Number(thread), command }
}

const TOP = 3

/**
 * @param {Capture} capture
 * @param {boolean} alive
 * @returns {string[]} what to say of a thread that was cut off: nothing, or one line
 */
function cutShort ({ profile, pid, thread }, alive) {
  const { state, time_ms: time } = profile.meta
  const who = thread === 0 ? `process ${pid}` : `worker ${thread} of process ${pid}`
  if (state === 'running') {
    return [`${who} ${alive ? 'does not come back to its event loop' : 'was killed'}: this is its checkpoint of ${new Date(Number(time)).toISOString()}`]
  }
  if (state !== 'heap limit') return []
  const type = profile.types.includes('inuse_space') ? 'inuse_space' : 'alloc_space'
  const sum = profile.total(type)
  const most = profile.top(TOP, type).filter((row, at) => at === 0 || row.self[type] > sum / 100).map(row => {
    const place = row.file ? ` (${path.basename(row.file)}${row.line > 0 ? `:${row.line}` : ''})` : ''
    return `${oneLine(row.name)}${place} ${Math.round(100 * row.self[type] / sum)}%`
  })
  return [`${who} came to its heap's limit with ${figure(sum, type)} ${type === 'inuse_space' ? 'in use' : 'allocated'}: ${most.join(', ')}`]
}

/**
 * @param {Capture[]} captures
 * @returns {Capture[][]} in the order of their ids, the main thread first in each
 */
function groupByProcess (captures) {
  /** @type {Map<number, Capture[]>} */
  const groups = new Map()
  const ordered = [...captures].sort((a, b) => a.pid - b.pid || a.thread - b.thread)
  for (const one of ordered) groups.set(one.pid, [...(groups.get(one.pid) ?? []), one])
  return [...groups.values()]
}

/**
 * @param {Capture} capture
 * @returns {string} `process 123 (node app.js)`
 */
function processRoot ({ pid, command }) {
  const short = command.length > LABEL_COLUMNS ? `${command.slice(0, LABEL_COLUMNS - 1)}…` : command
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
    return await Profile.merged(inputs)
  } finally {
    for (const { profile } of inputs) profile.free()
  }
}

/**
 * One process: its threads side by side. Several: the threads of each below it.
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
 * @returns {Promise<Profile>} the main thread's stacks as they are, each worker's below its name
 */
async function mergeThreads (threads) {
  if (threads.length === 1 && threads[0].thread === 0) return threads[0].profile
  return mergeAndFree(threads.map(one => ({ profile: one.profile, root: one.thread === 0 ? '' : threadRoot(one) })))
}

exports.Captures = Captures
