'use strict'

const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, afterEach, test } = require('node:test')
const { format, inspect, promisify } = require('node:util')
const zlib = require('node:zlib')

const shap = require('../../lib/index.js')

const LIB = path.join(__dirname, '..', '..', 'lib') + path.sep
const INTERVAL = 4096
const KEPT = 1000
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-test-'))

/** @type {unknown[]} */
const kept = []

function keepArrays () {
  for (let i = 0; i < KEPT; i++) kept.push(new Array(1000).fill(i))
}

function makeGarbage () {
  let sum = 0
  for (let i = 0; i < KEPT; i++) sum += new Array(1000).fill(i).length
  return sum
}

/** @returns {Promise<import('../../lib/index.js').Profile>} of both functions above */
async function profiled () {
  await shap.start({ interval: INTERVAL })
  keepArrays()
  makeGarbage()
  const profile = await shap.capture({ gc: true })
  await shap.stop()
  return profile
}

/**
 * @param {Buffer} folded
 * @returns {number} what its lines add up to
 */
function sumOf (folded) {
  return folded.toString().trimEnd().split('\n').reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

/**
 * @param {import('../../lib/index.js').Profile} profile
 * @param {string} name
 */
function rowOf (profile, name) {
  const row = profile.top(0, 'alloc_space').find(one => one.name === name)
  assert.ok(row, `${name} is not in the profile`)
  return row
}

/** @param {string} code */
function coded (code) {
  return { code: `ERR_SHAP_FLAME_${code}` }
}

afterEach(async () => {
  await shap.stop()
  kept.length = 0
})
after(() => fs.rmSync(folder, { recursive: true }))

test('start, running and stop', async () => {
  assert.equal(shap.running(), false)
  await shap.start()
  assert.equal(shap.running(), true)
  await shap.stop()
  assert.equal(shap.running(), false)
})

test('stop is no error when nothing runs', async () => {
  await shap.stop()
})

test('start while a sampler runs is ERR_SHAP_FLAME_RUNNING', async () => {
  await shap.start()
  await assert.rejects(shap.start(), coded('RUNNING'))
  assert.equal(shap.running(), true)
})

test('start names the invalid argument', async () => {
  await assert.rejects(shap.start({ interval: 0 }), /interval must be a whole number from 1/)
  await assert.rejects(shap.start({ depth: 0 }), /depth must be a whole number from 1 to 100000/)
  await assert.rejects(shap.start({ maxProfilerMemory: NaN }), /maxProfilerMemory must be/)
  // @ts-expect-error an unknown type
  await assert.rejects(shap.start({ type: 'bytes' }), /type must be one of alloc_objects/)
  assert.equal(shap.running(), false)
})

test('capture when nothing runs is ERR_SHAP_FLAME_NOT_RUNNING', async () => {
  await assert.rejects(shap.capture(), coded('NOT_RUNNING'))
})

test('a profile shows who allocated and who kept', async () => {
  const profile = await profiled()
  assert.deepEqual(profile.types, ['alloc_objects', 'alloc_space', 'inuse_objects', 'inuse_space'])
  const bytes = KEPT * 8000
  const keeper = rowOf(profile, 'keepArrays')
  const garbage = rowOf(profile, 'makeGarbage')
  const near = { low: bytes * 0.8, high: bytes * 1.2 }
  for (const value of [keeper.self.alloc_space, keeper.self.inuse_space, garbage.self.alloc_space]) {
    assert.ok(value > near.low && value < near.high, `${value} is not near ${bytes}`)
  }
  // V8 keeps its code and what it learnt of its types: a sampled block of them may be alive.
  assert.ok(garbage.self.inuse_space < bytes / 100, `${garbage.self.inuse_space} bytes of garbage are in use`)
  assert.ok(keeper.file.endsWith('library.test.js') && keeper.line > 1 && keeper.column > 0)
  assert.equal(keeper.category, 'app')
  assert.ok(keeper.selfError.alloc_space > 0)
  profile.free()
})

test('start({ lines: true }) samples the lines of calls', async () => {
  await shap.start({ interval: INTERVAL, lines: true })
  keepArrays()
  const profile = await shap.capture()
  await shap.stop()
  const { functions } = JSON.parse((await profile.toJson({ type: 'alloc_space' })).toString())
  const { lines, self } = functions.find((/** @type {{ name: string }} */ { name }) => name === 'keepArrays')
  assert.ok(lines.some((/** @type {any} */ row) => row.line > 0 && row.total.alloc_space > 0), JSON.stringify(lines))
  assert.equal(lines.reduce((/** @type {number} */ sum, /** @type {any} */ row) => sum + row.self.alloc_space, 0), self.alloc_space)
  profile.free()
})

test('sampling continues after a capture', async () => {
  await shap.start({ interval: INTERVAL })
  keepArrays()
  const first = await shap.capture()
  keepArrays()
  const second = await shap.capture()
  assert.ok(second.total('alloc_space') > first.total('alloc_space'))
})

test('meta and sources say where the figures come from', async () => {
  const profile = await profiled()
  assert.equal(profile.meta.node, process.version)
  assert.equal(profile.meta.pid, String(process.pid))
  const [source] = profile.sources
  assert.equal(source.kind, 'heap')
  assert.equal(source.interval, INTERVAL)
  assert.equal(source.gc, 'forced')
  assert.equal(source.pid, process.pid)
  assert.equal(source.thread, 0)
  assert.equal(source.depth, 128)
  assert.ok(profile.counts.nodes > 1 && profile.counts.samples > 0)
})

test('the profile does not show frames of shap-flame', async () => {
  const profile = await profiled()
  assert.deepEqual(profile.top(0).filter(row => row.file.startsWith(LIB)), [])
  assert.ok(!(await profile.toFolded({ type: 'alloc_space' })).includes(LIB))
})

test('for a running process, inuse_space is the default type', async () => {
  const profile = await profiled()
  assert.equal(profile.defaultType, 'inuse_space')
  assert.equal(profile.total(), profile.total('inuse_space'))
  assert.ok(profile.error() > 0)
})

test('folded stacks add up to the total of each type', async () => {
  const profile = await profiled()
  for (const type of profile.types) assert.equal(sumOf(await profile.toFolded({ type })), profile.total(type), type)
})

test('each writer writes its format', async () => {
  const profile = await profiled()
  assert.match((await profile.toListing()).toString(), /keepArrays/)
  assert.match((await profile.toMarkdown()).toString(), /\|/)
  assert.match((await profile.toSVG({ title: 'A title' })).toString(), /<svg[\s\S]*A title[\s\S]*<\/svg>\s*$/)
  assert.ok(JSON.parse((await profile.toHeapprofile()).toString()).head)
  assert.equal(JSON.parse((await profile.toJson()).toString()).version, 1)
  assert.ok(zlib.gunzipSync(await profile.toPprof()).includes('alloc_space'))
})

test('a profile that is logged is neither encoded nor computed', async () => {
  const profile = await profiled()
  for (const state of ['whole', 'freed']) {
    if (state === 'freed') profile.free()
    assert.equal(JSON.stringify(profile), '{}')
    assert.equal(JSON.stringify({ profiles: [profile] }), '{"profiles":[{}]}')
    assert.equal(inspect(profile, { depth: Infinity, getters: true }), 'Profile {}')
    assert.equal(format('%s %j %o', 'a', profile, profile).slice(0, 5), 'a {} ')
    assert.deepEqual(Object.entries(profile), [])
    assert.ok(!('toJSON' in profile))
  }
})

/**
 * Whatever is read or set through the prototypes throws meanwhile.
 * @template T
 * @param {() => T} ask
 * @returns {T}
 */
function withTraps (ask) {
  const fail = () => { throw new Error('a prototype was asked') }
  const indices = Array.from({ length: 40 }, (_, at) => String(at))
  const options = ['gc', 'meta', 'offheap', 'exactDepth', 'arrayBuffers', 'thread', 'focus', 'caller', 'path', 'self', 'line', 'side', 'run']
  const traps = [...indices.map(name => [Array.prototype, name]), ...options.map(name => [Object.prototype, name])]
  for (const [holder, name] of traps) Object.defineProperty(holder, String(name), { get: fail, set: fail, enumerable: true, configurable: true })
  try {
    return ask()
  } finally {
    for (const [holder, name] of traps) Reflect.deleteProperty(/** @type {object} */ (holder), /** @type {string} */ (name))
  }
}

test('answers do not depend on what the app has added to its prototypes', async () => {
  const profile = await profiled()
  const ask = () => ({ types: profile.types, meta: profile.meta, sources: profile.sources, rows: profile.top(0, 'inuse_space', { callers: true }), counts: profile.counts })
  assert.deepEqual(withTraps(ask), ask())
  const sample = () => {
    shap.startSampling(INTERVAL, 16)
    const held = Buffer.alloc(1e6)
    const stacks = shap.collectAllocations()
    shap.visitAllocationProfile(callsite => assert.ok(callsite.allocations))
    shap.stopSampling()
    return stacks.length + held.length
  }
  assert.ok(withTraps(sample) > 0)
  profile.free()
})

test('write takes the format from the extension', async () => {
  const profile = await profiled()
  /** @type {[string, RegExp][]} */
  const beginnings = [
    ['svg', /^(<\?xml|<svg)/], ['folded', /\(.*\) \d+/], ['txt', /keepArrays/], ['md', /\|/], ['json', /^\{"/], ['heapprofile', /^\{"/],
    // oxlint-disable-next-line no-control-regex -- gzip begins with it
    ['pb.gz', /^\x1f/], ['pprof', /^\x1f/]
  ]
  for (const [extension, beginning] of beginnings) {
    const file = path.join(folder, `written.${extension}`)
    await profile.write(file)
    assert.match(fs.readFileSync(file, 'latin1'), beginning, extension)
  }
  assert.deepEqual(fs.readdirSync(folder).filter(name => !name.startsWith('written.')), [], 'temporary files are left')
})

test('encode gives the bytes that write puts into a file of that format', async () => {
  const profile = await profiled()
  const file = path.join(folder, 'encoded.folded')
  await profile.write(file)
  assert.deepEqual(await profile.encode('folded'), fs.readFileSync(file))
  // @ts-expect-error an unknown format
  await assert.rejects(profile.encode('bin'), coded('ARGUMENT'))
})

test('write to a name without a known extension is ERR_SHAP_FLAME_FORMAT, unless a format is given', async () => {
  const profile = await profiled()
  await assert.rejects(profile.write(path.join(folder, 'profile.bin')), coded('FORMAT'))
  await profile.write(path.join(folder, 'profile.bin'), { format: 'folded' })
  assert.match(fs.readFileSync(path.join(folder, 'profile.bin'), 'utf8'), /keepArrays/)
})

test('write to a missing folder rejects with the system\'s error code', async () => {
  const profile = await profiled()
  const file = path.join(folder, 'absent', 'x.svg')
  await assert.rejects(profile.write(file), { code: 'SHF_E_IO', errno: 'ENOENT', message: `${file}: no such file or folder (ENOENT)` })
})

test('an invalid type, or one that the profile does not have, is refused', async () => {
  const profile = await profiled()
  // @ts-expect-error an unknown type
  assert.throws(() => profile.total('bytes'), coded('ARGUMENT'))
  // @ts-expect-error an unknown type
  await assert.rejects(profile.toFolded({ type: 'bytes' }), coded('ARGUMENT'))
})

test('filter keeps, leaves out and hides', async () => {
  const profile = await profiled()
  const focus = await profile.filter({ focus: /keepArrays/g })
  assert.ok(!(await focus.toFolded({ type: 'alloc_space' })).includes('makeGarbage'))
  assert.ok(focus.total('alloc_space') < profile.total('alloc_space'))
  const ignore = await profile.filter({ ignore: 'keepArrays' })
  assert.ok(!(await ignore.toFolded({ type: 'alloc_space' })).includes('keepArrays'))
  assert.equal(focus.total('alloc_space') + ignore.total('alloc_space'), profile.total('alloc_space'))
  const hide = await profile.filter({ hide: /keepArrays/ })
  assert.ok(!(await hide.toFolded({ type: 'alloc_space' })).includes('keepArrays'))
  assert.equal(hide.total('alloc_space'), profile.total('alloc_space'))
})

test('group and prune keep the total', async () => {
  const profile = await profiled()
  const files = await profile.group('file')
  assert.equal(files.total('alloc_space'), profile.total('alloc_space'))
  assert.ok(!(await files.toFolded({ type: 'alloc_space' })).includes('keepArrays'))
  const pruned = await profile.prune(10, 'alloc_space')
  assert.equal(pruned.total('alloc_space'), profile.total('alloc_space'))
  // @ts-expect-error an unknown grouping
  await assert.rejects(profile.group('column'), coded('ARGUMENT'))
  await assert.rejects(profile.prune(101), coded('ARGUMENT'))
})

test('prune sums up what is smaller in one frame', async () => {
  const profile = await shap.read(Buffer.from('main;large 970\nmain;small;one 20\nmain;small;two 10\n'))
  const pruned = await profile.prune(10, 'alloc_space')
  assert.equal((await pruned.toFolded()).toString(), 'main;(3 frames below 10%) 30\nmain;large 970\n')
})

test('merge adds profiles up and does not change them', async () => {
  const one = await profiled()
  const two = await profiled()
  const both = await shap.merge([one, two])
  for (const type of one.types) assert.equal(both.total(type), one.total(type) + two.total(type))
  assert.ok(one.total('alloc_space') > 0)
  await assert.rejects(shap.merge([]), coded('ARGUMENT'))
})

test('the same profile gives the same bytes', async () => {
  const profile = await profiled()
  for (const write of [() => profile.toSVG(), () => profile.toPprof(), () => profile.toFolded(), () => profile.toListing()]) {
    assert.ok((await write()).equals(await write()))
  }
})

test('a freed profile cannot be used; freeing it twice is no error', async () => {
  const profile = await profiled()
  profile.free()
  profile.free()
  assert.throws(() => profile.total(), coded('FREED'))
  await assert.rejects(profile.toFolded(), coded('FREED'))
  await assert.rejects(profile.filter({ focus: /x/ }), coded('FREED'))
})

test('free is safe while a writer works', async () => {
  const profile = await profiled()
  const folded = profile.toFolded({ type: 'alloc_space' })
  profile.free()
  assert.match((await folded).toString(), /keepArrays/)
})

test('read accepts a capture by path, URL or bytes, and says what is wrong with other inputs', async () => {
  const script = path.join(folder, 'app.js')
  fs.writeFileSync(script, 'globalThis.kept = []\nfunction keepIt () { for (let i = 0; i < 500; i++) kept.push(new Array(1000).fill(i)) }\nkeepIt()\n')
  const env = { ...process.env, SHAP_FLAME_OUT_DIR: path.join(folder, 'captures') }
  await promisify(execFile)(process.execPath, ['--require', path.join(LIB, 'register.js'), script], { env, cwd: folder })
  const [name] = fs.readdirSync(path.join(folder, 'captures'))
  const file = path.join(folder, 'captures', name)
  const profile = await shap.read(file)
  assert.equal(profile.defaultType, 'alloc_space')
  assert.match((await profile.toFolded()).toString(), /keepIt/)
  assert.equal((await shap.read(require('node:url').pathToFileURL(file))).total(), profile.total())
  assert.equal((await shap.read(fs.readFileSync(file))).total(), profile.total())

  await assert.rejects(shap.read(Buffer.from('nonsense')), { code: 'SHF_E_FORMAT' })
  const absent = path.join(folder, 'absent.shfc')
  await assert.rejects(shap.read(absent), { code: 'SHF_E_IO', errno: 'ENOENT', message: `${absent}: no such file or folder (ENOENT)` })
  const damaged = path.join(folder, 'damaged.pb.gz')
  fs.writeFileSync(damaged, Buffer.from([0x1f, 0x8b, 1, 2]))
  await assert.rejects(shap.read(damaged), { code: 'SHF_E_FORMAT', offset: 4, message: `${damaged}: damaged gzip data, at byte 4` })
})

test('import gives the same functions by name', async () => {
  const module = await import('../../lib/index.js')
  for (const name of Object.keys(shap)) assert.equal(Reflect.get(module, name), Reflect.get(shap, name), name)
})

test('read refuses an input that needs more than maxMemory', async () => {
  const frames = Array.from({ length: 20000 }, (_, i) => i.toString(16))
  const deep = Buffer.from(`${frames.join(';')} 1\n`)
  await assert.rejects(shap.read(deep, { maxMemory: 400000 }), { code: 'SHF_E_LIMIT', message: 'it needs more memory than --max-memory allows: raise that' })
  await assert.rejects(shap.read(deep, { maxMemory: 0 }), { name: /Error/ })
  assert.equal((await shap.read(deep, { maxMemory: 40000000 })).total(), 1)
})
