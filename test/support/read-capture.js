'use strict'
/** Reads the samples of a capture of one segment as csrc/capture lays them out. */

/** Bytes of a meta line, a string's end, a function, a node, a bucket and a label. */
const SIZES = [8, 4, 24, 16, 32, 16]

/** @param {number} n */
const aligned = n => (n + 7) & ~7

/** @typedef {{ size: number, allocated: number, live: number, line: number, name: string }} Sample `line`, `name`: of the innermost frame */

/** @param {Buffer} capture @returns {Sample[]} */
function readSamples (capture) {
  const u = (/** @type {number} */ at) => capture.readUInt32LE(at)
  const [metas, strings, functions, nodes, buckets, labels] = [28, 32, 36, 40, 44, 56].map(u)
  const text = capture.length - aligned(Number(capture.readBigUInt64LE(48)))
  const counts = [metas, strings, functions, nodes, buckets, labels]
  const at = counts.map((_, i) => text - counts.slice(i).reduce((sum, count, k) => sum + aligned(count * SIZES[i + k]), 0))
  const string = (/** @type {number} */ i) => {
    const end = (/** @type {number} */ k) => k < 0 ? 0 : u(at[1] + 4 * k)
    return capture.toString('utf8', text + end(i - 1), text + end(i))
  }
  /** @type {Map<number, { line: number, name: string }>} */
  const byId = new Map()
  for (let i = 0; i < nodes; i++) {
    const row = at[3] + SIZES[3] * i
    byId.set(u(row), { line: capture.readInt32LE(row + 12), name: string(u(at[2] + SIZES[2] * u(row + 8))) })
  }
  return Array.from({ length: buckets }, (_, i) => {
    const row = at[4] + SIZES[4] * i
    const { line, name } = /** @type {{ line: number, name: string }} */ (byId.get(u(row)))
    return { size: Number(capture.readBigUInt64LE(row + 8)), allocated: u(row + 16), live: u(row + 20), line, name }
  })
}

module.exports = { readSamples }
