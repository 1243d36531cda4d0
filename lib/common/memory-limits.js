'use strict'

const os = require('node:os')

/** @returns {number} bytes that the machine has, or that this process' control group may have */
function machineMemory () {
  const all = os.totalmem()
  const limit = process.constrainedMemory?.()
  return limit && limit < all ? limit : all
}

/**
 * The most that reading takes where nothing else is said: a file of a few kilobytes may stand for
 * gigabytes. Two profiles of a million nodes each take 18 MB.
 * @returns {number} bytes
 */
function defaultMemory () {
  return Math.min(Math.floor(machineMemory() / 4), 2 ** 31)
}

/**
 * What an output may take where nothing else is said. Folded stacks of a deep tree can be a million
 * times as large as the input.
 * @returns {number} bytes, before they are packed
 */
function defaultOutput () {
  return Math.min(Math.floor(machineMemory() / 2), 2 ** 32)
}

exports.defaultMemory = defaultMemory
exports.defaultOutput = defaultOutput
