'use strict'

/** `--label`: labels without a line of code in the app. */

const { reason } = require('../../common/errors.js')
const { connectLabels, sharedContexts } = require('../contexts.js')

/** @typedef {import('../contexts.js').Contexts} Contexts */

/** @type {Record<string, (contexts: Contexts) => () => void>} what begins each, and returns what ends it */
const SOURCES = {
  http: contexts => require('./http.js').startHttp(contexts),
  trace: contexts => require('./trace.js').startTrace(contexts),
  test: contexts => require('./test.js').startTest(contexts),
  worker: contexts => require('./worker.js').startWorker(contexts)
}

/** @type {(() => void)[]} */
let running = []

/**
 * @param {readonly string[]} names
 * @param {(message: string) => void} warn
 */
function startSources (names, warn) {
  const contexts = sharedContexts()
  for (const name of contexts ? new Set(names) : []) {
    try {
      running.push(SOURCES[name](/** @type {Contexts} */ (contexts)))
    } catch (error) {
      warn(`no labels of ${name}: ${reason(error)}`)
    }
  }
}

/**
 * Called in a process that is attached to.
 * @param {import('../../common/native.js').Sampler} native that samples
 * @param {readonly string[]} names
 * @returns {string | undefined} what cannot be, or costs something
 */
function attachSources (native, names) {
  /** @type {string[]} */
  const limits = []
  stopSources()
  connectLabels(native, (_, message) => limits.push(message))
  startSources(names, message => limits.push(message))
  if (names.includes('http')) sharedContexts()?.prepare()
  return limits.length > 0 ? limits.join('; ') : undefined
}

function stopSources () {
  for (const stop of running) stop()
  running = []
}

module.exports = { attachSources, startSources, stopSources }
