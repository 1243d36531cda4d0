'use strict'

/**
 * The preload, for --require and --import: samples this thread until its end and writes a capture
 * to a folder. It never breaks the app: a failure is one line on stderr. Under the permission model
 * this file can be read when others cannot, so it requires them one by one.
 */

/**
 * @param {unknown} error
 * @returns {string}
 */
function reasonOf (error) {
  if (/** @type {{ code?: unknown }} */ (error)?.code === 'ERR_ACCESS_DENIED') {
    const root = require('node:path').dirname(__dirname)
    return `the permission model blocks it; add --allow-addons --allow-fs-read=${root}/*`
  }
  try {
    return require('./common/errors.js').reason(error)
  } catch {
    return String(error).split('\n', 1)[0] ?? ''
  }
}

/** @param {string} why */
function printFailure (why) {
  try {
    require('node:fs').writeSync(2, `shap-flame: no profile of process ${process.pid}: ${why}\n`)
  } catch {
    // stderr is closed.
  }
}

function register () {
  const { REGISTER_SYMBOL, takeSnapshot } = require('./sampling/snapshot.js')
  if (Object.hasOwn(process, REGISTER_SYMBOL)) return
  Object.defineProperty(process, REGISTER_SYMBOL, { value: { snapshot: takeSnapshot } })
  const { preload, firstFailure } = require('./preload/index.js')
  try {
    preload()
  } catch (error) {
    const why = reasonOf(error)
    if (firstFailure(why)) printFailure(why)
  }
}

try {
  register()
} catch (error) {
  if (require('node:worker_threads').isMainThread) printFailure(reasonOf(error))
}
