'use strict'
/**
 * Are the errors right? One process allocates known bytes in known functions
 * (fixtures/known-allocations.js) again and again, each time under sampling: how often is the
 * truth within two standard errors of the estimate? A right error gives 95.4 %,
 * and of 1,000 samplings between 93 and 97 % nearly always.
 *
 *   node test/bench/coverage.js [--samplings 1000] [--interval 2048] [--scale 0.05]
 */
const v8 = require('node:v8')
const shap = require('../..')
const known = require('../fixtures/known-allocations.js')
const { table, numbersFrom, machine } = require('./tools.js')

/** @typedef {{ within: number, estimate: number, truth: number, z: number, error: number }} Sums */

/** A smaller error, as a share: all blocks are sampled, and there is nothing to cover. */
const EXACT = 0.003

// What is inlined counts for its caller: here each function's own bytes are asked for.
for (const flag of ['--no-turbo-inlining', '--no-maglev-inlining']) v8.setFlagsFromString(flag)

const NONE = { alloc_space: 0 }

async function main () {
  const { samplings, interval, scale } = numbersFrom(process.argv.slice(2), { samplings: 1000, interval: 2048, scale: 0.05 })
  /** @type {Map<string, Sums>} */
  const sums = new Map()
  for (let i = 0; i < samplings + 5; i++) {
    await shap.start({ interval, depth: 32 })
    const truth = known.run(scale)
    const profile = await shap.capture()
    await shap.stop()
    // What is not yet optimized may allocate otherwise.
    if (i >= 5) add(sums, truth, profile.top(0, 'alloc_space').filter(({ file }) => file.endsWith('known-allocations.js')))
    profile.free()
  }
  console.log(`${machine()}; ${samplings} samplings at ${interval} bytes\n`)
  const rows = [...sums].map(([name, one]) => [
    name, one.error < EXACT * one.truth ? 'all sampled' : `${(100 * one.within / samplings).toFixed(1)} %`, (one.estimate / one.truth).toFixed(4), one.error < EXACT * one.truth ? '' : (one.z / samplings).toFixed(2), Math.round(one.truth / samplings / interval).toString()
  ])
  table(['function', 'within two errors', 'mean estimate / truth', 'mean square of z', 'samples each'], rows)
}

/**
 * @param {Map<string, Sums>} sums
 * @param {Record<string, { alloc_space: number }>} truth
 * @param {import('../../lib/index.js').TopRow[]} rows
 */
function add (sums, truth, rows) {
  const all = { truth: 0, estimate: 0, variance: 0 }
  for (const name of Object.keys(truth)) {
    const row = rows.find(one => one.name === name)
    const { alloc_space: estimate } = row?.total ?? NONE
    const { alloc_space: error } = row?.totalError ?? NONE
    count(sums, name, truth[name].alloc_space, estimate, error)
    all.truth += truth[name].alloc_space
    all.estimate += estimate
    all.variance += error ** 2
  }
  count(sums, 'all of them', all.truth, all.estimate, Math.sqrt(all.variance))
}

/** @param {Map<string, Sums>} sums @param {string} name @param {number} truth @param {number} estimate @param {number} error */
function count (sums, name, truth, estimate, error) {
  if (truth === 0) return
  const one = sums.get(name) ?? { within: 0, estimate: 0, truth: 0, z: 0, error: 0 }
  if (Math.abs(estimate - truth) <= 2 * error) one.within++
  one.estimate += estimate
  one.truth += truth
  one.error += error
  one.z += error > 0 ? ((estimate - truth) / error) ** 2 : 0
  sums.set(name, one)
}

main()
