'use strict'

const { coded } = require('../common/errors.js')
const { Lifecycle } = require('./lifecycle.js')
const { FunctionLocations, toCapture } = require('./capture.js')
const { HeapSession } = require('./session.js')
const { monotonic } = require('../common/node-originals.js')
const { concatenate } = require('./capture-writer.js')
const { mayListScripts } = require('./script-sizes.js')
const { memoryMeta, residentBytes } = require('./process-memory.js')
const { log } = require('../common/log.js')

/** TYPES_OF.ALL of options.js, which is not loaded here. */
const TYPES_OF_ALL = 2
/** Bytes that V8 keeps for a sample and for a node of its tree, measured. */
const SAMPLE_BYTES = 96
const NODE_BYTES = 256

const NOT_TOLD = 'the inspector does not report which samples are alive'
const NO_OFFHEAP = 'node:inspector samples only the heap'
const NO_LINES = 'no lines: node:inspector samples functions only'
const NO_TYPES = 'types are not known: node:inspector does not tell them'
const LIMITS = {
  alloc: `memory in use is not known: ${NOT_TOLD}`,
  inuse: 'only memory in use is known: collected blocks were not counted',
  foreign: 'only memory in use is known: the samples are from another sampler, which came first'
}

/**
 * @typedef {import('./capture.js').SamplingHeapProfile} SamplingHeapProfile
 * @typedef {import('../common/native.js').Sampler} Sampler
 * @typedef {Parameters<Sampler['start']>[0]} How
 *
 * @typedef {object} Run one run of the sampler, from start() to stop()
 * @property {How} how
 * @property {HeapSession} session
 * @property {'alloc' | 'inuse' | 'foreign'} kind `foreign`: the samples are from another sampler, which must not be stopped
 * @property {number} interval doubles when memory is short
 * @property {number} begun Unix time in ms
 * @property {number | undefined} begunRss RSS at that time
 * @property {number} since start of the samples that V8 has now, Unix time in ms
 * @property {Uint8Array[]} pastSegments segments from before a restart
 * @property {Uint8Array | undefined} last the last capture, in case other code stops the sampling
 * @property {number} restarts
 * @property {string} stopped message about that, or empty
 */

/** @param {SamplingHeapProfile} profile */
function estimateMemory ({ head, samples }) {
  let nodes = 0
  const rest = [head]
  for (let node = rest.pop(); node; node = rest.pop()) {
    nodes++
    const { children } = node
    for (let i = 0; i < children.length; i++) rest.push(children[i])
  }
  return samples.length * SAMPLE_BYTES + nodes * NODE_BYTES
}

/** @param {Uint8Array[]} parts */
const totalLength = parts => parts.reduce((sum, { byteLength }) => sum + byteLength, 0)

/**
 * Samples a thread by node:inspector, with the interface of the native sampler, for a Node without a
 * binary.
 *
 * @implements {Sampler}
 */
class InspectorSampler {
  /** @type {Run | undefined} */
  #run
  #lifecycle = new Lifecycle(meta => this.#run && this.capture({ meta }), () => this.stop())
  #reported = false
  #locations = new FunctionLocations()
  #sharesForeign
  /** A signal leaves only the last checkpoint. */
  signals = false

  /** @param {{ sharesForeign?: boolean }} [options] whether to use the samples of another sampler that is already running */
  constructor ({ sharesForeign = false } = {}) {
    this.#sharesForeign = sharesForeign
  }

  /** @param {How} given */
  start (given) {
    const how = { ...given } // without what the app adds to its Object.prototype
    if (this.#run) throw coded('RUNNING', 'a heap sampler already runs in this thread')
    const session = new HeapSession()
    const foreign = session.profile() !== undefined
    if (foreign && !this.#sharesForeign) {
      session.end()
      throw coded('RUNNING', 'a heap sampler already runs in this thread')
    }
    const now = Date.now()
    const run = {
      how,
      session,
      kind: /** @type {Run['kind']} */ (foreign ? 'foreign' : how.alloc ? 'alloc' : 'inuse'),
      interval: how.interval,
      begun: now,
      begunRss: residentBytes(),
      since: now,
      pastSegments: [],
      last: undefined,
      restarts: 0,
      stopped: ''
    }
    if (!foreign) this.#startSession(run)
    this.#run = run
    this.#lifecycle.start(run.kind === 'alloc' && how.maxMemory > 0)
  }

  /** @param {Run} run */
  #startSession (run) {
    const { depth, exactDepth, alloc } = run.how
    run.since = Date.now()
    run.session.start(run.interval, exactDepth ? depth : depth + 1, alloc)
  }

