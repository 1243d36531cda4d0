'use strict'
/**
 * Node-API fails: where memory is short, where a thread is being ended. Each of its calls is made to
 * fail once, in all that both addons do, on each Node line.
 */
const assert = require('node:assert/strict')
const { execFile, execFileSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, test } = require('node:test')
const { promisify } = require('node:util')
const { testOnLine } = require('../support/run-on-node-lines.js')
const { VERSIONS } = require('../../csrc/tools/node_lines.js')

const FIXTURES = path.join(__dirname, '..', 'fixtures')
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-test-'))
after(() => fs.rmSync(folder, { recursive: true }))

/** @returns {string} the addon that has the others' calls fail */
function build () {
  const file = path.join(folder, 'napi_faults.node')
  if (!fs.existsSync(file)) {
    const source = path.join(FIXTURES, 'napi_faults.c')
    execFileSync('cc', ['-D_GNU_SOURCE', '-std=c11', '-shared', '-fPIC', '-o', file, source])
  }
  return file
}

/** @param {import('../../csrc/tools/node_lines.js').NodeLine} node */
async function eachCallFails (node) {
  const env = { ...process.env, SHAP_FLAME_BINDINGS: node.bindings, NODE_OPTIONS: '' }
  const args = [path.join(FIXTURES, 'napi-faults.js'), build()]
  const { stdout } = await promisify(execFile)(node.bin, args, { env, timeout: 600000 })
  const lines = stdout.trimEnd().split('\n')
  assert.equal(lines.pop(), 'done', stdout)
  assert.ok(lines.length > 25 && lines.every(line => / [1-9]\d* errors$/.test(line)), stdout)
}

if (process.platform === 'linux') {
  for (const line of Object.keys(VERSIONS).map(Number)) testOnLine(line, eachCallFails)
} else {
  test('each call of Node-API fails once', { skip: 'calls are refused on Linux only' }, () => {})
}
