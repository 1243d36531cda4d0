'use strict'
/**
 * How far do V8's own counts of samples bend sums, and ours? Arrays of one size,
 * sampled by node:inspector, whose samples carry V8's count, and by shap-flame.
 *
 *   node test/bench/rounding.js [--interval 65536] [--samples 2000]
 *
 * V8 rounds each sample's weight to a whole number: just below 1.0986 intervals
 * 1.5 becomes 2, just above it becomes 1, which is the most that it can bend.
 */
const { Session } = require('node:inspector')
const shap = require('../..')
const { quote, table, numbersFrom, machine } = require('./tools.js')

/**
 * @typedef {{ id: number, callFrame: { functionName: string }, children: Sampling[] }} Sampling
 * @typedef {{ head: Sampling, samples: { nodeId: number, size: number }[] }} Sampled
 */

const HEADERS = 6 * 8
const SIZES = [0.1, 0.25, 0.5, 1, Math.log(3) * 0.997, Math.log(3) * 1.003, 2, 4]
/** Where each block is put, so that it is really made. */
const place = { last: /** @type {unknown} */ (null) }

/** @param {number} count @param {number} elements */
function allocate (count, elements) {
  for (let i = 0; i < count; i++) place.last = new Array(elements)
}

/** @param {() => void} work @param {number} interval @returns {number} bytes, by V8's counts */
function byV8 (work, interval) {
  const session = new Session()
  session.connect()
  session.post('HeapProfiler.startSampling', { samplingInterval: interval, includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true })
  work()
  let sum = 0
  session.post('HeapProfiler.stopSampling', (_, got) => {
    const { head, samples } = /** @type {Sampled} */ (/** @type {unknown} */ (got.profile))
    const own = new Set()
    const nodes = [head]
    for (const node of nodes) {
      if (node.callFrame.functionName === allocate.name) own.add(node.id)
      nodes.push(...node.children)
    }
    for (const { nodeId, size } of samples) if (own.has(nodeId)) sum += size
  })
  session.disconnect()
  return sum
}

/** @param {() => void} work @param {number} interval @returns {Promise<[number, number]>} bytes, and their standard error */
async function byUs (work, interval) {
  await shap.start({ interval, depth: 8, offheap: false })
  work()
  const profile = await shap.capture()
  await shap.stop()
  const row = profile.top(0, 'alloc_space').find(({ name }) => name === allocate.name)
  profile.free()
  return [row?.self.alloc_space ?? NaN, row?.selfError.alloc_space ?? NaN]
}

async function main () {
  const { interval, samples } = numbersFrom(process.argv.slice(2), { interval: 65536, samples: 2000 })
  const rows = []
  /** @type {Record<'v8' | 'ours', number[]>} */
  const off = { v8: [], ours: [] }
  for (const share of SIZES) {
    const elements = Math.round((share * interval - HEADERS) / 8)
    const bytes = elements * 8 + HEADERS
    const count = Math.ceil(samples / (1 - Math.exp(-bytes / interval)))
    const work = () => allocate(count, elements)
    const percent = (/** @type {number} */ value) => `${(100 * value).toFixed(1)} %`
    const weight = 1 / (1 - Math.exp(-bytes / interval))
    const [sum, error] = await byUs(work, interval)
    const truth = bytes * count
    const v8 = byV8(work, interval)
    off.v8.push(v8 / truth - 1)
    off.ours.push(sum / truth - 1)
    rows.push([`${share.toFixed(3)} intervals`, percent(Math.floor(weight + 0.5) / weight - 1), percent(v8 / truth - 1), percent(sum / truth - 1), percent(error / sum)])
  }
  console.log(`${machine()}; ${samples} samples of each size at ${interval} bytes\n`)
  table(['size of the blocks', "V8's weight, computed", "V8's sum", 'our sum', 'our ±'], rows)
  for (const name of /** @type {const} */ (['v8', 'ours'])) {
    const [least, most] = [Math.min(...off[name]), Math.max(...off[name])].map(share => `${(100 * share).toFixed(1)} %`.replace('-', '−'))
    quote(`bend/${name}`, `${least} to ${most}`, samples)
  }
}

main()
