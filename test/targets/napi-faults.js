'use strict'
/**
 * Has each call of Node-API fail once, in all that the addons do: what they are asked gives an error
 * or the right value. `napi-faults.js FAULTS`: the addon made of napi_faults.c. A line for each
 * part, and at last `done`.
 */
const assert = require('node:assert/strict')
const { once } = require('node:events')
const fs = require('node:fs')
const net = require('node:net')
const os = require('node:os')
const path = require('node:path')
const { Worker, isMainThread, workerData } = require('node:worker_threads')

/**
 * @typedef {object} Faults
 * @property {(file: string) => [number, number]} hook
 * @property {(n: number) => void} arm
 * @property {(n: number, bytes: number) => number} armNew
 * @property {() => [number, number, number, number, number]} told calls, deferreds, references, works, scopes
 */

const [, , FAULTS, ONLY] = process.argv
const LIBRARIES = ['shap_core', 'shap_sampler'].map((name) => path.resolve(process.env.SHAP_FLAME_BINDINGS ?? '', `${name}.node`))
const TEXT = Buffer.from('main;outer;inner 3\nmain;outer 4\nmain;__proto__ 5\n')

/** @type {unknown[]} */
const kept = []
/** @type {Faults} */
const faults = require(isMainThread ? FAULTS : workerData.faults)
let where = 'before all'

/** @param {string} file @returns {any} loaded once more */
function load(file) {
  const module = { exports: {} }
  process.dlopen(module, file)
  return module.exports
}

/**
 * @param {() => unknown} run
 * @returns {Promise<unknown>} what it gives, or of an error its code
 */
async function outcome(run) {
  try {
    return { value: await run() }
  } catch (error) {
    assert.ok(error instanceof Error, `${where}: thrown is ${error}`)
    const { code } = /** @type {{ code?: unknown }} */ (error)
    assert.ok(/^(SHF_E_|ERR_SHAP_FLAME_)/.test(String(code)), `${where}: ${code} ${error.stack}`)
    return { code }
  }
}

