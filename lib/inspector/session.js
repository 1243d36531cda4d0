'use strict'

/** V8's sampler by the HeapProfiler domain of node:inspector. */

/** @typedef {import('./capture.js').SamplingHeapProfile} SamplingHeapProfile */

/** Since Node 26 the inspector accepts a depth other than 128. */
const [MAJOR, MINOR] = process.versions.v8.split('.').map(Number)
const TAKES_DEPTH = MAJOR > 14 || (MAJOR === 14 && MINOR >= 6)

class HeapSession {
  #session
  #post
  /** @type {((script: import('./scripts.js').ParsedScript) => void) | undefined} */
  #onScript

  constructor () {
    // Loaded late: Node may be built without it, or forbid it.
    const { Session } = require('node:inspector')
    this.#session = new Session()
    this.#post = this.#session.post // the app may replace it later
    this.#session.connect()
    // A copy has no properties of the app's Object.prototype.
    this.#session.on('Debugger.scriptParsed', ({ params }) => this.#onScript?.({ ...params }))
  }

  /**
   * Within a thread the answer comes before post() returns.
   * @param {string} method
   * @param {object} [params]
   * @returns {any} undefined if the inspector returns an error
   */
  #ask (method, params) {
    let answer
    /** @type {(error: Error | null, result?: object) => void} */
    const onAnswer = (error, result) => { if (!error) answer = result }
    Reflect.apply(this.#post, this.#session, [method, params, onAnswer])
    return answer
  }

  /**
   * Silently has no effect if a sampler is already running.
   * @param {number} interval
   * @param {number} depth
   * @param {boolean} all include collected blocks
   */
  start (interval, depth, all) {
    this.#ask('HeapProfiler.startSampling', {
      samplingInterval: interval,
      ...(TAKES_DEPTH ? { stackDepth: depth } : {}),
      includeObjectsCollectedByMajorGC: all,
      includeObjectsCollectedByMinorGC: all
    })
  }

  /**
   * @returns {SamplingHeapProfile | undefined} the samples of this thread, also of another sampler;
   *   undefined if none is running
   */
  profile () {
    return this.#ask('HeapProfiler.getSamplingProfile')?.profile
  }

  /**
   * Lists scripts by the Debugger domain. The HeapProfiler domain does not report a script's sourceURL
   * and source map, and Node 20 forgets a program that has ended in the collection that a profile
   * forces. The debugger is enabled only for this call; V8 then parses every script, about 30 ms a
   * megabyte, so this is called once, at the end.
   * @param {(script: import('./scripts.js').ParsedScript) => void} onScript
   */
  scripts (onScript) {
    this.#onScript = onScript
    this.#ask('Debugger.enable')
    this.#ask('Debugger.disable')
    this.#onScript = undefined
  }

  /** Stops sampling if it was started here; another sampler continues. */
  end () {
    this.#session.disconnect()
  }
}

module.exports = { HeapSession }
