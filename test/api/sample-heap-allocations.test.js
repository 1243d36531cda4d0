'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, afterEach, test } = require('node:test')
const { pathToFileURL } = require('node:url')
const { promisify } = require('node:util')

const shap = require('../../lib/index.js')

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-test-'))

/** @type {unknown[]} */
const kept = []

function outer () {
  inner()
}

function inner () {
  for (let i = 0; i < 200; i++) kept.push(new Array(1000).fill(i))
}

/** Where inner() begins, as V8 counts. */
const INNER_LINE = fs.readFileSync(__filename, 'utf8').split('\n').indexOf('function inner () {') + 1

function makeGarbage () {
  let sum = 0
  for (let i = 0; i < 2000; i++) sum += new Array(10000).fill(i).length
  return sum
}

afterEach(() => {
  shap.stopSampling()
  kept.length = 0
})
after(() => fs.rmSync(folder, { recursive: true }))

/**
 * @param {Partial<import('../../lib/index.js').Callsite>} given
 * @returns {import('../../lib/index.js').Callsite}
 */
function callsite (given) {
  return {
    depth: 0, name: 'f', script: __filename, script_id: 1, start_position: 0, line_number: 1, column_number: 1, allocations: [], ...given
  }
}

/**
 * @param {import('../../lib/index.js').Callsite[]} callsites
 * @param {number} [includeSourceLines]
 * @returns {Promise<import('../../lib/index.js').Stack[]>}
 */
function formatted (callsites, includeSourceLines) {
  return new Promise((resolve, reject) => {
    shap.addFormat({ allocations: [{ callsites }], includeSourceLines }, (error, allocations) => {
      if (error || !allocations) reject(error)
      else resolve(allocations)
    })
  })
}

test('startSampling asserts its arguments', () => {
  // @ts-expect-error no number
  assert.throws(() => shap.startSampling('32'), /First parameter "interval" needs to be a number/)
  // @ts-expect-error no number
  assert.throws(() => shap.startSampling(32, '6'), /Second parameter "stack_depth" needs to be a number/)
  assert.throws(() => shap.startSampling(0), /at least 1 byte/)
  assert.throws(() => shap.startSampling(32, 0), /at least 1/)
  assert.equal(shap.running(), false)
})

test('startSampling where a sampler runs throws ERR_SHAP_FLAME_RUNNING', () => {
  shap.startSampling()
  assert.throws(() => shap.startSampling(), { code: 'ERR_SHAP_FLAME_RUNNING' })
})

test('collectAllocations: each stack with allocations, outermost callsite first', () => {
  shap.startSampling()
  outer()
  const allocations = shap.collectAllocations()
  assert.ok(Array.isArray(allocations) && allocations.length > 0)
  const stack = allocations.find(({ callsites }) => callsites.at(-1)?.name === 'inner')
  assert.ok(stack, 'inner is no leaf')
  const { callsites } = stack
  const leaf = /** @type {import('../../lib/index.js').Callsite} */ (callsites.at(-1))
  assert.equal(callsites.at(-2)?.name, 'outer')
  assert.deepEqual(Object.keys(leaf).sort(), [
    'allocations', 'column_number', 'depth', 'line_number', 'name', 'script', 'script_id', 'start_position'
  ])
  assert.equal(leaf.script, __filename)
  assert.equal(leaf.line_number, INNER_LINE)
  assert.ok(leaf.script_id > 0 && leaf.start_position > 0 && leaf.column_number > 0)
  assert.ok(leaf.allocations.length > 0)
  for (const { size, count } of leaf.allocations) assert.ok(size > 0 && count > 0)
  callsites.forEach((one, i) => { if (i > 0) assert.equal(one.depth, callsites[i - 1].depth + 1) })
})

test('stacks are at most stack_depth callsites long below V8\'s root, 6 by default', () => {
  shap.startSampling()
  outer()
  const longest = Math.max(...shap.collectAllocations().map(stack => stack.callsites.length))
  assert.ok(longest <= 7, `${longest} callsites`)
  shap.stopSampling()
  shap.startSampling(32, 2)
  outer()
  const short = Math.max(...shap.collectAllocations().map(stack => stack.callsites.length))
  assert.ok(short <= 3, `${short} callsites`)
})

