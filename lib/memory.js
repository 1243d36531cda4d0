'use strict'

const os = require('node:os')

/**
 * Half of what the machine has, or of what this process' control group may have: the most that
 * reading takes where nothing else is said. A file of a few kilobytes may stand for gigabytes.
 * @returns {number} bytes
 */
function defaultMemory () {
  const all = os.totalmem()
  const limit = process.constrainedMemory?.()
  return Math.floor((limit && limit < all ? limit : all) / 2)
}

/**
 * What an output may take where nothing else is said. Folded stacks of a deep tree can be a million
 * times as large as the input.
 * @returns {number} bytes, before they are packed
 */
function defaultOutput () {
  return Math.min(defaultMemory(), 2 ** 32)
}

exports.defaultMemory = defaultMemory
exports.defaultOutput = defaultOutput
