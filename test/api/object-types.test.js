'use strict'
/** Types of what is in use, on every Node line. */
const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const path = require('node:path')
const { VERSIONS } = require('../../csrc/tools/node_lines.js')
const { PATIENCE_MS, cleanEnvironment, testsOf, withFolder } = require('../support/profiled-process.js')
const shap = require('../../lib/index.js')

const FIXTURES = path.join(__dirname, '..', 'fixtures')
const CLI = path.join(__dirname, '..', '..', 'bin', 'shap-flame.js')
/** One of some 50 types is beyond 4.5 errors once in 3,000 runs. */
const MAX_ERRORS = 4.5
/** V8 flags that move, free and compile as often as possible. */
const STRESS = [
  ['--stress-compaction'], ['--stress-scavenge=20'], ['--gc-global'], ['--always-sparkplug'], ['--no-opt'], ['--gc-interval=500']
]

/**
 * @param {import('../../csrc/tools/node_lines.js').NodeLine} node
 * @param {string[]} args
 * @returns {{ stdout: string, stderr: string }}
 */
function run (node, args) {
  const env = { ...cleanEnvironment(), SHAP_FLAME_BINDINGS: node.bindings }
  const { stdout, stderr, status, signal } = spawnSync(node.bin, args, { encoding: 'utf8', env, timeout: PATIENCE_MS })
  assert.equal(status, 0, `${signal} ${stderr}`)
  return { stdout, stderr }
}

/**
 * @param {import('../../csrc/tools/node_lines.js').NodeLine} node
 * @param {string} [kind] of the fixture
 * @param {string[]} [flags]
 */
async function typesOf (node, kind = '', flags = []) {
  /** @type {{ rows: import('../../lib/index.js').LabelRow[], limit: string | undefined, stdout: string } | undefined} */
  let found
  await withFolder(async folder => {
    const file = path.join(folder, 'capture')
    // Folded allocations count for the first type; V8 of Node 20 does not count a page when it compiles.
    const exact = node.major > 20 ? ['--no-turbo-allocation-folding'] : ['--no-opt']
    const { stdout } = run(node, [...exact, ...flags, path.join(FIXTURES, 'object-types.js'), file, kind])
    const profile = await shap.read(file)
    found = { rows: profile.by('type', 'inuse_objects'), limit: profile.meta.limit_types, stdout }
    profile.free()
  })
  return /** @type {NonNullable<typeof found>} */ (found)
}

for (const major of Object.keys(VERSIONS).map(Number)) {
  const test = testsOf(major)

  test('known objects have their types, each as many as there are', async node => {
    const { rows, limit, stdout } = await typesOf(node)
    assert.equal(limit, undefined)
    for (const [name, count] of Object.entries(JSON.parse(stdout))) {
      const row = rows.find(({ value }) => value === name)
      const errors = ((row?.total.inuse_objects ?? 0) - count) / (row?.error.inuse_objects ?? 1)
      // Node and V8 have strings and functions of their own, and a closure may be made twice.
      assert.ok(errors > -MAX_ERRORS, `${name}: ${errors} errors`)
      if (!name.startsWith('(')) assert.ok(errors < MAX_ERRORS, `${name}: ${errors} errors`)
    }
    for (const name of ['(array)', '(Map table)', '(Set table)', '(internal)', 'ArrayBuffer']) assert.ok(rows.some(({ value }) => value === name), name)
    assert.equal(rows.find(({ value }) => value === '')?.total.inuse_objects ?? 0, 0)
  })

  test('the name of a type runs nothing of the app, and is cut at 128 bytes', async node => {
    const { rows, stdout } = await typesOf(node, 'hostile')
    assert.equal(stdout, '')
    assert.ok(rows.every(({ value }) => Buffer.byteLength(value) <= 128))
    assert.ok(rows.some(({ value }) => value === '__proto__'))
    assert.ok(rows.some(({ value }) => value === `${'é'.repeat(63)}x`))
  })

  test('more than 1,000 types are (other), which is told', async node => {
    const { rows, limit } = await typesOf(node, 'many')
    assert.equal(limit, 'there were more than 1,000 types: further ones are (other)')
    assert.ok(rows.length <= 1002)
    assert.ok(rows.some(({ value }) => value === '(other)'))
  })

  test('types are right while V8 moves and frees as often as it can', async node => {
    for (const flags of STRESS) {
      const { rows, stdout } = await typesOf(node, '', flags)
      for (const name of Object.keys(JSON.parse(stdout))) assert.ok(rows.some(({ value }) => value === name), `${flags}: ${name}`)
    }
  })

  test('captures with types keep nothing alive', async node => {
    const program = `
      const { sampler } = require(${JSON.stringify(path.join(FIXTURES, '../../lib/common/native.js'))})
      const native = sampler()
      native.start({ interval: 512, depth: 16, alloc: true, inuse: true, maxMemory: 0, thread: 0 })
      let gone = 0
      const registry = new FinalizationRegistry(() => gone++)
      for (let i = 0; i < 200; i++) (() => registry.register({ list: new Array(200).fill(i) }, i))()
      native.capture({ gc: false, types: true, meta: {} })
      gc()
      setTimeout(() => process.stdout.write(String(gone)), 50)`
    assert.ok(Number(run(node, ['--expose-gc', '-e', program]).stdout) >= 199)
  })

  test('a run has types with --types, and its snapshots have them without', async node => {
    await withFolder(async folder => {
      const output = path.join(folder, 'o.pb.gz')
      const app = 'class Session { constructor () { this.list = [1, 2, 3] } }; global.all = Array.from({ length: 20000 }, () => new Session())'
      const { stderr } = run(node, [CLI, '--types', '--interval', '16k', '--pprof', output, '--', node.bin, '-e', app])
      // Node 20 says so where it lost more than usual.
      assert.equal(stderr.replace(/^shap-flame: heap figures are about .*\n/m, ''), `shap-flame: wrote ${output}\n`)
      const profile = await shap.read(output)
      assert.ok(profile.by('type').some(({ value }) => value === 'Session'))
      run(node, [CLI, '--interval', '16k', '--out-dir', folder, '--name', 's', '--', node.bin, '-e', `${app}; require(${JSON.stringify(path.dirname(FIXTURES))} + '/../lib').snapshot()`])
      run(node, [CLI, '--interval', '16k', '--pprof', output, '--', node.bin, '-e', app])
      assert.ok(!(await shap.read(output)).labels.includes('type'))
    })
  })
}
