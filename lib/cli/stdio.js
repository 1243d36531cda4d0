'use strict'

/** @type {Set<NodeJS.WriteStream>} */
const ignored = new Set()

/**
 * Node creates these streams when they are first used; many commands only write files. A closed pipe
 * (`| head`) or terminal is not an error.
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

/** Values of FORCE_COLOR with which Node uses colours. */
const FORCED = ['', '1', 'true', '2', '3']

/**
 * As in Node, FORCE_COLOR takes precedence, even without a terminal. As on no-color.org, an empty
 * NO_COLOR has no effect; the same applies to NODE_DISABLE_COLORS.
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
