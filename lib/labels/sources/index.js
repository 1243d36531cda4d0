'use strict'

/** `--label`: labels without a line of code in the app. */

const { reason } = require('../../common/errors.js')
const { sharedContexts } = require('../contexts.js')

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

function stopSources () {
  for (const stop of running) stop()
  running = []
}

module.exports = { startSources, stopSources }
