'use strict'
/** Memory of addons that no sampler sees is printed while the program keeps it, on each Node line. */
const assert = require('node:assert/strict')
const { execFile, execFileSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after } = require('node:test')
const { promisify } = require('node:util')
const { testOnLine } = require('../support/run-on-node-lines.js')
const { VERSIONS } = require('../../csrc/tools/node_lines.js')

const SHAP = path.join(__dirname, '..', '..', 'bin', 'shap-flame.js')
const SOURCE = path.join(__dirname, '..', 'fixtures', 'external_buffers.c')
const HELD = 90e6
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-test-'))
after(() => fs.rmSync(folder, { recursive: true }))

const APP = `
const { make } = require('./external_buffers.node')
globalThis.kept = Array.from({ length: 30 }, () => make(3e6))
if (process.argv[2] === 'exit') process.exit()
`

/** @param {string} bin */
function build (bin) {
  const headers = [path.join(path.dirname(bin), '..', 'include', 'node'), path.join(path.dirname(process.execPath), '..', 'include', 'node'), '/usr/include/node']
  const include = headers.find(dir => fs.existsSync(path.join(dir, 'node_api.h')))
  assert.ok(include, 'the headers of Node are not there')
  execFileSync('cc', ['-std=c11', '-shared', '-fPIC', '-I', include, '-o', path.join(folder, 'external_buffers.node'), SOURCE])
  fs.writeFileSync(path.join(folder, 'app.js'), APP)
}

/** @param {import('../../csrc/tools/node_lines.js').NodeLine} node */
async function toldAtEachEnd (node) {
  build(node.bin)
  const env = { ...process.env, SHAP_FLAME_BINDINGS: node.bindings, NODE_OPTIONS: '' }
  for (const [end, options] of [['dry', []], ['dry', ['--no-gc']], ['exit', []]]) {
    const args = [SHAP, '--quiet', ...options, '--json', 'p.json', '--', node.bin, 'app.js', end]
    await promisify(execFile)(node.bin, args.flat(), { cwd: folder, env, timeout: 120000 })
    const { memory } = JSON.parse(fs.readFileSync(path.join(folder, 'p.json'), 'utf8'))
    assert.ok(memory.external >= HELD && memory.external < HELD + 20e6, `${end} ${options}: ${JSON.stringify(memory)}`)
    assert.ok(memory.rss >= HELD, `${end} ${options}: ${JSON.stringify(memory)}`)
  }
}

for (const line of Object.keys(VERSIONS).map(Number)) testOnLine(line, toldAtEachEnd)
