'use strict'
/**
 * V8 of Node 20 loses count of what was allocated when it optimizes a function. The
 * outputs say so there; other lines of Node lose nothing.
 */
const assert = require('node:assert')
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { testOnLine } = require('../support/run-on-node-lines.js')
const { FARTHEST } = require('../support/statistics.js')
const { VERSIONS } = require('../../csrc/tools/node_lines.js')

const CLI = path.join(__dirname, '..', '..', 'bin', 'shap-flame.js')
const TARGET = path.join(__dirname, '..', 'fixtures', 'compiles-often.js')
/** Bytes: 50,000 arrays of 100 elements, with their headers. */
const TRUTH = 500 * 100 * (100 + 6) * 8

for (const line of Object.keys(VERSIONS).map(Number)) testOnLine(line, testNode)

/** @param {import('../../csrc/tools/node_lines.js').NodeLine} node */
async function testNode (node) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-missed-'))
  try {
    const json = path.join(folder, 'p.json')
    const env = { ...process.env, SHAP_FLAME_BINDINGS: node.bindings, NODE_OPTIONS: '' }
    const args = [CLI, '--interval', '64k', '--json', json, '--', node.bin, '--allow-natives-syntax', TARGET]
    const { status, stderr } = spawnSync(node.bin, args, { env, encoding: 'utf8' })
    assert.equal(status, 0, stderr)
    const { totals, meta } = JSON.parse(fs.readFileSync(json, 'utf8'))
    const { value, error } = totals.alloc_space
    if (node.major === 20) {
      assert.match(meta.limit_missed, /^heap figures are about \d+ % low/)
      assert.ok(stderr.includes(meta.limit_missed), stderr)
      const low = Number(/\d+/.exec(meta.limit_missed)) / 100
      const counted = Number(meta.heap_allocated_bytes)
      assert.ok(counted > TRUTH && counted < 1.3 * TRUTH, `${counted} counted of ${TRUTH}`)
      assert.ok(Math.abs(value / counted - (1 - low)) < 0.02, `${value} of ${counted}, ${meta.limit_missed}`)
    } else {
      assert.equal(meta.limit_missed, undefined)
      assert.doesNotMatch(stderr, /% low/)
      assert.ok(value > TRUTH - FARTHEST * error, `${value} ± ${error} of ${TRUTH}`)
    }
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
}
