'use strict'

/** @type {Set<NodeJS.WriteStream>} */
const ignored = new Set()

/**
 * Node's streams are made where they are needed: many a command writes nothing but files. Their
 * reader may go (`| head`), or the terminal be closed: that is no reason to fail.
 * @param {NodeJS.WriteStream} stream
 * @returns {NodeJS.WriteStream} the same
 */
function ignoreStreamErrors (stream) {
  if (!ignored.has(stream)) stream.on('error', () => {})
  ignored.add(stream)
  return stream
}

const stdout = () => ignoreStreamErrors(process.stdout)
const stderr = () => ignoreStreamErrors(process.stderr)

/** What Node takes for a wish to have colours. */
const FORCED = ['', '1', 'true', '2', '3']

/**
 * As Node has it: FORCE_COLOR goes first, on what is no terminal too. As no-color.org has it: an
 * empty NO_COLOR says nothing; Node's own variable is held to the same.
 * @param {NodeJS.WriteStream} stream
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {boolean}
 */
function hasColors (stream, env = process.env) {
  const { FORCE_COLOR: forced, NO_COLOR: none, NODE_DISABLE_COLORS: disabled, ...rest } = env
  if (forced !== undefined) return FORCED.includes(forced)
  if (none || disabled || env.TERM === 'dumb' || !stream.isTTY) return false
  return stream.hasColors(16, rest)
}

module.exports = { stdout, stderr, hasColors }
