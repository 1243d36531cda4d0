'use strict'

/**
 * Node's own clock, timers and functions of files, as they are when this is loaded: a test runner
 * puts its own in their place, and those stand still or tell of files that are none.
 */

const { setTimeout, clearTimeout, setImmediate, Date } = globalThis
const { hrtime } = process
const { existsSync, writeSync } = require('node:fs')

/** @returns {number} milliseconds from some moment on */
function monotonic () {
  const [seconds, nanoseconds] = hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}

module.exports = { setTimeout, clearTimeout, setImmediate, Date, monotonic, existsSync, writeSync }
