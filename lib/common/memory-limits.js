'use strict'

const os = require('node:os')

/** @returns {number} bytes of memory of the machine, or of this process's control group */
function machineMemory () {
  const all = os.totalmem()
  const limit = process.constrainedMemory?.()
  return limit && limit < all ? limit : all
}

/**
 * The default limit for reading: a file of a few kilobytes can expand to gigabytes. Two profiles of
 * a million nodes each take 18 MB.
 * @returns {number} bytes
 */
function defaultMemory () {
  return Math.min(Math.floor(machineMemory() / 4), 2 ** 31)
}

/**
 * The default limit of an output: folded stacks of a deep tree can be a million times larger than the
 * input.
 * @returns {number} bytes before gzip
 */
function defaultOutput () {
  return Math.min(Math.floor(machineMemory() / 2), 2 ** 32)
}

exports.defaultMemory = defaultMemory
exports.defaultOutput = defaultOutput
