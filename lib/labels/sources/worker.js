'use strict'

const { isMainThread, threadId } = require('node:worker_threads')
const { basename } = require('../../common/node-originals.js')

const KEY = 'worker'
/** What Node calls a worker without a name. */
const UNNAMED = 'WorkerThread'

/** @returns {string | undefined} undefined: it has none, or Node does not tell it */
function nameOfThread () {
  if (isMainThread) return 'main'
  const { threadName: name } = /** @type {{ threadName?: string }} */ (require('node:worker_threads'))
  return name && name !== UNNAMED ? name : undefined
}

/**
 * `--label worker`: the name of the thread, or its file and number.
 * @param {import('../contexts.js').Contexts} contexts
 * @returns {() => void} ends it
 */
function startWorker (contexts) {
  const name = nameOfThread()
  const number = String(threadId)
  contexts.setThread([KEY, name ?? number])
  // A preload runs before Node has noted the worker's file.
  if (name === undefined) process.nextTick(nameByFile, contexts, number)
  return () => contexts.setThread([])
}

/**
 * @param {import('../contexts.js').Contexts} contexts
 * @param {string} number
 */
function nameByFile (contexts, number) {
  try {
    const file = process.argv[1]
    if (file) contexts.rename([KEY, number], KEY, `${basename(file)} ${number}`)
  } catch {
    // The app must not notice.
  }
}

module.exports = { startWorker }
