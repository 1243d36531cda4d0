'use strict'

const fs = require('node:fs')
const { createRequire } = require('node:module')
const path = require('node:path')

/** @returns {string} the real path of this process's script; empty: there is none */
function ownScript () {
  const script = process.argv[1]
  try {
    return script ? fs.realpathSync(script) : ''
  } catch {
    return script ?? ''
  }
}

/**
 * @param {string[]} names of packages, each a dependency of the one before, and at last a file
 * @returns {string | undefined} its path
 */
function findFrom (...names) {
  for (const from of [ownScript(), path.join(process.cwd(), 'package.json')]) {
    try {
      let found = from
      for (const name of names) found = createRequire(found).resolve(name)
      return found
    } catch {
      // Not there.
    }
  }
  return undefined
}

/**
 * Puts a property in place that tells of each reading, and gives what was there. No frame of ours is on
 * the stack when the function that it gives is called.
 * @param {object} object
 * @param {string} name
 * @param {(self: any) => void} onRead must not throw
 * @returns {() => void} puts back what was there
 */
function watchReads (object, name, onRead) {
  const before = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(object, name))
  Object.defineProperty(object, name, {
    configurable: true,
    enumerable: before.enumerable ?? false,
    get () {
      onRead(this)
      return before.value
    },
    set (value) {
      Object.defineProperty(this, name, { ...before, value })
    }
  })
  return () => { Object.defineProperty(object, name, before) }
}

module.exports = { ownScript, findFrom, watchReads }
