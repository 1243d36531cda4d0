'use strict'
// Seeds for the fuzzer: small captures of the native sampler, into the folder that is named.
const fs = require('node:fs')
const path = require('node:path')

const sampler = require(path.resolve(__dirname, '../../build/Release/shap_sampler.node'))
const folder = process.argv[2]

/** @param {number} depth @returns {object[]} */
function nested (depth) {
  return depth ? nested(depth - 1) : Array.from({ length: 200 }, (_, i) => ({ i, text: `${i}` }))
}

/**
 * @param {string} name
 * @param {object} options
 * @param {Record<string, string>} meta
 */
function seed (name, options, meta) {
  sampler.start({ interval: 4096, depth: 32, alloc: true, inuse: true, maxMemory: 33554432, thread: 0, ...options })
  const kept = [nested(3), nested(50), JSON.parse(JSON.stringify(nested(1))), Buffer.alloc(100000)]
  const capture = sampler.capture({ gc: false, meta })
  sampler.stop()
  if (kept.length) fs.writeFileSync(path.join(folder, name), Buffer.from(capture))
}

seed('plain', { interval: 2048 }, { command: 'node a.js' })
seed('small', { interval: 65536 }, { command: 'node a.js', hide: __dirname })
seed('cut', { depth: 4, interval: 2048 }, { command: 'node a.js', hide: 'node:' })
seed('inuse', { alloc: false, interval: 2048 }, {})
seed('lines', { lines: true, interval: 2048 }, { command: 'node a.js' })
const two = ['plain', 'cut'].map(name => fs.readFileSync(path.join(folder, name)))
fs.writeFileSync(path.join(folder, 'two'), Buffer.concat(two))
// As report_fuzz.c has its inputs: the two captures merged, compared, as runs of one program.
const report = path.join(folder, '../report')
fs.mkdirSync(report, { recursive: true })
for (const together of [1, 2, 3]) {
  const head = Buffer.from([1, together, 0, two[0].length & 255, two[0].length >> 8])
  fs.writeFileSync(path.join(report, `captures-${together}`), Buffer.concat([head, ...two]))
}
