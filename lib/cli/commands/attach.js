'use strict'

const fs = require('node:fs')
const binding = require('../../common/native.js')
const { STATUS, CliError, reason } = require('../../common/errors.js')
const { parseAttachResult, shortText } = require('../../attach/validate-answers.js')
const { AttachFolder } = require('../../attach/capture-folder.js')
const { InspectorFallback } = require('../../attach/inspector-fallback.js')
const { ANSWER_MS, DebuggerSession } = require('../../attach/debugger-session.js')
const { NativeSession } = require('../../attach/native-session.js')
const { attachSelf } = require('../../attach/remote-functions.js')
const { findProcess, refused } = require('../../attach/proc-info.js')
const { LONG_INTERVAL, TYPES_OF } = require('../../options.js')
const { lineFlags } = require('../../common/v8-flags.js')
const { formatValue } = require('../../common/format-number.js')
const { metaOf, workingFolder } = require('../../common/metadata.js')
const { internals } = require('../../api/profile.js')
const { writeResults } = require('../report-captures.js')
const { exitBySignal } = require('../exit-signal.js')
const { stemOf } = require('./run.js')
const { describeInterrupted, readCapture } = require('../merge-threads.js')
const { checkMaps } = require('../apply-filters.js')

/** @typedef {import('../apply-filters.js').Log} Log */
/** @typedef {import('../../attach/remote-functions.js').Facts} Facts */
/** @typedef {import('../../attach/remote-functions.js').AttachRequest} AttachRequest */

/**
 * @typedef {object} Result
 * @property {import('../../api/profile.js').Profile} profile
 * @property {string[]} warnings
 */

/** @type {readonly NodeJS.Signals[]} */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
const MAX_PID = 2 ** 22
/** What V8 takes at the start of lines, measured; and how much longer it is waited for. */
const PAUSE_MS_PER_MB = 3
const PAUSE_FACTOR = 10

/** Ctrl-C: the first stops sampling, the second aborts. */
class Stop {
  #first = false
  /** @type {() => void} */
  #resolveRequest = () => {}
  /** @type {(signal: NodeJS.Signals) => void} */
  #abort = () => {}

