'use strict'

/** Notes of profiled processes in the folder for captures, and limits on what is read. */

const fs = require('node:fs')

/** Maximum size of a note. */
const NOTE_BYTES = 4096
/** Maximum captures of children, unreadable captures, and notes that are read in a run. */
const MAX_CAPTURES = 10_000
const MAX_UNREADABLE = 100
const MAX_NOTES = 1000
/** Maximum unreadable files that are reported, one line each. */
const MAX_REPORTED = 5

/**
 * Reads a note, which is a regular file: anything else is ignored, because reading it might block.
 * @param {string} file
 * @returns {string | undefined} undefined if it does not exist or is not a note
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
 * Removes a file, or a folder with a file's name.
 * @param {string} file
 */
function removeAny (file) {
  fs.rmSync(file, { recursive: true, force: true })
}

/**
 * Limits the messages about unreadable files.
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
