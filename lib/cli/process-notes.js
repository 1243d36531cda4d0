'use strict'

/** What profiled processes left in the folder for captures: short notes, and how much of all is taken. */

const fs = require('node:fs')

/** No note of ours is longer. */
const NOTE_BYTES = 4096
/** So many captures of a run's children are read, unless so many cannot be; and so many notes. */
const MAX_CAPTURES = 10_000
const MAX_UNREADABLE = 100
const MAX_NOTES = 1000
/** So many files that cannot be read are told of, one line each. */
const MAX_REPORTED = 5

/**
 * A note is a regular file: anything else may keep its reader waiting, and stands for nothing.
 * @param {string} file
 * @returns {string | undefined} absent where it is gone, or no note
 */
function readNote (file) {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants
  /** @type {number | undefined} */
  let descriptor
  try {
    descriptor = fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    if (!fs.fstatSync(descriptor).isFile()) return undefined
    const bytes = Buffer.alloc(NOTE_BYTES)
    return bytes.toString('utf8', 0, fs.readSync(descriptor, bytes))
  } catch {
    return undefined
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor)
  }
}

/**
 * Whatever it is: a folder may have a file's name.
 * @param {string} file
 */
function removeAny (file) {
  fs.rmSync(file, { recursive: true, force: true })
}

/**
 * Of many files that cannot be read a few are told.
 * @param {readonly string[]} lines
 * @returns {string[]}
 */
function clipLines (lines) {
  const more = lines.length - MAX_REPORTED
  if (more <= 0) return [...lines]
  const rest = more > 1 ? `skipped ${more} more captures` : 'skipped 1 more capture'
  return [...lines.slice(0, MAX_REPORTED), rest]
}

module.exports = { readNote, removeAny, clipLines, MAX_CAPTURES, MAX_NOTES, MAX_UNREADABLE }
