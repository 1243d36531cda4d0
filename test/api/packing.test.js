'use strict'

/** Large gzipped outputs: of many blocks, many at once, to a full device. */

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, before, test } = require('node:test')
const zlib = require('node:zlib')

const shap = require('../../lib/index.js')

const STACKS = 60000
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-test-'))
/** @type {import('../../lib/index.js').Profile} */
let large

before(async () => {
  const lines = Array.from({ length: STACKS }, (_, i) => `main;f${i % 97};g${i % 1009};h${i} ${i + 1}`)
  large = await shap.read(Buffer.from(lines.join('\n')), { type: 'alloc_space' })
})

after(() => {
  large.free()
  fs.rmSync(folder, { recursive: true, force: true })
})

test('a file of many blocks has the bytes that encode gives, and is complete', async () => {
  const file = path.join(folder, 'large.pb.gz')
  await large.write(file)
  const bytes = fs.readFileSync(file)
  assert.deepEqual(bytes, Buffer.from(await large.encode('pprof')))
  assert.ok(zlib.gunzipSync(bytes).length > 1024 * 1024)
  const again = await shap.read(file)
  assert.deepEqual(Buffer.from(await again.encode('folded')), Buffer.from(await large.encode('folded')))
  again.free()
})

test('many files written at once are all complete', async () => {
  const one = Buffer.from(await large.encode('pprof'))
  const files = Array.from({ length: 12 }, (_, i) => path.join(folder, `${i}.pb.gz`))
  await Promise.all(files.map(file => large.write(file)))
  for (const file of files) assert.deepEqual(fs.readFileSync(file), one)
})

test('a full device is ENOSPC, and the next file is complete', async () => {
  await assert.rejects(large.write('/dev/full', { format: 'pprof' }), { code: 'SHF_E_IO', errno: 'ENOSPC' })
  const file = path.join(folder, 'next.pb.gz')
  await large.write(file)
  assert.deepEqual(fs.readFileSync(file), Buffer.from(await large.encode('pprof')))
})

test('a profile that is freed while it is written is written completely', async () => {
  const expected = Buffer.from(await large.encode('pprof'))
  const copy = await shap.read(Buffer.from(await large.encode('folded')), { type: 'alloc_space' })
  const written = copy.encode('pprof')
  copy.free()
  assert.equal(zlib.gunzipSync(await written).length, zlib.gunzipSync(expected).length)
})