test('only live allocations are collected', () => {
  shap.startSampling(1024)
  makeGarbage()
  outer()
  let inGarbage = 0
  let inKept = 0
  shap.visitAllocationProfile(({ name, allocations }) => {
    const bytes = allocations.reduce((sum, { size, count }) => sum + size * count, 0)
    if (name === 'makeGarbage') inGarbage += bytes
    if (name === 'inner') inKept += bytes
  })
  // 160 MB were dropped, most of it collected by now; 1.6 MB are kept.
  assert.ok(inGarbage < 80e6, `${inGarbage} bytes of garbage`)
  assert.ok(inKept > 1e6, `${inKept} bytes kept`)
})

test('visitAllocationProfile visits outer callsites before inner ones', () => {
  shap.startSampling()
  outer()
  /** @type {string[]} */
  const names = []
  let last = -1
  shap.visitAllocationProfile(site => {
    names.push(site.name)
    assert.ok(Array.isArray(site.allocations) && site.allocations.length > 0)
    assert.ok(site.depth >= 0)
    last = site.depth
  })
  assert.ok(last >= 0)
  assert.ok(names.includes('inner'))
})

test('visitAllocationProfile requires a function', () => {
  // @ts-expect-error no function
  assert.throws(() => shap.visitAllocationProfile(), /needs to be a function/)
})

test('without sampling there are no allocations', () => {
  assert.deepEqual(shap.collectAllocations(), [])
  shap.visitAllocationProfile(() => assert.fail('called'))
})

test('stopSampling is no error when nothing runs', () => {
  shap.stopSampling()
})

test('addFormat adds location, allocations and five lines of source', async () => {
  const lines = fs.readFileSync(__filename, 'utf8').split('\n')
  const site = callsite({ line_number: 22, column_number: 16, allocations: [{ size: 40, count: 3 }, { size: 16, count: 0 }] })
  const [stack] = await formatted([site])
  assert.deepEqual(stack.callsites[0].formatted, {
    location: `${__filename}:22:16`,
    allocations: ['3 x 40'],
    source: lines.slice(21, 26)
  })
})

test('addFormat reads file: URLs', async () => {
  const [stack] = await formatted([callsite({ script: pathToFileURL(__filename).href })], 1)
  assert.deepEqual(stack.callsites[0].formatted?.source, ['\'use strict\''])
})

test('addFormat leaves the source out for 0 lines, for names that are not files, and for deleted files', async () => {
  const [none] = await formatted([callsite({})], 0)
  assert.equal('source' in /** @type {object} */ (none.callsites[0].formatted), false)
  const others = ['node:fs', '', 'evalmachine.<anonymous>', path.join(folder, 'gone.js'), 'file://%zz']
  const [stack] = await formatted(others.map(script => callsite({ script })))
  for (const one of stack.callsites) assert.equal('source' in /** @type {object} */ (one.formatted), false, one.script)
})

test('addFormat reads each file once', async () => {
  const file = path.join(folder, 'once.js')
  fs.writeFileSync(file, 'a\nb\n')
  const promises = require('node:fs/promises')
  const { readFile } = promises
  let reads = 0
  promises.readFile = /** @type {typeof readFile} */ (/** @type {unknown} */ ((/** @type {Parameters<typeof readFile>} */ ...args) => {
    reads++
    return readFile(...args)
  }))
  // Node's function is taken when the module is loaded.
  const legacy = require.resolve('../../lib/api/sample-heap-allocations.js')
  const loaded = require.cache[legacy]
  delete require.cache[legacy]
  const stacks = [{ callsites: [callsite({ script: file }), callsite({ script: file, line_number: 2 })] }]
  try {
    await promisify(require(legacy).addFormat)({ allocations: stacks })
  } finally {
    promises.readFile = readFile
    require.cache[legacy] = loaded
  }
  assert.equal(reads, 1)
})

test('addFormat calls back once, even without stacks', async () => {
  let calls = 0
  await new Promise(resolve => {
    shap.addFormat({ allocations: [] }, (error, allocations) => {
      calls++
      assert.equal(error, null)
      assert.deepEqual(allocations, [])
      setTimeout(resolve, 20)
    })
  })
  assert.equal(calls, 1)
})

test('addFormat of what collectAllocations gives', async () => {
  shap.startSampling()
  outer()
  const allocations = shap.collectAllocations()
  await new Promise((resolve, reject) => {
    shap.addFormat({ allocations }, error => error ? reject(error) : resolve(undefined))
  })
  const inner = allocations.flatMap(stack => stack.callsites).find(site => site.name === 'inner')
  assert.match(inner?.formatted?.source?.[0] ?? '', /function inner/)
})
