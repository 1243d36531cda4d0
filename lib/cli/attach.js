'use strict'

const os = require('node:os')
const binding = require('../binding.js')
const { STATUS, CliError, reason } = require('../errors.js')
const { HeapDomainSampling } = require('../attach/heap-domain.js')
const { Session } = require('../attach/inspector.js')
const { NativeSampling } = require('../attach/native.js')
const { pidOf, describe } = require('../attach/over-there.js')
const { findProcess, refused } = require('../attach/process.js')
const { LONG_INTERVAL } = require('../options.js')
const { metaOf } = require('../process-meta.js')
const { Captures } = require('./captures.js')
const { dieOf } = require('./ending.js')
const { deliver, stemOf } = require('./run.js')
const { checkMaps } = require('./transform.js')

/** @typedef {import('./transform.js').Say} Say */
/** @typedef {ReturnType<typeof describe>} Facts */

/**
 * @typedef {object} Taken
 * @property {import('../profile.js').Profile} profile
 * @property {string[]} warnings
 */

/** @type {readonly NodeJS.Signals[]} */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
const MOST_PID = 2 ** 22
/** A socket's path has 107 bytes at the most, and what we add to the folder's takes some. */
const LONGEST_FOLDER = 80

/** Ctrl-C: the first ends the sampling, the second gives up. */
class Stop {
  #first = false
  /** @type {() => void} */
  #ask = () => {}
  /** @type {(signal: NodeJS.Signals) => void} */
  #giveUp = () => {}

