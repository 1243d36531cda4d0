'use strict'

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { STATUS, CliError, oneLine, reason } = require('../common/errors.js')
const { readNote, removeAny, clipLines, MAX_CAPTURES, MAX_NOTES, MAX_UNREADABLE } = require('./process-notes.js')
const { monotonic } = require('../common/node-originals.js')
const { LostProcesses } = require('./lost-processes.js')

// Loaded late, while the app runs: its start must not wait.
const threads = () => require('./merge-threads.js')
/** @type {typeof import('./process-alive.js').isProcessAlive} */
const isProcessAlive = (...process) => require('./process-alive.js').isProcessAlive(...process)

/** @typedef {import('./merge-threads.js').Capture} Capture */

/** `<pid>-<start>-<thread>.shfc` */
const CAPTURE = /^(\d{1,10})-\d+-\d+\.shfc$/
/** `<pid>-<start>-<thread>.shfc~`: being written */
const WRITING = /^(\d{1,10})-\d+-\d+\.shfc~$/
/** `<pid>.here`: the process is sampled; it contains its pid namespace and command line */
const SAMPLED = /^(\d{1,10})\.here$/
/** `<pid>.started`: a sampled process has started it; it removes this note when its preload begins. The content is the same */
const STARTED = /^(\d{1,10})\.started$/
/** `<pid>.left-out`: the process is not profiled; it contains the name of a package manager, or nothing */
const LEFT_OUT = /^(\d{1,10})\.left-out$/
/** Valid content of `<pid>.left-out`. */
const MANAGER = /^[a-z]{1,20}$/

/** Time for a process to exit after it has written its capture. */
const SETTLE_MS = 200
/** How often a process that has not exited yet is checked again. */
const MAX_POLLS = 5
/** How long to wait for other processes after the main one; longer while they write their captures. */
const GRACE_MS = 1000
const MAX_GRACE_MS = 10_000

/**
 * @typedef {object} Collected
 * @property {import('../api/profile.js').Profile | undefined} profile of all captures; undefined: there are none
 * @property {number} processes
 * @property {number} threads of all processes, main threads included
 * @property {string[]} warnings a line for each process that did not exit normally
 * @property {string[]} unreadable a line for each capture that could not be read
 */

/**
 * The folder of one run, to which the profiled processes write. The captures of children are merged
 * when they exit, so that it contains few files at a time.
 */
class CaptureFolder {
  /** @type {import('./merge-processes.js').ProcessMerger | undefined} */
  #createdMerger
  /** @type {string[]} */
  #warnings = []
  /** @type {string[]} */
  #unreadable = []
  /** @type {import('./snapshots.js').Snapshots | undefined} */
  #snapshots
  /** @type {fs.FSWatcher | undefined} */
  #watcher
  /** @type {NodeJS.Timeout | undefined} */
  #timer
  #polls = 0
  /** Numbers of captures that were read, and that were too many. */
  #readCount = 0
  #skippedCount = 0
  /** @type {Promise<void>} */
  #collecting = Promise.resolve()
  /** @type {number | undefined} */
  #main
  /** @type {number | undefined} */
  #busy
  /** @type {import('./child-process.js').End | undefined} */
  #end
  #lostProcesses = new LostProcesses()
  /** Processes that ended before their preload began. */
  #unstarted = new LostProcesses()
  /** Processes whose captures and notes were taken from the folder. @type {Set<number>} */
  #taken = new Set()
  /** Processes without a capture; their number is limited. */
  #lostNotes = 0
  /** @type {fs.Stats} the folder as it was created; kept open, so that its inode is not reused */
  #own
  /** @type {number | undefined} */
  #handle
  #type = 'alloc_space'
  #keepFolder = false
  #failed = false
  /** @type {string | undefined} */
  #readFailure