  constructor () {
    /** @type {Promise<void>} */
    this.requested = new Promise(resolve => { this.#resolveRequest = resolve })
    /** @type {Promise<NodeJS.Signals>} */
    this.aborted = new Promise(resolve => { this.#abort = resolve })
    for (const signal of SIGNALS) process.on(signal, this.#onSignal)
  }

  /** @param {NodeJS.Signals} signal */
  #onSignal = signal => {
    if (this.#first) this.#abort(signal)
    this.#first = true
    this.#resolveRequest()
  }

  /** @param {number | undefined} seconds */
  after (seconds) {
    if (seconds === undefined) return
    this.timer = setTimeout(this.#resolveRequest, 1000 * seconds)
  }

  end () {
    clearTimeout(this.timer)
  }
}

/**
 * @param {string[]} rest
 * @returns {number}
 */
function readPid (rest) {
  const [text, more] = rest
  if (text === undefined) throw new CliError(STATUS.USAGE, 'no process given: shap-flame attach PID; see --help')
  if (more !== undefined) throw new CliError(STATUS.USAGE, `attach takes one process, ${rest.length} given`)
  const pid = /^\d+$/.test(text) ? Number(text) : 0
  if (pid < 1 || pid > MAX_PID) throw new CliError(STATUS.USAGE, `'${text}' is not a process id; pgrep -a node lists them`)
  return pid
}

/** One process that we are attached to, from start to end. */
class Attachment {
  /** @type {DebuggerSession | undefined} */
  #session
  /** @type {Promise<void>} */
  #closing = Promise.resolve()
  /** @type {() => Promise<void>} warns if the inspector that was closed is still open */
  #checkInspector = async () => {}
  /** @type {NativeSession | InspectorFallback | undefined} */
  #sampling
  #folder

  /**
   * @param {import('../../attach/proc-info.js').TargetProcess} target
   * @param {import('../../options.js').Values} values
   * @param {Log} log
   * @param {{ abi: string, file: string }[]} [samplers] available binaries
   */
  constructor (target, values, log, samplers = binding.samplerFiles()) {
    this.target = target
    this.values = values
    this.log = log
    this.samplers = samplers
    this.type = values.type ?? 'inuse_space'
    this.#folder = new AttachFolder(target.owner())
  }

  /** @returns {Promise<Facts>} resolves when the process is being sampled */
  async start () {
    const { pid } = this.target
    const session = await DebuggerSession.open(this.target, this.values.inspectPort)
    this.#session = session
    const native = this.#sampling = new NativeSession(this.#folder)
    const request = { pid, keepMs: session.keepMs, ...await native.request(this.samplers, this.#samplingOptions(), this.#inuse(), this.values.label?.flat() ?? []) }
    const pause = this.values.lines ? this.#expectPause((await this.#attachSelf({ ...request, samplers: [] })).facts, request) : 0
    const { facts, started } = await this.#attachSelf(request, pause)
    const why = started
      ? await this.#confirmNative(native, facts, started)
      : `the sampler has no binary for Node ${shortText(facts.about.version)} (ABI ${facts.abi})`
    if (why) await this.#startFallback(session, facts, why)
    return facts
  }

  /**
   * @param {AttachRequest} request
   * @param {number} [pause] expected, in ms
   */
  async #attachSelf (request, pause = 0) {
    const { pid } = this.target
    const session = /** @type {DebuggerSession} */ (this.#session)
    const keepMs = request.keepMs && request.keepMs + PAUSE_FACTOR * pause
    const answer = parseAttachResult(await session.evaluate(attachSelf, { ...request, keepMs }, ANSWER_MS + PAUSE_FACTOR * pause))
    if (!answer) throw refused(`process ${pid} cannot be sampled: unexpected answer from its inspector`)
    if (answer.facts.about.pid !== pid) throw refused(`the inspector that was found belongs to process ${answer.facts.about.pid}, not ${pid}`)
    return answer
  }

  /**
   * Lines pause the process when sampling begins. Refuses a longer pause than was allowed.
   * @param {Facts} facts
   * @param {AttachRequest} request its `flags` are set
   * @returns {number} the expected pause in ms
   */
  #expectPause ({ abi, heap, maglev }, request) {
    const { maxPause, v8Flags, quiet } = this.values
    if (!request.samplers.some(sampler => sampler.abi === abi)) return 0
    if (v8Flags) request.flags = lineFlags(abi, maglev)
    const ms = Math.ceil(heap / 1e6 * PAUSE_MS_PER_MB)
    const pause = `process ${this.target.pid} for about ${ms} ms, for its heap of ${formatValue(heap, 'inuse_space')}`
    if (ms > maxPause) throw refused(`--lines would pause ${pause}; --max-pause ${ms} allows it`)
    if (!quiet) this.log(`--lines pauses ${pause}`)
    return ms
  }

  /** @returns {{ interval: number, depth: number, maxMemory: number, offheap: boolean, lines: boolean, types: number }} */
  #samplingOptions () {
    const { interval = LONG_INTERVAL, depth, maxProfilerMemory, noOffheap, lines, noTypes } = this.values
    const types = noTypes ? TYPES_OF.NONE : TYPES_OF.ALL
    return { interval, depth, maxMemory: maxProfilerMemory, offheap: !noOffheap, lines, types }
  }

  #inuse () {
    return this.type.startsWith('inuse')
  }

  /**
   * @param {NativeSession} native
   * @param {Facts} facts
   * @param {import('../../attach/remote-functions.js').Started} started
   * @returns {Promise<string | undefined>} why the process cannot load the sampler
   */
  async #confirmNative (native, facts, started) {
    const { limits, unloadable } = await native.confirmStart(facts, started)
    if (unloadable) return unloadable
    if (!this.values.quiet) limits.forEach(this.log)
    if (this.values.lines && !this.values.quiet) this.log(`the pause took ${Math.ceil(started.pause ?? 0)} ms`)
    this.#closeInspector()
    return undefined
  }

  /**
   * @param {DebuggerSession} session
   * @param {Facts} facts
   * @param {string} why
   */
  async #startFallback (session, facts, why) {
    this.#sampling?.release()
    if (!this.values.quiet) this.log(`${why}; using V8's inspector instead, which stays open until the end${this.values.lines ? ' and has no lines' : ''}${this.values.label ? ' and has no labels' : ''}`)
    this.#session = await session.forProfiles()
    const sampling = this.#sampling = new InspectorFallback(this.#session, facts)
    await sampling.start(facts.profiled, this.#samplingOptions(), this.#inuse())
  }

  /** @returns {Promise<void>} resolves when the process has ended */
  get done () {
    return this.#sampling?.done ?? Promise.resolve()
  }

  /** @returns {Promise<Result>} */
  async finish () {
    const { pid } = this.target
    const gc = !this.values.noGc
    if (this.#sampling instanceof InspectorFallback) {
      const { profile, ended, notes } = await this.#sampling.finish(gc, this.type)
      this.#closeInspector()
      return { profile, warnings: this.values.quiet ? [] : [...(ended ? [hasEnded(pid)] : []), ...notes] }
    }
    const outcome = await /** @type {NativeSession} */ (this.#sampling).capture(gc)
    const bytes = this.#folder.read(pid)
    if (!bytes) throw refused(`no profile: process ${pid} ${outcome === 'busy' ? 'did not return to its event loop' : 'ended'} before the first checkpoint`)
    const capture = await readCapture(bytes, this.type)
    const warnings = outcome === 'captured' ? [] : describeInterrupted(capture, outcome === 'busy')
    const remark = outcome === 'ended' && warnings.length === 0 && !this.values.quiet
    return { profile: capture.profile, warnings: remark ? [hasEnded(pid)] : warnings }
  }

  /** Starts closing the inspector; warns if it stays open. */
  #closeInspector () {
    const session = this.#session
    this.#session = undefined
    if (!session) return
    let reported = false
    this.#checkInspector = async () => {
      const text = reported ? undefined : await session.stillOpenNote()
      reported ||= text !== undefined
      this.#logIf(text)
    }
    this.#closing = session.close().then(this.#checkInspector)
  }

  /** @param {string | undefined} text */
  #logIf (text) {
    if (text) this.log(text)
  }

  /** Releases everything. */
  async end () {
    this.#sampling?.release()
    this.#closeInspector()
    await this.#closing
    await this.#checkInspector() // the process may have been busy before
    this.#logIf(this.#folder.remove())
    this.target.close()
  }
}

/** @param {number} pid */
function hasEnded (pid) {
  return `process ${pid} ended while it was sampled; in use is as of its end`
}

/**
 * Restricts which files may be read for another user's process.
 * @param {number} pid
 * @param {import('../../options.js').Values} values
 * @returns {string[] | undefined} real paths of the folders in which files may be read; undefined: anywhere
 */
function readableRoots (pid, { sourceMaps, sourceRoot = [] }) {
  const owner = fs.statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid
  if (owner === undefined || owner === process.getuid?.()) return undefined
  const { rootsOf } = require('../../sources/files.js')
  return rootsOf(sourceMaps === undefined ? sourceRoot : [...sourceRoot, sourceMaps], workingFolder())
}

/**
 * @param {Attachment} attachment
 * @param {Stop} stop
 * @returns {Promise<number>} a status
 */
async function sample (attachment, stop) {
  const { target, values, log } = attachment
  const roots = readableRoots(target.pid, values)
  const facts = await attachment.start()
  const { about, cwd, workers } = facts
  if (!values.quiet) {
    const only = workers ? '; main thread only, no workers' : ''
    const until = values.duration === undefined ? '; press Ctrl-C to stop and write the profile' : ''
    log(`sampling process ${target.pid} (${metaOf(about, cwd, 0).command}), Node ${about.version.slice(1)}${only}${until}`)
  }
  stop.after(values.duration)
  await Promise.race([stop.requested, attachment.done])
  const { profile, warnings } = await attachment.finish()
  warnings.forEach(log)
  if (roots) internals.confine(profile, roots)
  const stem = `${values.name ?? stemOf(about.argv[1] ?? about.execPath)}.${target.pid}`
  return writeResults(profile, { processes: 1, threads: 1 }, values, stem, log)
}

/**
 * `shap-flame attach PID [options]`: samples a running process.
 *
 * @param {{ values: import('../../options.js').Values, rest: string[] }} args
 * @param {Log} log
 */
async function attach ({ values, rest }, log) {
  const target = findProcess(readPid(rest))
  binding.core() // fail early: captures cannot be read without it
  checkMaps(values)
  const stop = new Stop()
  const attachment = new Attachment(target, values, log)
  let signal
  try {
    const done = sample(attachment, stop)
    done.catch(() => {})
    const first = await Promise.race([done, stop.aborted])
    if (typeof first === 'string') signal = first
    else process.exitCode = first
  } catch (error) {
    throw error instanceof CliError ? error : refused(`process ${target.pid} cannot be sampled: ${reason(error)}`)
  } finally {
    stop.end()
    await attachment.end()
  }
  if (signal) return exitBySignal(signal)
  // Do not wait for pending answers.
  process.exit()
}

module.exports = { Attachment, attach }
