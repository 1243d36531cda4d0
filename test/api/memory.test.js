'use strict'
/** Memory: what JavaScript owns is read in its own thread alone, and what is made for it is let go of. */
const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const { promisify } = require('node:util')
const { testOnLine } = require('../support/run-on-node-lines.js')
const { VERSIONS } = require('../../csrc/tools/node_lines.js')

const LINE = 'main (/app.js:1:1);keep (/app.js:2:1) 3\n'
const FUNCTIONS = 100000

/**
 * What happens to the caller's memory once it was given, by name: of each the profile is right.
 * @type {Record<string, (text: Uint8Array) => { bytes: Uint8Array, spoil: () => void }>}
 */
const SPOILT = {
  'is written over': text => {
    const bytes = new Uint8Array(text)
    return { bytes, spoil: () => bytes.fill(0) }
  },
  'is resized': text => {
    const buffer = new /** @type {any} */ (ArrayBuffer)(text.length, { maxByteLength: 2 * text.length })
    const bytes = new Uint8Array(buffer)
    bytes.set(text)
    return { bytes, spoil: () => buffer.resize(0) }
  },
  'is transferred': text => {
    const bytes = new Uint8Array(text)
    return { bytes, spoil: () => new Uint8Array(structuredClone(bytes.buffer, { transfer: [bytes.buffer] })).fill(0) }
  },
  'is shared': text => {
    const bytes = new Uint8Array(new SharedArrayBuffer(text.length))
    bytes.set(text)
    return { bytes, spoil: () => bytes.fill(0) }
  },
  'is shared and grows': text => {
    const buffer = new /** @type {any} */ (SharedArrayBuffer)(text.length, { maxByteLength: 2 * text.length })
    const bytes = new Uint8Array(buffer)
    bytes.set(text)
    return { bytes, spoil: () => { buffer.grow(2 * text.length); bytes.fill(0) } }
  }
}

if (process.argv[2] === 'spoil') spoilAll()
else if (process.argv[2] === 'top') topOfMany()
else for (const line of Object.keys(VERSIONS).map(Number)) testOnLine(line, testNode)

/** In the child: the threads that read are kept busy, so that they come to it late. */
async function spoilAll () {
  const shap = require('../..')
  const text = Buffer.from(LINE.repeat(200000))
  for (const [name, lend] of Object.entries(SPOILT)) {
    const { bytes, spoil } = lend(text)
    const busy = Array.from({ length: 4 }, () => shap.read(text, { sourceMaps: false }))
    const reading = shap.read(bytes, { sourceMaps: false })
    spoil()
    const outcome = await reading.then(profile => profile.total('alloc_space'), error => error.message)
    await Promise.all(busy)
    process.stdout.write(`${name}: ${outcome}\n`)
  }
  const none = new /** @type {any} */ (ArrayBuffer)(8, { maxByteLength: 16 })
  const outside = new Uint8Array(none, 4, 4)
  none.resize(2)
  process.stdout.write(`is out of bounds: ${(await shap.read(outside).then(String, error => error.code))}\n`)
}

/** In the child: what a large answer takes besides itself. */
async function topOfMany () {
  const shap = require('../..')
  const text = Array.from({ length: FUNCTIONS }, (_, i) => `main;f${i} (a.js:${i + 1}:1) 1\n`).join('')
  const profile = await shap.read(Buffer.from(text), { sourceMaps: false })
  const collect = /** @type {() => void} */ (globalThis.gc)
  collect()
  const before = process.memoryUsage()
  const rows = profile.top(0)
  const { rss, heapTotal } = process.memoryUsage()
  process.stdout.write(`${rows.length} ${rss - before.rss - (heapTotal - before.heapTotal)}`)
}

/** @param {import('../../csrc/tools/node_lines.js').NodeLine} node @param {string[]} args */
async function child (node, ...args) {
  const env = { ...process.env, SHAP_FLAME_BINDINGS: node.bindings, NODE_OPTIONS: '' }
  const { stdout } = await promisify(execFile)(node.bin, args, { env, timeout: 300000 })
  return stdout.trimEnd()
}

/** @param {import('../../csrc/tools/node_lines.js').NodeLine} node @param {import('node:test').TestContext} t */
async function testNode (node, t) {
  await t.test("the caller's bytes are not read once read() has returned", async () => {
    const lines = (await child(node, __filename, 'spoil')).split('\n')
    assert.deepEqual(lines, [...Object.keys(SPOILT).map(name => `${name}: 600000`), 'is out of bounds: SHF_E_FORMAT'])
  })
  await t.test('top(0) of many functions takes little more than its answer', async () => {
    const [rows, more] = (await child(node, '--expose-gc', __filename, 'top')).split(' ').map(Number)
    assert.equal(rows, FUNCTIONS + 1)
    // a handle for each value of the answer would take some 50 MB
    assert.ok(more < 25e6, `${more} bytes besides the heap`)
  })
}
