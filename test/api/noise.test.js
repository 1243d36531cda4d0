'use strict'

/** Small and fast forms of test/bench/noise.js and coverage.js. */
const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, test } = require('node:test')
const v8 = require('node:v8')
const shap = require('../../lib/index.js')
const known = require('../fixtures/known-allocations.js')

const ROOT = path.join(__dirname, '..', '..')
const SCALE = 0.1
/** Of known-allocations.js: those that V8 samples often. */
const FUNCTIONS = ['keepObjects', 'keepNumbers', 'keepArrays', 'dropObjects', 'dropArrays', 'keepSome', 'keepAWhile', 'shared']
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-test-'))
after(() => fs.rmSync(folder, { recursive: true, force: true }))

// What is inlined counts for its caller: here each function's own bytes are asked for.
for (const flag of ['--no-turbo-inlining', '--no-maglev-inlining']) v8.setFlagsFromString(flag)

/**
 * @param {number} factor what `grows` allocates, 1 for the program as it is
 * @param {number} seed of V8's sampling: chance does not decide
 * @returns {Promise<import('../../lib/index.js').Profile>} of 50 MB at 4k
 */
function steady (factor, seed) {
  const file = path.join(folder, `${seed}.pb.gz`)
  const target = path.join(ROOT, 'test', 'fixtures', 'steady-allocations.js')
  const args = [path.join(ROOT, 'bin', 'shap-flame.js'), '--quiet', '--interval', '4k', '--pprof', file, '--', process.execPath, `--random-seed=${seed}`, target, String(factor), String(SCALE)]
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  return shap.read(file)
}

test('an unchanged program does not fail the check; a function that grew is named', async () => {
  const [before, same, grown] = [await steady(1, 1), await steady(1, 2), await steady(2, 3)]
  const limits = [{ type: /** @type {const} */ ('alloc_space'), maxGrowth: 5 }]
  // With any seed: growth of five percent and 2.6 standard errors is seven of them, and what grew
  // by 2.5 MB stays ahead of `parse` by 5.9.
  assert.equal((await shap.check(same, limits, { baseline: before })).passed, true)
  const { results: [result] } = await shap.check(grown, [{ type: 'alloc_space', maxGrowth: 0 }], { baseline: before })
  assert.equal(result.growers[0].name, 'grows')
  const row = (await shap.diff(before, grown, { type: 'alloc_space' })).changes(0).find(({ name }) => name === 'grows')
  assert.equal(row?.self.verdict, 'grew')
})

test('two standard errors cover the truth about 95 times in 100', async () => {
  const SAMPLINGS = 120
  let within = 0
  let all = 0
  for (let i = 0; i < SAMPLINGS + 3; i++) {
    await shap.start({ interval: 2048, depth: 32 })
    const truth = known.run(0.02)
    const profile = await shap.capture()
    await shap.stop()
    const rows = profile.top(0, 'alloc_space').filter(({ file }) => file.endsWith('known-allocations.js'))
    for (const name of FUNCTIONS) {
      const row = rows.find(one => one.name === name)
      // What is not yet optimized may allocate otherwise.
      if (!row || i < 3) continue
      all++
      if (Math.abs(row.self.alloc_space - truth[name].alloc_space) <= 2 * row.selfError.alloc_space) within++
    }
    profile.free()
  }
  assert.equal(all, FUNCTIONS.length * SAMPLINGS)
  // 960 trials, of which 94.5 % are within: less than nine tenths is more than six standard errors off.
  assert.ok(within / all > 0.9 && within / all < 0.995, `${within} of ${all}`)
})
