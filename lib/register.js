'use strict'

/**
 * The preload, for --require and --import: samples this thread from here to its
 * end, and leaves a capture in a folder. It never breaks the app: whatever goes
 * wrong is one line on stderr, and the app runs on.
 */

const { say } = require('./say.js')

const { ONCE, takeSnapshot } = require('./snapshot.js')

function register () {
  Object.defineProperty(process, ONCE, { value: { snapshot: takeSnapshot } })
  const { preload, firstFailure } = require('./preload.js')
  try {
    preload()
  } catch (error) {
    const why = require('./errors.js').reason(error)
    if (firstFailure(why)) say(`no profile of process ${process.pid}: ${why}`)
  }
}

try {
  if (!Object.hasOwn(process, ONCE)) register()
} catch (error) {
  say(`no profile of process ${process.pid}: ${String(error).split('\n')[0]}`)
}
