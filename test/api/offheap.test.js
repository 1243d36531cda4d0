'use strict'
/**
 * Memory outside of V8's heap: are the figures true, and is the app unharmed? Each
 * test runs in a process of its own on each Node line.
 */
const assert = require('node:assert')
const { execFile, execFileSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { promisify } = require('node:util')
const { Worker, isMainThread, parentPort } = require('node:worker_threads')
const { testOnLine } = require('../support/run-on-node-lines.js')
const { checkRow, checkRows } = require('../support/statistics.js')
const { VERSIONS, headersOf } = require('../../csrc/tools/node_lines.js')

const RUNS = 5
const INTERVAL = 64 * 1024
const TYPES = /** @type {const} */ (['alloc_space', 'inuse_space'])
const FIXTURES = path.join(__dirname, '..', 'fixtures')
const REGISTER = path.join(__dirname, '..', '..', 'lib', 'register.js')
const STRESS = path.join(FIXTURES, 'buffer-stress.js')
const STRESSES = [[], ['--stress-compaction'], ['--stress-scavenge=20'], ['--gc-global']]

/**
 * @typedef {{ alloc_space: number, inuse_space: number }} Spaces
 * @typedef {{ truth: Spaces, estimate: Spaces, error: Spaces }} Row
 * @typedef {{ rows: Record<string, Row>, total: number, counted: number, node: number }} Answer
 */

/** What a child does: one function each, by name. */
const children = { known, restarts, later, worker, inSnapshot, swapped, deep, without }
const part = /** @type {keyof typeof children} */ (process.argv[2])
if (!isMainThread) inWorker()
else if (part in children) Promise.resolve(children[part]()).then(print)
else for (const line of Object.keys(VERSIONS).map(Number)) testOnLine(line, testNode)

/** @param {unknown} value */
function print (value) {
  process.stdout.write(JSON.stringify(value))
}

/* ---- In children ---------------------------------------------------------------- */

/**
 * @param {import('../..').Profile} profile
 * @param {string} name of a function
 * @param {Spaces} truth
 * @returns {Promise<Row>} what it allocated outside of the heap
 */
async function rowOf (profile, name, truth) {
  const own = await profile.filter({ focus: new RegExp(`^${name} `) })
  const outside = await own.filter({ focus: /^\(off-heap\)/ })
  const row = {
    truth,
    estimate: { alloc_space: outside.total('alloc_space'), inuse_space: outside.total('inuse_space') },
    error: { alloc_space: outside.error('alloc_space'), inuse_space: outside.error('inuse_space') }
  }
  outside.free()
  own.free()
  return row
}

/** @returns {Promise<Answer>} */
async function known () {
  const shap = require('../..')
  const { run } = require('../fixtures/known-buffers.js')
  const file = path.join(os.tmpdir(), `shap-flame-test-${process.pid}`)
  fs.writeFileSync(file, Buffer.alloc(20e6))
  await shap.start({ interval: INTERVAL })
  const truth = run(file)
  fs.rmSync(file)
  const profile = await shap.capture({ gc: true })
  /** @type {Record<string, Row>} */
  const rows = {}
  for (const name of Object.keys(truth)) rows[name] = await rowOf(profile, name, truth[name])
  const outside = await profile.filter({ focus: /^\(off-heap\)/ })
  const last = await shap.capture()
  const node = process.memoryUsage().arrayBuffers
  return { rows, total: outside.total('inuse_space'), counted: Number(last.meta.array_buffers_bytes), node }
}

/** A thousand starts, with Buffers that live across the stops and are freed later. */
async function restarts () {
  const shap = require('../..')
  /** @type {Buffer[]} */
  const ring = []
  const rounds = async (/** @type {number} */ count) => {
    for (let i = 0; i < count; i++) {
      await shap.start({ interval: 4096 })
      for (let k = 0; k < 20; k++) ring[(i * 20 + k) % 300] = Buffer.allocUnsafeSlow(8192)
      if (i % 100 === 0) await (await shap.capture()).free()
      await shap.stop()
    }
    return process.memoryUsage.rss()
  }
  // A leak grows each time; what V8 has not collected yet goes up and down by nearly as much.
  let grown = Infinity
  for (let before = await rounds(500), tries = 0; tries < 4 && grown > 4e6; tries++) {
    const after = await rounds(500)
    grown = Math.min(grown, after - before)
    before = after
  }
  await shap.start({ interval: 1 })
  ring.push(Buffer.allocUnsafeSlow(12345))
  const profile = await shap.capture()
  const { estimate } = await rowOf(profile, 'restarts', { alloc_space: 0, inuse_space: 0 })
  return { grown, estimate }
}

/** What is freed while nobody watches is not in use of a later session. */
async function later () {
  const shap = require('../..')
  let kept = Buffer.allocUnsafeSlow(5e6)
  await shap.start({ interval: 1024 })
  kept = Buffer.allocUnsafeSlow(6e6)
  await shap.stop()
  kept = Buffer.allocUnsafeSlow(7e6)
  await shap.start({ interval: 1024 })
  const mine = Buffer.allocUnsafeSlow(8e6)
  const profile = await shap.capture({ gc: true })
  const outside = await profile.filter({ focus: /^\(off-heap\)/ })
  return { inuse: outside.total('inuse_space'), kept: kept.length + mine.length }
}

async function inWorker () {
  const shap = require('../..')
  const { keepMany, MANY } = require('../fixtures/known-buffers.js')
  await shap.start({ interval: INTERVAL })
  keepMany()
  const profile = await shap.capture({ gc: true })
  const bytes = MANY.count * MANY.size
  parentPort?.postMessage(await rowOf(profile, 'keepMany', { alloc_space: bytes, inuse_space: bytes }))
}

/** @returns {Promise<Row>} of a worker; the main thread samples too, and outlives it */
async function worker () {
  const shap = require('../..')
  await shap.start({ interval: 4096 })
  const thread = new Worker(__filename)
  const row = await new Promise((resolve, reject) => thread.on('message', resolve).on('error', reject))
  await thread.terminate()
  await shap.capture({ gc: true })
  return row
}

/** The child of a snapshot: a function of it allocates. */
function inSnapshot () {
  const v8 = require('node:v8')
  v8.startupSnapshot.setDeserializeMainFunction(() => {
    const kept = [Buffer.alloc(5e6), new ArrayBuffer(3e6)]
    console.log(kept.length)
  })
}

/** Somebody puts a table over ours, and takes it away when we are gone; and the other way round. */
async function swapped () {
  const shap = require('../..')
  const other = require(process.argv[3])
  /** @type {number[]} */
  const seen = []
  /** @type {Buffer[]} */
  const kept = []
  const look = async () => {
    kept.push(Buffer.allocUnsafeSlow(4e6))
    const { estimate } = await rowOf(await shap.capture(), 'look', { alloc_space: 0, inuse_space: 0 })
    seen.push(estimate.inuse_space)
  }
  await shap.start({ interval: 1024 })
  other.swap()
  await look()
  await shap.stop()
  for (let i = 0; i < 20; i++) {
    await shap.start({ interval: 1024 })
    await look()
    await shap.stop()
  }
  other.back()
  kept.length = 0
  await shap.start({ interval: 1024 })
  await look()
  await shap.stop()
  other.swap()
  await shap.start({ interval: 1024 })
  await look()
  await shap.stop()
  other.back()
  new ArrayBuffer(1e6)
  return seen
}

async function deep () {
  const shap = require('../..')
  /** @type {(levels: number) => Buffer} */
  const down = levels => levels > 0 ? down(levels - 1) : Buffer.allocUnsafeSlow(1e6)
  await shap.start({ interval: 1024, depth: 10 })
  const kept = down(50)
  const profile = await shap.capture()
  const outside = await profile.filter({ focus: /^\(off-heap\)/ })
  const lines = String(await outside.toFolded({ type: 'alloc_space' })).trim().split('\n')
  return { depths: lines.filter(line => line.includes('down')).map(line => line.split(';').length), line: lines.find(one => one.includes('down')), kept: kept.length }
}

async function without () {
  const shap = require('../..')
  await shap.start({ interval: 1024, offheap: false })
  const kept = Buffer.alloc(1e7)
  const profile = await shap.capture()
  return { kinds: profile.sources.map(source => source.kind), total: profile.total('alloc_space'), kept: kept.length }
}

/* ---- Tests -------------------------------------------------------------------------- */

/** @param {import('../../csrc/tools/node_lines.js').NodeLine} node */
function environment (node) {
  const env = { ...process.env }
  for (const name of Object.keys(env)) if (/^(SHAP_FLAME_|NODE_)/.test(name)) delete env[name]
  return { ...env, SHAP_FLAME_BINDINGS: node.bindings }
}

/**
 * @param {import('../../csrc/tools/node_lines.js').NodeLine} node
 * @param {string} what
 * @param {string[]} [rest]
 * @param {string[]} [flags]
 * @returns {Promise<any>} what the child printed
 */
async function ask (node, what, rest = [], flags = []) {
  const { stdout, stderr } = await promisify(execFile)(node.bin, [...flags, __filename, what, ...rest], { env: environment(node), timeout: 300000 })
  assert.strictEqual(stderr, '')
  return JSON.parse(stdout)
}

/**
 * @param {import('../../csrc/tools/node_lines.js').NodeLine} node
 * @param {import('node:test').TestContext} t
 */
async function testNode (node, t) {
  /** @type {Answer[]} */
  const answers = await Promise.all(Array.from({ length: RUNS }, () => ask(node, 'known')))
  await t.test('the mean of five runs is within 10 % of the truth', () => checkMeans(answers))
  await t.test('rows are as far from the truth as their standard errors say', () => checkErrors(answers))
  await t.test('what was dropped is not in use after a forced collection', () => {
    for (const { rows } of answers) assert.strictEqual(rows.dropSome.estimate.inuse_space, 0)
  })
  await t.test('what is in use agrees with what Node counts', () => checkCounted(answers))
  await t.test('a worker has figures of its own', async () => {
    const row = await ask(node, 'worker')
    for (const type of TYPES) checkRow('keepMany', row, type)
  })
  await t.test('a thousand starts and stops, with Buffers that live across them', async () => {
    const { grown, estimate } = await ask(node, 'restarts')
    assert.strictEqual(estimate.alloc_space, 12345)
    assert.ok(grown < 16e6, `RSS grew by ${grown}`)
  })
  await t.test('a later session counts its own blocks alone', async () => {
    const { inuse } = await ask(node, 'later')
    assert.ok(inuse >= 8e6 && inuse < 8.5e6, `${inuse} in use`)
  })
  await t.test('the depth holds, and a cut stack says so', async () => {
    const { depths, line } = await ask(node, 'deep')
    assert.match(line, /^\(truncated\);/)
    assert.match(line, /;\(off-heap\) \(.*offheap\.test\.js:\d+:\d+\) \d+$/)
    for (const depth of depths) assert.ok(depth === 12, `${depth} frames with (truncated) and the leaf, not 12`)
  })
  await t.test('offheap: false leaves it out', async () => {
    const { kinds, total } = await ask(node, 'without')
    assert.deepStrictEqual(kinds, ['heap'])
    assert.ok(total < 1e7)
  })
  await t.test('another library may replace the allocator before and after', s => checkSwapped(node, s))
  await t.test('frozen intrinsics do no harm', async () => {
    const { kinds } = await ask(node, 'without', [], ['--frozen-intrinsics', '--no-warnings'])
    assert.deepStrictEqual(kinds, ['heap'])
    const { inuse } = await ask(node, 'later', [], ['--frozen-intrinsics', '--no-warnings'])
    assert.ok(inuse >= 8e6 && inuse < 8.5e6)
  })
  await t.test('a process that starts from a snapshot is sampled', () => checkSnapshot(node))
  for (const flags of STRESSES) {
    await t.test(`every kind of Buffer at 4 KB, ${flags.join(' ') || 'no flags'}: same output, same end`, () => checkStress(node, flags))
  }
}

/** @param {Answer[]} answers */
function checkMeans (answers) {
  for (const name of Object.keys(answers[0].rows)) {
    for (const type of TYPES) {
      const truth = answers[0].rows[name].truth[type]
      if (truth === 0) continue
      const mean = answers.reduce((sum, { rows }) => sum + rows[name].estimate[type], 0) / answers.length
      // Five standard errors of the mean: 11 % for the pieces, less for all others.
      const variance = answers.reduce((sum, { rows }) => sum + rows[name].error[type] ** 2, 0)
      const bound = Math.max(truth / 10, 5 * Math.sqrt(variance) / answers.length)
      assert.ok(Math.abs(mean - truth) <= bound, `${name} ${type}: mean ${Math.round(mean)}, truth ${truth}`)
    }
  }
}

/** @param {Answer[]} answers */
function checkErrors (answers) {
  const rows = answers.flatMap(answer => Object.entries(answer.rows))
  // Fifteen draws, ten of what is in use: beyond these by luck once in ten million times.
  checkRows(rows, 'alloc_space', 4.2)
  checkRows(rows, 'inuse_space', 5.3)
}

/** @param {Answer[]} answers */
function checkCounted (answers) {
  for (const { total, counted, node } of answers) {
    assert.ok(Math.abs(counted - node) < 1e5, `counted ${counted}, Node ${node}`)
    assert.ok(Math.abs(total - counted) < counted / 20, `${total} in use, Node counts ${counted}`)
  }
}

/**
 * @param {import('../../csrc/tools/node_lines.js').NodeLine} node
 * @param {import('node:test').TestContext} t
 */
async function checkSwapped (node, t) {
  const headers = headersOf(node.bin) || path.dirname(path.dirname(node.bin))
  const compiler = process.env.CXX || 'g++'
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-test-'))
  const addon = path.join(folder, 'swap.node')
  try {
    const args = ['-shared', '-fPIC', node.major >= 24 ? '-std=gnu++20' : '-std=gnu++17', '-DNODE_GYP_MODULE_NAME=swap']
    execFileSync(compiler, [...args, '-isystem', path.join(headers, 'include', 'node'), path.join(FIXTURES, 'swap_allocator.cc'), '-o', addon], { stdio: 'pipe' })
  } catch (error) {
    fs.rmSync(folder, { recursive: true })
    if (/** @type {{ code?: string }} */ (error).code !== 'ENOENT') throw error
    return t.skip(`${compiler} is not there`)
  }
  const seen = await ask(node, 'swapped', [addon])
  fs.rmSync(folder, { recursive: true })
  assert.strictEqual(seen.length, 23)
  for (const bytes of seen) assert.ok(bytes >= 4e6 && bytes < 4.1e6, String(seen))
}

/** @param {import('../../csrc/tools/node_lines.js').NodeLine} node */
async function checkSnapshot (node) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-test-'))
  try {
    const blob = path.join(folder, 'blob')
    const env = environment(node)
    const entry = path.join(folder, 'entry.js')
    fs.writeFileSync(entry, `(${inSnapshot})()`)
    await promisify(execFile)(node.bin, ['--snapshot-blob', blob, '--build-snapshot', entry], { env })
    const sampled = { ...env, NODE_OPTIONS: `--require "${REGISTER}"`, SHAP_FLAME_CAPTURES: folder, SHAP_FLAME_INTERVAL: '4k' }
    const { stdout } = await promisify(execFile)(node.bin, ['--snapshot-blob', blob], { env: sampled })
    assert.strictEqual(stdout, '2\n')
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
}

/**
 * @param {import('../../csrc/tools/node_lines.js').NodeLine} node
 * @param {string[]} flags
 */
async function checkStress (node, flags) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-test-'))
  try {
    const env = environment(node)
    const sampled = { ...env, NODE_OPTIONS: `--require "${REGISTER}"`, SHAP_FLAME_CAPTURES: folder, SHAP_FLAME_INTERVAL: '4k' }
    const [plain, ours] = await Promise.all([env, sampled].map(one => promisify(execFile)(node.bin, [...flags, STRESS], { env: one, timeout: 600000 })))
    assert.strictEqual(ours.stdout, plain.stdout)
    assert.strictEqual(ours.stderr, plain.stderr)
    const captures = fs.readdirSync(folder).filter(name => name.endsWith('.shfc'))
    assert.ok(captures.length >= 5, `${captures}`)
    for (const name of captures) await checkCapture(path.join(folder, name))
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
}

/** @param {string} file */
async function checkCapture (file) {
  const profile = await require('../..').read(file)
  const outside = await profile.filter({ focus: /^\(off-heap\)/ })
  assert.ok(outside.total('alloc_space') > 100e3, `${outside.total('alloc_space')} in ${file}`)
  outside.free()
  profile.free()
}