  stop () {
    this.#lifecycle.stop()
    this.#run?.session.end()
    this.#run = undefined
  }

  running () {
    return this.#run !== undefined
  }

  /** @returns {'none' | 'sampler'} */
  liveness () {
    return !this.#run || this.#run.kind === 'alloc' ? 'none' : 'sampler'
  }

  offheapReason () {
    return this.#run?.how.offheap ? NO_OFFHEAP : ''
  }

  livenessReason () {
    return this.#run ? NOT_TOLD : 'nothing is sampled'
  }

  /**
   * @param {{ meta: Record<string, string> }} options
   * @returns {Uint8Array}
   */
  capture ({ meta }) {
    const run = this.#run
    if (!run) throw coded('STOPPED', 'nothing is sampled')
    const begun = monotonic()
    if (meta.state === 'ended' && mayListScripts()) run.session.scripts(script => this.#locations.scripts.add(script))
    const profile = run.session.profile() ?? this.#restart(run)
    const pause = monotonic() - begun
    const { depth, exactDepth, thread } = run.how
    const bytes = toCapture(profile, {
      interval: run.kind === 'foreign' ? undefined : run.interval,
      alloc: run.kind === 'alloc',
      since: run.since,
      depth,
      exactDepth,
      pid: process.pid,
      thread,
      locations: this.#locations,
      meta: { ...meta, ...limitMeta(run), ...timeMeta(run), ...memoryMeta(run.begunRss), pause_get_us: String(Math.round(pause * 1000)) }
    })
    const segments = [...run.pastSegments, bytes]
    run.last = bytes
    if (run.kind === 'alloc') this.#limitMemory(run, segments, profile)
    return concatenate(segments)
  }

  /**
   * Starts again after other code stopped the sampling or the other sampler stopped. The last capture
   * is kept if it counts allocations.
   *
   * @param {Run} run
   * @returns {SamplingHeapProfile}
   */
  #restart (run) {
    const when = new Date().toISOString()
    const ours = run.kind !== 'foreign'
    if (run.kind === 'alloc' && run.last) run.pastSegments.push(run.last)
    run.kind = run.how.alloc ? 'alloc' : 'inuse'
    run.last = undefined
    run.stopped = ours
      ? `sampling was stopped by other code before ${when}; allocations since the last checkpoint are missing`
      : `another sampler ran before ${when}; counting starts there`
    this.#startSession(run)
    const what = ours
      ? 'sampling was stopped by other code; allocations since the last checkpoint are missing'
      : 'the other sampler has stopped; ours starts'
    if (!this.#reported) log(`process ${process.pid}: ${what}`)
    this.#reported = true
    const profile = run.session.profile()
    if (!profile) throw coded('STOPPED', 'sampling was stopped by other code and cannot be restarted')
    return profile
  }

  /**
   * When V8 keeps too many samples, keeps their sums and restarts at twice the interval.
   * @param {Run} run
   * @param {Uint8Array[]} segments all that was counted so far
   * @param {SamplingHeapProfile} profile
   */
  #limitMemory (run, segments, profile) {
    if (run.how.maxMemory === 0) return
    if (estimateMemory(profile) + totalLength(run.pastSegments) < run.how.maxMemory / 4 * 3) return
    run.session.end()
    run.session = new HeapSession()
    run.interval *= 2
    run.restarts++
    run.pastSegments = segments
    run.last = undefined
    this.#startSession(run)
  }

  collectAtExit () {
    // V8's inspector forces a collection whenever it is asked for a profile.
  }

  /** @param {import('./lifecycle.js').ExitCaptureOptions} options */
  writeAtExit (options) {
    this.#lifecycle.enableExitCapture(options)
  }
}

/**
 * @param {Run} run
 * @returns {Record<string, string>} metadata about the limits of the values
 */
function limitMeta (run) {
  return {
    limit: LIMITS[run.kind],
    ...(run.how.offheap ? { limit_offheap: NO_OFFHEAP } : {}),
    ...(run.how.lines ? { lines: NO_LINES } : {}),
    ...(run.how.types === TYPES_OF_ALL ? { limit_types: NO_TYPES } : {}),
    ...(run.stopped ? { limit_stopped: run.stopped } : {}),
    ...(run.restarts > 0 ? { restarts: String(run.restarts) } : {})
  }
}

/**
 * @param {Run} run
 * @returns {Record<string, string>}
 */
function timeMeta (run) {
  const now = Date.now()
  return { time_ms: String(now), duration_ms: String(Math.max(0, now - run.begun)) }
}

module.exports = { InspectorSampler }
