'use strict'

/** @type {Set<NodeJS.WriteStream>} */
const heard = new Set()

/**
 * Node's streams are made where they are needed: many a command writes nothing but files. Their
 * reader may go (`| head`), or the terminal be closed: that is no reason to fail.
 * @param {NodeJS.WriteStream} stream
 * @returns {NodeJS.WriteStream} the same
 */
function hear (stream) {
  if (!heard.has(stream)) stream.on('error', () => {})
  heard.add(stream)
  return stream
}

const stdout = () => hear(process.stdout)
const stderr = () => hear(process.stderr)

module.exports = { stdout, stderr }
