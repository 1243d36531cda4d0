'use strict'
/** The inspector engine, on each Node line: are its numbers true, and what does it say of itself? */
const assert = require('node:assert')
const { execFile, execFileSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { test } = require('node:test')
const { promisify } = require('node:util')
const { testOnLine } = require('../support/run-on-node-lines.js')
const { VERSIONS } = require('../../csrc/tools/node_lines.js')

// The least sampled function has a standard error of 2.9 %: 15 % is five of them, with any seed.
const INTERVAL = 8 * 1024

/**
 * @typedef {object} Told by a process that profiled itself
 * @property {Record<string, { truth: number, estimate: number }>} rows
 * @property {string[]} types
 * @property {Record<string, string>} meta
 * @property {import('../..').Source} source
 * @property {string[]} own files of shap-flame that are in the profile
 * @property {string} refused code of a second start
 * @property {boolean} stopped
 */

if (process.argv[2] === 'profile') profileKnown(process.argv[3])
else {
  for (const line of Object.keys(VERSIONS).map(Number)) testOnLine(line, testNode)
  test('scripts are listed at the end only where they are few, and in children where they are fewer', testScriptSizes)
}

/** In the child. @param {string} type */
async function profileKnown (type) {
  const shap = require('../..')
  const { run } = require('../fixtures/known-allocations.js')
  process.removeAllListeners('warning')
  await shap.start({ interval: INTERVAL, engine: 'inspector', type: /** @type {import('../..').SampleType} */ (type) })
  const refused = await shap.start().then(() => '', error => error.code)
  const truth = run()
  ;(await shap.capture()).free()
  const profile = await shap.capture()
  await shap.stop()
  const space = type === 'inuse_space' ? 'inuse_space' : 'alloc_space'
  const top = profile.top(0, space)
  /** @type {Told['rows']} */
  const rows = {}
  for (const name of Object.keys(truth)) {
    const found = top.find(row => row.name === name && row.file.endsWith('known-allocations.js'))
    rows[name] = { truth: truth[name][space], estimate: found?.total[space] ?? 0 }
  }
  const own = top.map(row => row.file).filter(file => /shap-flame.lib|inspector.lib.|node:inspector/.test(file))
  const { types, meta, sources: [source] } = profile
  process.stdout.write(JSON.stringify({ rows, types, meta, source, own, refused, stopped: !shap.running() }))
}

/** @param {import('../../csrc/tools/node_lines.js').NodeLine} node @param {string} type @returns {Promise<Told>} */
async function profiled (node, type) {
  const env = { ...process.env, SHAP_FLAME_BINDINGS: node.bindings, NODE_OPTIONS: '' }
  const { stdout } = await promisify(execFile)(node.bin, ['--random-seed=1', __filename, 'profile', type], { env, timeout: 120000 })
  return JSON.parse(stdout)
}

/** @param {Told} told */
function checkRows ({ rows }) {
  for (const [name, { truth, estimate }] of Object.entries(rows)) {
    assert.ok(Math.abs(estimate - truth) <= 0.15 * truth, `${name}: ${estimate}, truth ${truth}`)
  }
}

/**
 * @param {import('../../csrc/tools/node_lines.js').NodeLine} node
 * @param {import('node:test').TestContext} t
 */
async function testNode (node, t) {
  const all = await profiled(node, 'alloc_space')
  await t.test('what was allocated is within 15 % of the truth', () => checkRows(all))
  await t.test('it knows what was allocated, and says that it is all', () => {
    assert.deepStrictEqual(all.types, ['alloc_objects', 'alloc_space'])
    assert.strictEqual(all.meta.engine, 'inspector')
    assert.match(all.meta.limit, /in use is not known/)
    assert.deepStrictEqual([all.source.interval, all.source.gc], [INTERVAL, 'forced'])
  })
  await t.test('its own work is not in the profile', () => assert.deepStrictEqual(all.own, []))
  await t.test('a second start is refused, stop() ends it', () => {
    assert.deepStrictEqual([all.refused, all.stopped], ['ERR_SHAP_FLAME_RUNNING', true])
  })
  await t.test('asked for what is in use, it knows that and nothing else', async () => {
    const live = await profiled(node, 'inuse_space')
    assert.deepStrictEqual(live.types, ['inuse_objects', 'inuse_space'])
    assert.match(live.meta.limit, /only memory in use/)
    const { keepLargeArrays, shared, dropObjects } = live.rows
    checkRows({ ...live, rows: { keepLargeArrays, shared } })
    assert.ok(dropObjects.estimate < 100000, `garbage counts as in use: ${dropObjects.estimate}`)
  })
}

/** @param {import('node:test').TestContext} t */
function testScriptSizes (t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-test-'))
  t.after(() => fs.rmSync(folder, { recursive: true }))
  /** @param {number} bytes */
  const load = bytes => {
    const file = path.join(folder, `${bytes}.js`)
    fs.writeFileSync(file, `//${' '.repeat(bytes)}`)
    return `require(${JSON.stringify(file)}); `
  }
  const module = path.join(__dirname, '..', '..', 'lib', 'inspector', 'script-sizes.js')
  const answer = `console.log(require(${JSON.stringify(module)}).mayListScripts())`
  /** @param {string} code @param {NodeJS.ProcessEnv} [env] */
  const output = (code, env = {}) => execFileSync(process.execPath, ['-e', code], { env, encoding: 'utf8' }).trim()
  const child = { SHAP_FLAME_MAIN: '1' }
  assert.strictEqual(output(load(3e6) + answer), 'true')
  assert.strictEqual(output(load(4e6) + answer), 'false')
  assert.strictEqual(output(load(4e5) + answer, child), 'true')
  assert.strictEqual(output(load(5e5) + answer, child), 'false')
  assert.strictEqual(output(`new (require('node:worker_threads').Worker)(${JSON.stringify(load(5e5) + answer)}, { eval: true })`), 'false')
}
