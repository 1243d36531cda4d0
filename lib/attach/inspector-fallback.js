'use strict'

const { read } = require('../api/read-profile.js')
const { ownerReason } = require('./native-session.js')
const { formatValue } = require('../common/format-number.js')
const { countMemory } = require('./remote-functions.js')
const { refused } = require('./proc-info.js')
const { objectOf } = require('./validate-answers.js')

/** @typedef {import('./debugger-session.js').DebuggerSession} DebuggerSession */

/** The inspector stays open while sampling: a process that is busy must not close it meanwhile. */
const KEEP_MS = 30000
const COLLECT_MS = 60000
const PROFILE_MS = 120000

/**
 * Samples a process for whose Node there is no sampler binary, by the inspector's HeapProfiler domain.
 * Sampling ends with the connection.
 */
class InspectorFallback {
  /** @type {Promise<Buffer | undefined> | undefined} */
  #atEnd

  /** @type {{ before: number, now: number }} bytes of ArrayBuffers, as Node counts them */
  #buffers

  /**
   * @param {DebuggerSession} session
   * @param {import('./remote-functions.js').Facts} facts
   */
  constructor (session, { arrayBuffers }) {
    this.session = session
    this.#buffers = { before: arrayBuffers, now: arrayBuffers }
    /** @type {Promise<void>} */
    this.done = new Promise(resolve => {
      session.closed.then(resolve)
      // The process is exiting and waits for us to disconnect.
      session.on('NodeRuntime.waitingForDisconnect', () => {
        session.leave()
        this.#atEnd = this.#take().catch(() => undefined)
        this.#atEnd.then(() => resolve())
      })
    })
  }

  /**
   * @param {boolean} profiled whether shap-flame started the process
   * @param {{ interval: number, depth: number }} how
   * @param {boolean} inuse
   */
  async start (profiled, { interval, depth }, inuse) {
    const { session } = this
    await session.keep(KEEP_MS)
    // A second start would succeed without effect, and a stop would stop the other sampler.
    const running = await session.call('HeapProfiler.getSamplingProfile').then(() => true, error => {
      if (/not started/.test(error.message)) return false
      throw error
    })
    if (running) throw refused(ownerReason(session.target.pid, profiled))
    await session.call('NodeRuntime.enable')
    await session.call('NodeRuntime.notifyWhenWaitingForDisconnect', { enabled: true })
    await session.call('HeapProfiler.startSampling', {
      samplingInterval: interval,
      stackDepth: depth,
      includeObjectsCollectedByMajorGC: !inuse,
      includeObjectsCollectedByMinorGC: !inuse
    })
    this.timer = setInterval(() => session.keep(KEEP_MS).catch(() => {}), KEEP_MS / 3)
  }

  async #take () {
    const { profile } = await this.session.call('HeapProfiler.getSamplingProfile', {}, PROFILE_MS)
    return Buffer.from(JSON.stringify(profile))
  }

  /**
   * @param {boolean} gc
   * @param {string} type of the values
   * @returns {Promise<{ profile: import('../api/profile.js').Profile, ended: boolean, notes: string[] }>}
   */
  async finish (gc, type) {
    clearInterval(this.timer)
    const finalProfile = await this.#atEnd
    if (!finalProfile) await this.#countBuffers()
    if (!finalProfile && gc) await this.session.call('HeapProfiler.collectGarbage', {}, COLLECT_MS)
    const bytes = finalProfile ?? await this.#take()
    if (!finalProfile) await this.session.call('HeapProfiler.stopSampling', {}, PROFILE_MS)
    return { profile: await read(bytes, { type }), ended: finalProfile !== undefined, notes: this.#notes() }
  }

  async #countBuffers () {
    const now = objectOf(await this.session.evaluate(countMemory, null))?.arrayBuffers
    if (typeof now === 'number') this.#buffers.now = now
  }

  /** @returns {string[]} what the profile does not contain */
  #notes () {
    const { before, now } = this.#buffers
    const type = 'inuse_space'
    return [`off-heap: not sampled; Node counts ${formatValue(now, type)} of ArrayBuffers, ${formatValue(before, type)} when sampling began`]
  }

  release () {
    clearInterval(this.timer)
  }
}

module.exports = { InspectorFallback }
