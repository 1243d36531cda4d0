'use strict'
/**
 * Does a comparison tell growth from noise? Pairs of runs of one program of 500 MB
 * (fixtures/steady-allocations.js), each in its own process: unchanged, and with a function of
 * 25 MB that allocates 60 % more at 64k, or 20 % more at 16k.
 *
 *   node test/bench/noise.js [--pairs 20] [--scale 1]
 */
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const shap = require('../..')
const { ROOT, table, numbersFrom, machine } = require('./tools.js')

const STEADY = path.join(ROOT, 'test', 'fixtures', 'steady-allocations.js')
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-bench-'))

/**
 * @param {string} interval @param {number} factor @param {number} scale
 * @returns {Promise<import('../../lib/index.js').Profile>}
 */
async function profile (interval, factor, scale) {
  const file = path.join(folder, 'run.pb.gz')
  const args = [path.join(ROOT, 'bin', 'shap-flame.js'), '--quiet', '--interval', interval, '--pprof', file, STEADY, String(factor), String(scale)]
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return shap.read(file)
}

/**
 * @param {string} interval @param {number} factor of the second run
 * @param {Record<string, number>} options
 */
async function compare (interval, factor, { pairs, scale }) {
  const counts = { passed: 0, judged: 0, total: 0, functions: 0, top: 0 }
  for (let i = 0; i < pairs; i++) {
    const [before, after] = [await profile(interval, 1, scale), await profile(interval, factor, scale)]
    const { passed, results } = await shap.check(after, [{ type: 'alloc_space', maxGrowth: 5 }], { baseline: before })
    const both = await shap.diff(before, after, { type: 'alloc_space' })
    const rows = both.changes(0)
    const sure = rows.filter(({ self }) => self.verdict !== 'within noise')
    const [top] = results[0].growers
    const { before: was, after: is } = results[0]
    if (passed) counts.passed++
    if (results[0].judgement !== 'unsure') counts.judged++
    if (was && Math.abs(is.value - was.value) <= 2.576 * Math.hypot(was.error, is.error)) counts.total++
    if (sure.length > 0) counts.functions++
    const row = sure.find(({ name }) => name === 'grows')
    if (top?.name === 'grows' && row?.self.verdict === 'grew') counts.top++
    for (const one of [before, after, both]) one.free()
  }
  return counts
}

async function main () {
  const options = numbersFrom(process.argv.slice(2), { pairs: 20, scale: 1 })
  /** @type {[string, string, number][]} */
  const cases = [['unchanged, 64k', '64k', 1], ['one function +60 %, 64k', '64k', 1.6], ['one function +20 %, 16k', '16k', 1.2]]
  const rows = []
  for (const [name, interval, factor] of cases) {
    const { passed, judged, total, functions, top } = await compare(interval, factor, options)
    rows.push([name, ...[passed, judged, total, functions, top].map(n => `${n}/${options.pairs}`)])
  }
  console.log(`${machine()}; ${options.pairs} pairs each, ${500 * options.scale} MB a run\n`)
  table(['pairs of runs', 'check passes (5 %)', 'judged', 'total is noise', 'some function is sure', 'the right one is top grower'], rows)
}

main().finally(() => fs.rmSync(folder, { recursive: true, force: true }))
