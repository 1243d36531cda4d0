'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const shap = require('../../lib/index.js')

/** @param {string} text folded stacks */
function folded (text) {
  return shap.read(Buffer.from(text), { type: 'alloc_space' })
}

const BEFORE = 'main (/app/a.js:1:1);grows (/app/b.js:2:3) 1000\nmain (/app/a.js:1:1);same (/app/c.js:1:1) 500\n'
const AFTER = 'main (/app/a.js:1:1);grows (/app/b.js:9:3) 4000\nmain (/app/a.js:1:1);same (/app/c.js:1:1) 500\n'

/** @param {string} code */
function coded (code) {
  return { code: `ERR_SHAP_FLAME_${code}` }
}

test('changes() of a difference: the largest first, matched though it moved', async () => {
  const both = await shap.diff(await folded(BEFORE), await folded(AFTER))
  assert.equal(both.isDifference, true)
  const rows = both.changes(0)
  assert.deepEqual(rows.map(row => row.name), ['grows', 'main', 'same'])
  assert.deepEqual(rows[0], {
    name: 'grows',
    file: '/app/b.js',
    line: 9,
    column: 3,
    self: { before: 1000, after: 4000, error: 0, verdict: 'grew' },
    total: { before: 1000, after: 4000, error: 0, verdict: 'grew' }
  })
  assert.equal(both.changes(1).length, 1)
})

test('changes() refuses a profile that is not a difference', async () => {
  const profile = await folded(BEFORE)
  assert.equal(profile.isDifference, false)
  assert.throws(() => profile.changes(), coded('ARGUMENT'))
})

test('diff() accepts several runs on either side and does not change them', async () => {
  const before = [await folded(BEFORE), await folded(AFTER)]
  const both = await shap.diff(before, await folded(AFTER))
  assert.equal(both.changes(1)[0].self.before, 2500)
  assert.deepEqual(both.sources.map(({ side, run }) => [side, run]), [['before', 1], ['before', 2], ['after', undefined]])
  assert.equal(before[0].total(), 1500)
})

test('diff() refuses an empty list and anything that is not a profile', async () => {
  await assert.rejects(shap.diff([], await folded(AFTER)), coded('ARGUMENT'))
  // @ts-expect-error no profile
  await assert.rejects(shap.diff(await folded(AFTER), 'x'), coded('ARGUMENT'))
})

test('a difference can be written in every format but .heapprofile', async () => {
  const both = await shap.diff(await folded(BEFORE), await folded(AFTER))
  for (const write of [both.toFolded, both.toListing, both.toMarkdown, both.toJson, both.toPprof, both.toSVG]) {
    assert.ok((await write.call(both)).length > 0)
  }
  await assert.rejects(both.toHeapprofile(), { code: 'SHF_E_ARG' })
})

test('check(): a limit that holds and one that does not', async () => {
  const { passed, results } = await shap.check(await folded(BEFORE), [{ max: 1500 }, { max: 999, where: /b\.js/ }])
  assert.equal(passed, false)
  assert.deepEqual(results.map(one => one.judgement), ['holds', 'exceeded'])
  assert.deepEqual(results[1].after, { value: 1000, error: 0, samples: 0, runs: 1 })
  assert.equal(results[1].where, 'b\\.js')
  const path = [{ name: 'main', file: '/app/a.js', line: 1, column: 1 }]
  assert.deepEqual(results[1].growers, [{ name: 'grows', file: '/app/b.js', line: 2, column: 3, value: 1000, error: 0, path }])
})

test('changes() with callers names the app\'s function that called the native one', async () => {
  const both = await shap.diff(await folded('a (/a.js:1:1);join (node:x:3:1) 10\n'), await folded('b (/a.js:2:1);join (node:x:3:1) 90\n'))
  const [join] = both.changes(1, 'alloc_space', { callers: true })
  assert.deepEqual(join.caller, { name: 'b', file: '/a.js', line: 2, column: 1 })
  assert.equal(both.changes(1)[0].caller, undefined)
  // @ts-expect-error no flag
  assert.throws(() => both.changes(1, 'alloc_space', { callers: 1 }), coded('ARGUMENT'))
})

test('check(): growth over a baseline, and the functions that grew', async () => {
  const baseline = await folded(BEFORE)
  const { passed, results: [result] } = await shap.check(await folded(AFTER), [{ maxGrowth: 10, type: 'alloc_space' }], { baseline })
  assert.equal(passed, false)
  assert.equal(result.before?.value, 1500)
  assert.deepEqual(result.growers.map(one => [one.name, one.value]), [['grows', 3000]])
  assert.equal((await shap.check(await folded(AFTER), [{ maxGrowth: 200 }], { baseline: [baseline, baseline] })).passed, true)
})

test('check(): a result that cannot be judged passes, unless strict is set', async () => {
  const limits = [{ max: 1, where: 'nowhere' }]
  assert.equal((await shap.check(await folded(BEFORE), limits)).passed, true)
  const { passed, results } = await shap.check(await folded(BEFORE), limits, { strict: true })
  assert.equal(passed, false)
  assert.deepEqual(results.map(one => [one.judgement, one.matched]), [['unsure', false]])
})

test('check(): invalid limits are refused', async () => {
  const profile = await folded(BEFORE)
  await assert.rejects(shap.check(profile, []), coded('ARGUMENT'))
  await assert.rejects(shap.check(profile, [{}]), coded('ARGUMENT'))
  await assert.rejects(shap.check(profile, [{ max: -1 }]), coded('ARGUMENT'))
  await assert.rejects(shap.check(profile, [{ max: 1, maxGrowth: 1 }]), coded('ARGUMENT'))
  await assert.rejects(shap.check(profile, [{ maxGrowth: 1 }]), coded('ARGUMENT'))
  // @ts-expect-error no such type
  await assert.rejects(shap.check(profile, [{ max: 1, type: 'bytes' }]), coded('ARGUMENT'))
  await assert.rejects(shap.check(profile, [{ max: 1, type: 'inuse_space' }]), coded('UNKNOWN_TYPE'))
})

test('the functions named for a limit show the mean of several runs, like the total', async () => {
  const { results: [result] } = await shap.check([await folded(BEFORE), await folded(AFTER)], [{ max: 100 }])
  assert.equal(result.after.value, 3000)
  assert.deepEqual(result.growers.map(one => [one.name, one.value]), [['grows', 2500], ['same', 500]])
})
