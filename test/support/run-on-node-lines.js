'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { nodes, missing } = require('../../csrc/tools/node_lines.js')

/**
 * A test on one line of Node: skipped without it, or failed where nothing may be skipped.
 * @param {number} major
 * @param {(node: import('../../csrc/tools/node_lines.js').NodeLine, t: import('node:test').TestContext) => Promise<void>} run
 * @param {import('node:test').TestOptions} [options]
 */
function testOnLine (major, run, options) {
  const node = nodes().find(line => line.major === major)
  if (node) {
    test(`node ${major}`, options, t => run(node, t))
  } else if (process.env.SHF_NO_SKIP === '1') {
    test(`node ${major} is there`, () => assert.fail(missing(major)))
  } else {
    test(`node ${major}`, { skip: missing(major) }, () => {})
  }
}

module.exports = { testOnLine }
