'use strict'
/**
 * Does V8 count what is allocated around its optimizing compilations? A loop that is
 * compiled once, and the same with a fresh function optimized after every 100 kB.
 *
 *   node test/bench/compiled.js [--interval 65536] [--megabytes 300]
 *
 * V8 11.3 (Node 20) begins the page's linear area anew at each such compilation without
 * telling its observers of allocation: what was allocated since the last sample is lost.
 */
const v8 = require('node:v8')
const shap = require('../..')
const { table, numbersFrom, machine } = require('./tools.js')

/** An array of ten elements: 32 bytes, and 16 + 80 of its store. */
const BLOCK = 128
const AT_ONCE = 800
const place = { last: /** @type {unknown} */ (null) }

/** @param {number} count */
function allocate (count) {
  for (let i = 0; i < count; i++) place.last = new Array(10).fill(i)
}

v8.setFlagsFromString('--allow-natives-syntax')
/** Natives syntax is no JavaScript: it stands in text. */
const compile = new Function('%PrepareFunctionForOptimization(this); this(1); %OptimizeFunctionOnNextCall(this); this(1)')

/** @param {number} interval @param {number} bytes @param {boolean} compiling @returns {Promise<[number, number]>} of the truth, and its error */
async function share (interval, bytes, compiling) {
  await shap.start({ interval, depth: 8, offheap: false })
  const rounds = Math.round(bytes / BLOCK / AT_ONCE)
  for (let i = 0; i < rounds; i++) {
    allocate(AT_ONCE)
    if (compiling) compile.call(new Function('a', `return a + ${i}`))
  }
  const profile = await shap.capture()
  await shap.stop()
  const truth = rounds * AT_ONCE * BLOCK
  const rows = profile.top(0, 'alloc_space').filter(({ name }) => name === 'allocate' || name === 'fill')
  profile.free()
  const sum = rows.reduce((all, { self }) => all + self.alloc_space, 0)
  const error = Math.hypot(...rows.map(({ selfError }) => selfError.alloc_space))
  return [sum / truth, error / truth]
}

async function main () {
  const { interval, megabytes } = numbersFrom(process.argv.slice(2), { interval: 65536, megabytes: 300 })
  allocate(1e5)
  const rows = []
  for (const compiling of [false, true]) {
    const [sum, error] = await share(interval, megabytes * 1e6, compiling)
    rows.push([compiling ? 'a compilation every 100 kB' : 'no compilation', `${(100 * sum).toFixed(1)} %`, `${(100 * error).toFixed(1)} %`])
  }
  console.log(`${machine()}; ${megabytes} MB at ${interval} bytes\n`)
  table(['while the sampler runs', 'estimate / truth', '±'], rows)
}

main()