/** What V8 sampled is freed on another thread, in its own time. */
async function nothingLeft() {
  for (const end = Date.now() + 20000; Date.now() < end && faults.told().slice(1).some(Boolean);) {
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  assert.deepEqual(faults.told().slice(1), [0, 0, 0, 0], `${where}: deferreds, references, works, scopes`)
}

/**
 * @param {string} name
 * @param {() => unknown} run
 * @param {{ after?: () => unknown, same?: (value: any) => unknown }} [options] `after`: each time;
 *   `same`: what of a value must be as it is when nothing fails
 */
async function eachFails(name, run, { after = () => {}, same = (value) => value } = {}) {
  if (ONLY && ONLY !== name) return
  const right = /** @type {any} */ (await outcome(run))
  await after()
  let failed = 0
  for (let n = 1; ; n++) {
    where = `${name}, call ${n}`
    faults.arm(n)
    const got = /** @type {any} */ (await outcome(run))
    const calls = faults.told()[0]
    faults.arm(0)
    await after()
    if (got.code === undefined || calls < n) {
      if (right.code === undefined) assert.deepEqual(same(got.value), same(right.value), where)
      assert.equal(got.code, right.code, where)
    } else {
      failed++
    }
    await nothingLeft()
    if (calls < n) break
  }
  process.stdout.write(`${name}: ${failed} errors\n`)
}

/** All of the core. */
async function core() {
  const shap = require('../..')
  const binding = require('../../lib/common/native.js').core()
  const profile = await shap.read(TEXT, { sourceMaps: false })
  const native = () => binding.readBuffer(TEXT)
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-faults-'))
  const file = path.join(folder, 'in.folded')
  fs.writeFileSync(file, TEXT)
  /** @param {() => any} make */
  const folded = async (make) => {
    const made = await make()
    const text = String(await made.toFolded())
    made.free()
    return text
  }
  try {
    await eachFails('load core', () => Object.keys(load(LIBRARIES[0])))
    await eachFails('read', () => folded(() => shap.read(TEXT)))
    await eachFails('read a file', () => folded(() => shap.read(file)))
    await eachFails('refuse', () => binding.total(/** @type {any} */ ({}), 'alloc_space'))
    await eachFails('read what is no profile', () => shap.read(Buffer.from('{"a":')))
    await eachFails('merge', () => folded(() => shap.merge([profile, profile])))
    await eachFails('filter', () => folded(() => profile.filter({ focus: /outer/, ignore: /inner/, hide: 'main' })))
    await eachFails('group', () => folded(() => profile.group('file')))
    await eachFails('prune', () => folded(() => profile.prune(30)))
    for (const format of /** @type {const} */ (['svg', 'pprof', 'listing', 'markdown', 'json', 'heapprofile', 'speedscope'])) {
      await eachFails(format, () => profile.encode(format, { title: 'a', cwd: '/' }), { same: (bytes) => bytes.length })
    }
    await eachFails('write', () => profile.write(path.join(folder, 'out.folded')).then(() => String(fs.readFileSync(path.join(folder, 'out.folded')))))
    await eachFails('measure', () => native().then((handle) => binding.measure(handle, 'folded', {}, 1000)))
    await eachFails('write bytes', () => binding.writeBytes(TEXT, file).then(() => String(fs.readFileSync(file))))
    await eachFails('ask', () => [profile.meta, profile.types, profile.sources, profile.counts, profile.total(), profile.error()])
    await eachFails('top', () => profile.top(0, 'alloc_space', { callers: true }))
    await eachFails('frames', async () => binding.frames(await native()))
    await eachFails('maps', async () => {
      const handle = await native()
      const { rows, names } = binding.places(handle, Uint8Array.from(binding.files(handle), () => 1))
      const texts = Buffer.from([...names, 'file'].map((text) => `${text}\0`).join(''))
      const mapped = await binding.remap(handle, rows, texts, Buffer.from('a\0b\0'))
      return [names, binding.counts(mapped)]
    })
    const difference = await shap.diff(profile, profile)
    await eachFails('diff', async () => (await shap.diff(profile, [profile, profile], { normalize: true })).changes(0))
    await eachFails('changes', () => difference.changes(0, 'alloc_space', { callers: true }))
    await eachFails('check', () => shap.check(profile, [{ max: 1 }, { maxGrowth: 1, where: 'outer' }], { baseline: profile }))
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
}

function keepSome() {
  for (let i = 0; i < 200; i++) kept.push(new Array(100).fill(i))
}

/** The sampler, as far as it is of one thread. */
async function sampler() {
  const core = require('../../lib/common/native.js').core()
  const native = require('../../lib/common/native.js').sampler()
  const how = { interval: 1024, depth: 8, alloc: true, inuse: true, maxMemory: 1e6, thread: 0, offheap: true }
  const stop = () => native.stop()
  await eachFails('load sampler', () => Object.keys(load(LIBRARIES[1])))
  await eachFails('start', () => {
    native.start(how)
    return [native.running(), native.liveness(), native.livenessReason(), native.offheapReason()]
  }, { after: stop })
  native.start(how)
  keepSome()
  await eachFails('capture', async () => {
    const profile = await core.fromCapture(native.capture({ gc: false, meta: { a: 'b', c: 'd' } }))
    return [core.meta(profile).a, core.types(profile)]
  })
  native.stop()
  native.start({ ...how, interval: 16384, depth: 2, exactDepth: true, alloc: false, offheap: false })
  keepSome()
  const bytes = native.capture({ gc: true, meta: {} })
  native.stop()
  assert.ok(core.visit(bytes).length > 0)
  await eachFails('callsites', () => core.callsites(bytes))
  await eachFails('visit', () => core.visit(bytes))
}

/** C++ has no memory, in what V8 calls and in what JavaScript does. */
async function withoutMemory() {
  const core = require('../../lib/common/native.js').core()
  const native = require('../../lib/common/native.js').sampler()
  const begin = () => native.start({ interval: 128, depth: 8, alloc: true, inuse: true, maxMemory: 400000, thread: 0 })
  const churn = () => {
    for (let i = 0; i < 200000; i++) kept[i % 64] = new Array(20).fill(i)
  }
  const capture = async () => core.meta(await core.fromCapture(native.capture({ gc: false, meta: {} })))
  // Of eight bytes is only the list of segments, which grows at a restart.
  begin()
  let failed = 0
  // V8 answers an interrupt when it likes to: not in the first round, at times.
  for (let round = 0; round < 50 && failed === 0; round++) {
    faults.armNew(1, 8)
    churn()
    failed = faults.armNew(0, 0)
  }
  assert.ok(failed > 0, 'sampling did not restart')
  let restarts = 0
  for (let round = 0; round < 50 && restarts === 0; round++) {
    churn()
    restarts = Number((await capture()).restarts ?? 0)
  }
  assert.ok(restarts > 0, 'sampling did not restart later')
  native.stop()
  let errors = 0
  for (let n = 1, news = n; news >= n; n += Math.ceil(n / 4)) {
    where = `new ${n}`
    faults.armNew(n, 0)
    const got = /** @type {any} */ (await outcome(async () => {
      begin()
      churn()
      return (await capture()).node_not_there
    }))
    news = faults.armNew(0, 0)
    native.stop()
    if (got.code) errors++
  }
  await nothingLeft()
  process.stdout.write(`new: ${errors} errors\n`)
}

/** Somebody is attached. */
async function attached() {
  const native = require('../../lib/common/native.js').sampler()
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-faults-'))
  const socket = path.join(folder, 's')
  const server = net.createServer()
  server.listen(socket)
  await once(server, 'listening')
  server.on('connection', (other) => other.destroy())
  await eachFails('serve', async () => {
    native.start({ interval: 1024, depth: 8, alloc: true, inuse: true, maxMemory: 1e6, thread: 0 })
    native.serve?.({ dir: folder, socket, meta: { a: 'b' }, thread: 0, gc: false, every: 0 })
    faults.arm(0)
    while (native.running()) await new Promise((resolve) => setTimeout(resolve, 5))
  }, { after: () => native.stop() })
  server.close()
  fs.rmSync(folder, { recursive: true })
}

/** Threads that leave captures; `native` is this thread's. @param {string} dir @param {number} thread */
function leave(dir, thread) {
  const native = /** @type {Required<import('../../lib/common/native.js').Sampler>} */ (require('../../lib/common/native.js').sampler())
  native.writeAtExit({ dir, gc: true, meta: { a: 'b' }, signals: isMainThread, thread, every: 60000, fixed: true })
  native.start({ interval: 1024, depth: 8, alloc: true, inuse: true, maxMemory: 1e6, thread, offheap: true })
  keepSome()
  if (isMainThread) native.takeSnapshots({ dir, every: 0, fixed: false, keep: 1, marks: false, signal: 12 })
  if (isMainThread) native.captureAtAbort()
  native.collectAtExit()
  return [path.basename(native.capturePath()).endsWith('.shfc'), native.snapshot() > 0]
}

/** Whole threads. They take long to start: of their calls, which `leave` has all of, each seventh fails. */
async function threads() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-faults-'))
  let errors = 0
  for (let n = 1, reached = true; reached; n += 7) {
    where = `a thread, call ${n}`
    const worker = new Worker(__filename, { workerData: { faults: FAULTS, dir, n } })
    const ended = once(worker, 'exit')
    const [told] = await once(worker, 'message')
    assert.deepEqual(await ended, [0], where)
    reached = told.calls >= n
    errors += told.code ? 1 : 0
    if (!told.code) assert.deepEqual(told.value, [true, false], where)
  }
  process.stdout.write(`threads: ${errors} errors\n`)
  const native = require('../../lib/common/native.js').sampler()
  // The main thread leaves a capture once.
  await eachFails('leave', () => leave(dir, 0), { after: () => native.stop(), same: () => 0 })
  process.on('exit', () => fs.rmSync(dir, { recursive: true, force: true }))
}

/** In a worker. */
async function oneThread() {
  const { parentPort } = require('node:worker_threads')
  faults.arm(workerData.n)
  const told = /** @type {any} */ (await outcome(() => {
    // Past lib, whose message for a binary that does not load has no code of ours in the end.
    load(LIBRARIES[1])
    return leave(workerData.dir, 1)
  }))
  const [calls] = faults.told()
  faults.arm(0)
  parentPort?.postMessage({ ...told, calls })
}

async function main() {
  for (const file of LIBRARIES) {
    load(file)
    const [hooked, others] = faults.hook(path.basename(file))
    assert.ok(hooked > 0)
    assert.equal(others, 0, `${path.basename(file)}: calls of Node-API that are not made to fail`)
  }
  await core()
  await sampler()
  await withoutMemory()
  await attached()
  await threads()
  process.stdout.write('done\n')
}

if (isMainThread) {
  process.on('exit', (code) => code && process.stdout.write(`ended at ${where}\n`))
  main()
} else {
  oneThread()
}
