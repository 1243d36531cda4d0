'use strict'
/** Labels by the library. */
const assert = require('node:assert')
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { test, before, after } = require('node:test')
const shap = require('../../lib/index.js')

const FIXTURE = path.join(__dirname, '..', 'fixtures', 'labelled-pprof.js')
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-test-'))
/** @type {import('../../lib/api/profile.js').Profile} */
let profile

before(async () => {
  const file = path.join(folder, 'labelled.pb')
  execFileSync(process.execPath, [FIXTURE, file])
  profile = await shap.read(file)
})
after(() => fs.rmSync(folder, { recursive: true }))

test('labels are the keys', () => {
  assert.deepEqual(profile.labels, ['http.route', 'tenant'])
})

test('by() has the values of a label, largest first, and adds up to the total', () => {
  const rows = profile.by('http.route')
  assert.deepEqual(rows.map(({ value, total }) => [value, total.alloc_space]), [['/a', 60], ['/b', 30], ['', 10]])
  assert.deepEqual(profile.by('nothing').map(({ value, total }) => [value, total.alloc_space]), [['', 100]])
  assert.throws(() => profile.by(/** @type {any} */ (1)), { code: 'ERR_SHAP_FLAME_ARGUMENT' })
})

test('filter() keeps memory with labels', async () => {
  const bytes = async (/** @type {import('../../lib/index.js').LabelFilter} */ where) => {
    const part = await profile.filter({ where })
    try {
      return part.total()
    } finally {
      part.free()
    }
  }
  assert.equal(await bytes({ 'http.route': '/a' }), 60)
  assert.equal(await bytes({ 'http.route': ['/a', ''] }), 70)
  assert.equal(await bytes({ 'http.route': '/b', tenant: 'x' }), 10)
  assert.equal(await bytes({ 'http.route': '/c' }), 0)
  assert.equal(await bytes({}), 100)
  await assert.rejects(profile.filter({ where: /** @type {any} */ ({ tenant: {} }) }), { code: 'ERR_SHAP_FLAME_ARGUMENT', message: /^where\['tenant'\] must be a text, a number or an array of them/ })
})

test('labelFrames() puts them above and below the stacks', async () => {
  const framed = await profile.labelFrames({ root: ['tenant', 'http.route'], leaf: 'http.route' })
  const folded = String(await framed.toFolded())
  framed.free()
  assert.equal(folded.split('\n')[0], '(no tenant);(no http.route);handle (/app/a.js:2);(no http.route) 10')
  await assert.rejects(profile.labelFrames({ root: '' }), { code: 'ERR_SHAP_FLAME_ARGUMENT' })
})

test('group() takes a label', async () => {
  const grouped = await profile.group('label:tenant')
  assert.deepEqual(grouped.top(0).map(({ name, category, self }) => [name, category, self.alloc_space]),
    [['tenant: x', 'label', 70], ['tenant: y', 'label', 20], ['(no tenant)', 'label', 10]])
  grouped.free()
})

test('merge() and diff() keep labels', async () => {
  const both = await shap.merge([profile, profile])
  assert.equal(both.by('http.route')[0].total.alloc_space, 120)
  const diff = await shap.diff(profile, both)
  assert.deepEqual(diff.labels, ['http.route', 'tenant'])
  both.free()
  diff.free()
})

test('check() takes the labels of a limit', async () => {
  const { passed, results } = await shap.check(profile, [{ where: { 'http.route': '/a' }, max: 50 }, { where: { 'http.route': '/x' }, max: 50 }])
  assert.equal(passed, false)
  assert.deepEqual(results.map(({ where, judgement, matched }) => ({ where, judgement, matched })),
    [{ where: 'http.route=/a', judgement: 'exceeded', matched: true }, { where: 'http.route=/x', judgement: 'unsure', matched: false }])
})
