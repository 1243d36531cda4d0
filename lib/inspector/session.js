'use strict'

/** V8's sampler as the HeapProfiler domain of node:inspector has it. */

/** @typedef {import('./capture.js').SamplingHeapProfile} SamplingHeapProfile */

/** Node 26 is the first whose inspector can be asked for another depth than 128. */
const [MAJOR, MINOR] = process.versions.v8.split('.').map(Number)
const TAKES_DEPTH = MAJOR > 14 || (MAJOR === 14 && MINOR >= 6)

class HeapSession {
  #session

  constructor () {
    // Not at the top: a Node may be built without it, or forbid it.
    const { Session } = require('node:inspector')
    this.#session = new Session()
    this.#session.connect()
  }

  /**
   * In this thread an answer comes before post() returns.
   * @param {string} method
   * @param {object} [params]
   * @returns {any} `undefined` where the inspector refuses
   */
  #ask (method, params) {
    let answer
    this.#session.post(method, params, (error, result) => { if (!error) answer = result })
    return answer
  }

  /**
   * Has no effect, and says so to nobody, where a sampler runs already.
   * @param {number} interval
   * @param {number} depth
   * @param {boolean} all collected blocks too
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
   * @returns {SamplingHeapProfile | undefined} what is sampled in this thread, by us or by others;
   *   nothing where nothing is
   */
  profile () {
    return this.#ask('HeapProfiler.getSamplingProfile')?.profile
  }

  /**
   * The profiler's domain does not tell what a script calls itself, nor its map. And Node 20 forgets
   * a program that has ended with the very collection that a profile forces. The debugger tells all
   * of it, and is off again before anything can run; but V8 reads every script for it, which
   * takes some 30 ms a megabyte: so it is asked once, at the end.
   * @param {(script: import('./scripts.js').ParsedScript) => void} onScript
   */
  scripts (onScript) {
    this.#session.on('Debugger.scriptParsed', ({ params }) => onScript(params))
    this.#ask('Debugger.enable')
    this.#ask('Debugger.disable')
    this.#session.removeAllListeners('Debugger.scriptParsed')
  }

  /** Stops sampling, if it was started here; others' goes on. */
  end () {
    this.#session.disconnect()
  }
}

module.exports = { HeapSession }
