'use strict'

/** When what we say to people has colours. */

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { WriteStream } = require('node:tty')
const { hasColors } = require('../../lib/cli/stdio.js')

/** @param {boolean} isTTY @returns {NodeJS.WriteStream} as Node's, without a terminal behind it */
function stream (isTTY) {
  const { hasColors, getColorDepth } = WriteStream.prototype
  return /** @type {NodeJS.WriteStream} */ (/** @type {unknown} */ ({ isTTY, hasColors, getColorDepth }))
}

/** @param {Record<string, string>} env @returns {boolean} on a terminal */
const onTerminal = env => hasColors(stream(true), { TERM: 'xterm-256color', ...env })

test('only a terminal has colours', () => {
  assert.equal(onTerminal({}), true)
  assert.equal(hasColors(stream(false), { TERM: 'xterm-256color' }), false)
})

test('NO_COLOR turns colours off unless it is empty', () => {
  assert.equal(onTerminal({ NO_COLOR: '1' }), false)
  assert.equal(onTerminal({ NO_COLOR: '0' }), false)
  assert.equal(onTerminal({ NO_COLOR: '' }), true)
})

test('NODE_DISABLE_COLORS turns colours off unless it is empty', () => {
  assert.equal(onTerminal({ NODE_DISABLE_COLORS: '1' }), false)
  assert.equal(onTerminal({ NODE_DISABLE_COLORS: '' }), true)
})

test('a dumb terminal has no colours', () => {
  assert.equal(onTerminal({ TERM: 'dumb' }), false)
})

test('FORCE_COLOR overrides all others, as in Node', () => {
  for (const value of ['', '1', 'true', '2', '3']) {
    assert.equal(onTerminal({ FORCE_COLOR: value, NO_COLOR: '1', TERM: 'dumb' }), true, value)
    assert.equal(hasColors(stream(false), { FORCE_COLOR: value }), true, value)
  }
  for (const value of ['0', 'false', 'no']) assert.equal(onTerminal({ FORCE_COLOR: value }), false, value)
})
