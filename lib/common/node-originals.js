'use strict'

/**
 * Node's own clock, timers and file functions, saved when this is loaded: test runners replace them
 * by mocks, which stand still or report files that do not exist.
 */

const { setTimeout, clearTimeout, setImmediate, Date } = globalThis
const { hrtime } = process
const { existsSync, writeSync } = require('node:fs')

/** @returns {number} milliseconds since an arbitrary moment */
function monotonic () {
  const [seconds, nanoseconds] = hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}

module.exports = { setTimeout, clearTimeout, setImmediate, Date, monotonic, existsSync, writeSync }