  /** @param {string} parent */
  constructor (parent = os.tmpdir()) {
    try {
      this.folder = fs.mkdtempSync(path.join(parent, 'shap-flame-')) // mode 0700
      this.#handle = fs.openSync(this.folder, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW)
      this.#own = fs.fstatSync(this.#handle)
    } catch (error) {
      throw new CliError(STATUS.CANNOT_WRITE, `cannot create a folder for captures in ${parent}: ${reason(error)}; set TMPDIR to use another`)
    }
  }

  get #merger () {
    this.#createdMerger ??= new (require('./merge-processes.js').ProcessMerger)()
    return this.#createdMerger
  }

  /** Loads what is needed when the app exits. */
  load () {
    require('./report-captures.js')
    require('./exit-signal.js')
    require('../sources/apply.js')
    return this.#merger
  }

  /** @returns {string[]} names of package managers, which are not profiled */
  excludedManagers () {
    const notes = this.#names().filter(name => name.endsWith('.left-out')).slice(0, MAX_NOTES)
    const managers = notes.map(name => readNote(path.join(this.folder, name)) ?? '')
    return [...new Set(managers.filter(name => MANAGER.test(name)))].sort()
  }

  /** Nothing can be sampled. */
  markFailed () {
    this.#failed = true
  }

  /** @returns {boolean} whether sampling failed in a process */
  failed () {
    return this.#failed || this.#names().includes('failed')
  }

  /** @returns {boolean} whether a process was sampled */
  sampledAny () {
    return this.#lostProcesses.any || this.#names().some(name => SAMPLED.test(name))
  }

  /**
   * @param {number | undefined} pid
   * @returns {boolean} whether it is sampled
   */
  isSampled (pid) {
    return this.#names().includes(`${pid}.here`)
  }

  /** @returns {boolean} whether a snapshot could not be written */
  snapshotsFailed () {
    return this.#snapshots?.failed ?? false
  }

  /** @param {number} pid */
  #isProcessAlive (pid) {
    return isProcessAlive(pid, this.#noteOf(pid).namespace)
  }

  /**
   * @param {number} pid
   * @param {string} [note] `here` or `started`
   */
  #noteOf (pid, note = 'here') {
    const [namespace, command = ''] = (readNote(path.join(this.folder, `${pid}.${note}`)) ?? '').split('\n')
    return { namespace, command: oneLine(command) }
  }

  /** @param {import('./child-process.js').End} end of the main process */
  mainEnded (end) {
    this.#end = end
  }

  /** @returns {string | undefined} how the only process without a capture was killed */
  killedNote () {
    return this.#lostProcesses.killedNote
  }

  /** @returns {string | undefined} why the folder could not be read */
  readFailure () {
    return this.#readFailure && `cannot read the folder for captures: ${this.#readFailure}`
  }

  /** @returns {string[]} empty if the folder was removed, for example with all of TMPDIR */
  #names () {
    try {
      const { dev, ino } = fs.lstatSync(this.folder)
      if (dev !== this.#own.dev || ino !== this.#own.ino) throw new Error('it was replaced')
      return fs.readdirSync(this.folder)
    } catch (error) {
      this.#readFailure = reason(error)
      return []
    }
  }

  /**
   * Merges captures as they appear.
   * @param {number | undefined} main the main process, which is merged last
   * @param {string | undefined} type default type
   * @param {import('./snapshots.js').Where} where snapshots go
   */
  watch (main, type, where) {
    this.#main = main
    this.#type = type ?? this.#type
    this.#snapshots = new (require('./snapshots.js').Snapshots)(this.folder, where)
    try {
      this.#watcher = fs.watch(this.folder, { persistent: false }, () => this.#poll(MAX_POLLS))
      this.#watcher.on('error', () => {})
    } catch {
      // No file watches available: everything is merged at the end.
    }
  }

  /** @param {number} times */
  #poll (times) {
    this.#polls = Math.max(this.#polls, times)
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#polls--
      this.#collecting = this.#collecting.then(() => this.#collectEnded(false)).then(left => {
        if (left && this.#watcher && this.#polls > 0) this.#poll(this.#polls)
      }, error => this.#reportFailure(error))
    }, SETTLE_MS)
    this.#timer.unref()
  }

  /** @param {unknown} error @returns {void} */
  #reportFailure (error) {
    this.#unreadable.push(`captures of ended processes are missing: ${reason(error)}`)
  }

  /**
   * @param {boolean} last
   * @returns {Promise<boolean>} whether captures or notes of children remain
   */
  async #collectEnded (last) {
    const names = this.#names()
    await this.#snapshots?.take(names, last)
    const children = [...byProcess(names)].filter(([pid]) => pid !== this.#main)
    const ended = children.slice(0, MAX_CAPTURES).filter(([pid]) => !this.#isProcessAlive(pid))
    for (const [pid, own] of ended) {
      const captures = await this.#read(own, true)
      if (captures.length > 0) await this.#merger.add(captures)
      this.#takeNote(pid)
    }
    const left = new Set(children.map(([pid]) => pid))
    const others = pids(names, SAMPLED).filter(pid => pid !== this.#main && !left.has(pid))
    const lost = others.slice(0, Math.max(0, MAX_NOTES - this.#lostNotes)).filter(pid => !this.#isProcessAlive(pid))
    this.#lostNotes += lost.length
    this.#addLost(lost)
    const remainingNames = new Set(this.#names())
    return ended.length < children.length || lost.some(pid => remainingNames.has(`${pid}.here`))
  }

  /** @param {number[]} ended processes that had no capture a moment ago */
  #addLost (ended) {
    // Check again: a capture may have appeared before the process exited.
    const left = byProcess(this.#names())
    for (const pid of ended.filter(one => !left.has(one))) {
      this.#lostProcesses.add(pid, this.#noteOf(pid).command, pid === this.#main ? this.#end : undefined)
      this.#takeNote(pid)
    }
  }

  /** @param {number} pid of an ended process */
  #takeNote (pid) {
    this.#taken.add(pid)
    removeAny(path.join(this.folder, `${pid}.here`))
  }

  /** Names processes that ended before their preload began. */
  #collectUnstarted () {
    const ended = pids(this.#names(), STARTED).slice(0, Math.max(0, MAX_NOTES - this.#lostNotes))
      .filter(pid => !isProcessAlive(pid, this.#noteOf(pid, 'started').namespace))
    // Read after they have ended. A slow parent may leave its note after the process is sampled.
    const names = new Set(this.#names())
    const known = new Set(pids([...names], SAMPLED).concat(pids([...names], CAPTURE), pids([...names], LEFT_OUT)))
    for (const pid of ended.filter(one => names.has(`${one}.started`))) {
      if (!known.has(pid) && !this.#taken.has(pid)) this.#unstarted.addUnstarted(pid, this.#noteOf(pid, 'started').command)
      removeAny(path.join(this.folder, `${pid}.started`))
    }
    this.#lostNotes += ended.length
  }

  /**
   * @param {boolean} over whether their processes have exited; the main process has a budget of its own
   * @returns {number} captures that may still be read
   */
  #readBudget (over) {
    if (!over) return MAX_CAPTURES
    return this.#unreadable.length < MAX_UNREADABLE ? Math.max(0, MAX_CAPTURES - this.#readCount) : 0
  }

  /**
   * @param {string[]} names
   * @param {boolean} over whether their processes have exited; then the files are removed
   * @returns {Promise<Capture[]>}
   */
  async #read (names, over) {
    const accepted = names.slice(0, this.#readBudget(over))
    this.#readCount += accepted.length
    this.#skippedCount += names.length - accepted.length
    const read = await Promise.allSettled(accepted.map(name => threads().readCapture(path.join(this.folder, name), this.#type)))
    const captures = read.flatMap((result, index) => {
      if (result.status === 'fulfilled') return [result.value]
      this.#unreadable.push(`skipped the capture ${accepted[index]}: ${reason(result.reason)}`)
      return []
    })
    if (over) for (const name of names) removeAny(path.join(this.folder, name))
    captures.sort((a, b) => a.thread - b.thread)
    for (const capture of captures) {
      const busy = capture.pid === this.#busy
      if (busy || !this.#isProcessAlive(capture.pid)) this.#warnings.push(...threads().describeInterrupted(capture, busy))
    }
    return captures
  }

  /**
   * Merges all captures after the main process has exited. Several processes and threads get a root
   * frame each.
   *
   * @param {string} type default type
   * @param {number} [busy] a process that did not answer, but was not killed
   * @returns {Promise<Collected>}
   */
  async collect (type, busy) {
    this.#type = type
    this.#busy = busy
    this.#watcher?.close()
    this.#watcher = undefined
    clearTimeout(this.#timer)
    await this.#collecting
    const remaining = await this.#awaitOthers()
    if (remaining.length === 0) await this.#snapshots?.take(this.#names(), true)
    await this.#collectEnded(remaining.length === 0)
    this.#collectUnstarted()
    const names = this.#names().filter(name => CAPTURE.test(name))
    if (this.#main !== undefined && this.#end && this.isSampled(this.#main)) this.#addLost([this.#main])
    const captures = await this.#read(names, false)
    const merged = await this.#merger.finish(captures)
    this.#keepFolder = remaining.length > 0
    const skipped = this.#skippedCount > 0 ? [`${this.#skippedCount} ${this.#skippedCount > 1 ? 'captures were' : 'capture was'} not read: there are too many`] : []
    // For a single process, this is reported as the reason for having no profile.
    const lost = merged.profile || !this.#lostProcesses.atMostOne ? this.#lostProcesses.lines() : []
    return {
      ...merged,
      warnings: [...this.#warnings, ...lost, ...this.#unstarted.lines(), ...skipped, ...this.#stillRunning(remaining)],
      unreadable: clipLines(this.#unreadable)
    }
  }

  /** @returns {Promise<number[]>} the processes that are still running */
  async #awaitOthers () {
    const began = monotonic()
    for (let since = began; ;) {
      const names = this.#names()
      const others = pids(names, SAMPLED).slice(0, MAX_NOTES).filter(pid => pid !== this.#main && this.#isProcessAlive(pid))
      const writing = pids(names, WRITING)
      const now = monotonic()
      if (others.some(pid => writing.includes(pid)) && now - began < MAX_GRACE_MS) since = now
      if (others.length === 0 || now - since > GRACE_MS) return others
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }

  /** @param {number[]} processes */
  #stillRunning (processes) {
    if (processes.length === 0) return []
    const who = processes.length > 1 ? `processes ${processes.join(', ')} are still running` : `process ${processes[0]} is still running`
    return [`${who}: the profile has its data so far; a later capture will be in ${this.folder}, for shap-flame report`]
  }

  /** Removes the folder, unless a process may still write to it. */
  remove () {
    this.#watcher?.close()
    clearTimeout(this.#timer)
    if (this.#handle !== undefined) fs.closeSync(this.#handle)
    this.#handle = undefined
    if (this.#keepFolder) return
    try {
      fs.rmSync(this.folder, { recursive: true, force: true })
    } catch {
      // Others may have emptied the temporary folder.
    }
  }
}

/**
 * @param {readonly string[]} names
 * @returns {Map<number, string[]>} the captures of each process
 */
function byProcess (names) {
  /** @type {Map<number, string[]>} */
  const groups = new Map()
  for (const name of names) {
    const pid = CAPTURE.exec(name)?.[1]
    if (pid === undefined) continue
    const own = groups.get(Number(pid))
    if (own) own.push(name)
    else groups.set(Number(pid), [name])
  }
  return groups
}

/** @param {string[]} names @param {RegExp} pattern whose first group is a pid @returns {number[]} */
function pids (names, pattern) {
  return [...new Set(names.flatMap(name => pattern.exec(name)?.[1] ?? []).map(Number))]
}

module.exports = { CaptureFolder }
