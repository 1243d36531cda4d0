'use strict'

/** How much source text the app has loaded: listing scripts by the debugger takes 40 to 60 ms a megabyte. */

const { statSync } = require('node:fs')
const { isMainThread } = require('node:worker_threads')
const { isChild } = require('../common/run-environment.js')

/** Maximum bytes of source text whose scripts are listed: a fifth of a second. */
const MAX_BYTES = 4e6
/** The same in a worker or a child process, whose parents wait: 30 ms. */
const MAX_BYTES_OF_CHILDREN = 5e5
/** Maximum files whose size is looked up. */
const MAX_FILES = 2000

/** Loaded CommonJS modules by file. */
const modules = /** @type {Record<string, unknown>} */ (/** @type {any} */ (require('node:module'))._cache)

/** @returns {boolean} whether the scripts of this thread can be listed fast enough at its end */
function mayListScripts () {
  const max = isMainThread && !isChild() ? MAX_BYTES : MAX_BYTES_OF_CHILDREN
  const files = Object.keys(modules)
  if (files.length > MAX_FILES) return false
  let bytes = 0
  for (let i = 0; i < files.length && bytes <= max; i++) {
    try {
      bytes += statSync(files[i], { throwIfNoEntry: false })?.size ?? 0
    } catch {
      // Forbidden, as by the permission model.
    }
  }
  return bytes <= max
}

module.exports = { mayListScripts }