  constructor () {
    /** @type {Promise<void>} */
    this.asked = new Promise(resolve => { this.#ask = resolve })
    /** @type {Promise<NodeJS.Signals>} */
    this.givenUp = new Promise(resolve => { this.#giveUp = resolve })
    for (const signal of SIGNALS) process.on(signal, this.#onSignal)
  }

  /** @param {NodeJS.Signals} signal */
  #onSignal = signal => {
    if (this.#first) this.#giveUp(signal)
    this.#first = true
    this.#ask()
  }

  /** @param {number | undefined} seconds */
  after (seconds) {
    if (seconds === undefined) return
    this.timer = setTimeout(this.#ask, 1000 * seconds)
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
  if (text === undefined) throw new CliError(STATUS.USAGE, 'no process: shap-flame attach PID; --help tells more')
  if (more !== undefined) throw new CliError(STATUS.USAGE, `attach takes one process, ${rest.length} given`)
  const pid = /^\d+$/.test(text) ? Number(text) : 0
  if (pid < 1 || pid > MOST_PID) throw new CliError(STATUS.USAGE, `'${text}' is no process id; ps or pgrep -a node shows them`)
  return pid
}

/** One process that we are attached to, from the first word to the last. */
class Attachment {
  /** @type {Session | undefined} */
  #session
  /** @type {NativeSampling | HeapDomainSampling | undefined} */
  #sampling
  #captures

  /**
   * @param {import('../attach/process.js').TargetProcess} target
   * @param {import('../options.js').Values} values
   * @param {Say} say
   */
  constructor (target, values, say) {
    this.target = target
    this.values = values
    this.say = say
    this.type = values.type ?? 'inuse_space'
    this.#captures = new Captures(os.tmpdir().length > LONGEST_FOLDER ? '/tmp' : os.tmpdir())
  }

  /** @returns {Promise<Facts>} what there is, once it is sampled */
  async start () {
    const session = await Session.open(this.target, this.values.inspectPort)
    this.#session = session
    const pid = await session.evaluate(pidOf, null)
    if (pid !== this.target.pid) throw refused(`the inspector that was found is that of process ${pid}, not ${this.target.pid}`)
    await session.keep()
    const facts = await session.evaluate(describe, null)
    const file = binding.samplerFileFor(facts.abi)
    const here = facts.about.platform === process.platform && facts.about.arch === process.arch
    const { version } = facts.about
    const why = file && here
      ? await this.#startNative(session, facts, file)
      : `the sampler has no binary for Node ${version} (ABI ${facts.abi})`
    if (why) await this.#startHeapDomain(session, facts, why)
    return facts
  }

  /** @returns {{ interval: number, depth: number, maxMemory: number }} */
  #how () {
    const { interval = LONG_INTERVAL, depth, maxProfilerMemory } = this.values
    return { interval, depth, maxMemory: maxProfilerMemory }
  }

  /**
   * @param {Session} session
   * @param {Facts} facts
   * @param {string} file
   * @returns {Promise<string | undefined>} why the process cannot load it
   */
  async #startNative (session, facts, file) {
    const sampling = new NativeSampling(this.#captures.folder)
    this.#sampling = sampling
    const { unknown, unloadable } = await sampling.start(session, facts, file, this.#how(), this.type.startsWith('inuse'))
    if (unloadable) {
      sampling.release()
      return unloadable
    }
    if (unknown && !this.values.quiet) this.say(unknown)
    await this.#closeInspector()
    return undefined
  }

  /**
   * @param {Session} session
   * @param {Facts} facts
   * @param {string} why
   */
  async #startHeapDomain (session, { profiled }, why) {
    const sampling = new HeapDomainSampling(session)
    this.#sampling = sampling
    if (!this.values.quiet) this.say(`${why}: V8's inspector samples instead, and stays open until the end`)
    await sampling.start(profiled, this.#how(), this.type.startsWith('inuse'))
  }

  /** @returns {Promise<void>} when the process has ended */
  get over () {
    return this.#sampling?.over ?? Promise.resolve()
  }

  /** @returns {Promise<Taken>} */
  async finish () {
    const { pid } = this.target
    const gc = !this.values.noGc
    if (this.#sampling instanceof HeapDomainSampling) {
      const { profile, ended } = await this.#sampling.finish(gc, this.type)
      await this.#closeInspector()
      return { profile, warnings: ended ? [hasEnded(pid)] : [] }
    }
    const how = await /** @type {NativeSampling} */ (this.#sampling).capture(gc)
    const { profile, warnings, unreadable } = await this.#captures.collect(this.type, how === 'busy' ? pid : undefined)
    unreadable.forEach(this.say)
    if (profile) return { profile, warnings: how === 'ended' && warnings.length === 0 ? [hasEnded(pid)] : warnings }
    const why = how === 'busy' ? 'does not come back to its event loop' : 'ended'
    throw refused(`no profile: process ${pid} ${why}, and there is no checkpoint yet`)
  }

  async #closeInspector () {
    const session = this.#session
    this.#session = undefined
    await session?.close()
  }

  /** Whatever is still held is let go. */
  async end () {
    this.#sampling?.release()
    await this.#closeInspector()
    this.#captures.remove()
  }
}

/** @param {number} pid */
function hasEnded (pid) {
  return `process ${pid} ended while it was sampled: in use is what was there at its end`
}

/**
 * @param {Attachment} attachment
 * @param {Stop} stop
 * @returns {Promise<number>} a status
 */
async function sample (attachment, stop) {
  const { target, values, say } = attachment
  const facts = await attachment.start()
  const { about, cwd, workers } = facts
  if (!values.quiet) {
    const only = workers ? '; its main thread only, no worker threads' : ''
    const until = values.duration === undefined ? '; Ctrl-C ends it and writes the profile' : ''
    say(`sampling process ${target.pid} (${metaOf(about, cwd, 0).command}), Node ${about.version.slice(1)}${only}${until}`)
  }
  stop.after(values.duration)
  await Promise.race([stop.asked, attachment.over])
  const { profile, warnings } = await attachment.finish()
  warnings.forEach(say)
  const stem = `${values.name ?? stemOf(about.argv[1] ?? about.execPath)}.${target.pid}`
  return deliver(profile, { processes: 1, threads: 1 }, values, stem, say)
}

/**
 * `shap-flame attach PID [options]`: samples a process that already runs.
 *
 * @param {{ values: import('../options.js').Values, rest: string[] }} args
 * @param {Say} say
 */
async function attach ({ values, rest }, say) {
  const target = findProcess(readPid(rest))
  binding.core() // without it nothing could be made of a capture
  checkMaps(values)
  const stop = new Stop()
  const attachment = new Attachment(target, values, say)
  let signal
  try {
    const done = sample(attachment, stop)
    done.catch(() => {})
    const first = await Promise.race([done, stop.givenUp])
    if (typeof first === 'string') signal = first
    else process.exitCode = first
  } catch (error) {
    throw error instanceof CliError ? error : refused(`process ${target.pid} cannot be sampled: ${reason(error)}`)
  } finally {
    stop.end()
    await attachment.end()
  }
  if (signal) return dieOf(signal)
  // What still waits for an answer waits for nothing.
  process.exit()
}

module.exports = { attach }
