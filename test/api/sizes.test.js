'use strict'

/** Sizes of blocks out of what the inspector tells: are they true, and does the search have an end? */

const assert = require('node:assert/strict')
const { test } = require('node:test')
const binding = require('../../lib/common/native.js')
const { toCapture } = require('../../lib/inspector/capture.js')
const { Budget, STEPS, blockSizes } = require('../../lib/inspector/block-sizes.js')

const INTERVAL = 65536

/** @typedef {{ products: Map<number, number>, selfSize: number, bytes: number, sizes: number[] }} Node */

/**
 * What V8 tells of a node.
 * @param {[size: number, samples: number][]} blocks
 * @returns {Node}
 */
function nodeOf (blocks) {
  const products = new Map()
  let selfSize = 0
  let bytes = 0
  for (const [size, samples] of blocks) {
    const stands = 1 / (1 - Math.exp(-size / INTERVAL))
    const product = size * Math.floor(stands + 0.5)
    products.set(product, (products.get(product) ?? 0) + samples)
    selfSize += size * Math.floor(samples * stands + 0.5)
    bytes += size * samples * stands
  }
  return { products, selfSize, bytes, sizes: blocks.map(([size]) => size) }
}

/** @param {import('../../lib/inspector/block-sizes.js').Sized[]} sized */
function bytesOf (sized) {
  return sized.reduce((sum, { size, count }) => sum + size * count / (1 - Math.exp(-size / INTERVAL)), 0)
}

/** @returns {Node[]} as many as there are stacks in a large program */
function manyNodes () {
  let seed = 1
  const next = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648
  return Array.from({ length: 3000 }, () => nodeOf(Array.from({ length: 4 }, () => {
    return [16 + 8 * Math.floor(next() * next() * 500), 1 + Math.floor(next() * 5)]
  })))
}

test('a block larger than the interval is found at once, whatever its size', () => {
  const sizes = Array.from({ length: 500 }, (_, i) => 1e8 + 8 * i)
  const budget = new Budget(STEPS)
  const { of, averaged } = blockSizes(INTERVAL, budget)
  for (const size of sizes) assert.deepEqual(of(new Map([[size, 3]]), 3 * size), [{ size, count: 3 }])
  assert.deepEqual([budget.left, averaged()], [STEPS, 0])
})

test('the search ends after its last step; the rest is as V8 sums it up', () => {
  const nodes = manyNodes()
  const budget = new Budget(STEPS)
  const { of, averaged } = blockSizes(INTERVAL, budget)
  const found = nodes.map(({ products, selfSize }) => of(products, selfSize))
  assert.ok(budget.left >= 0)
  assert.ok(averaged() > 1000, `${averaged()} averages`)
  const bytes = found.reduce((sum, sized) => sum + bytesOf(sized), 0)
  const truth = nodes.reduce((sum, node) => sum + node.bytes, 0)
  assert.ok(Math.abs(bytes / truth - 1) < 0.01, `${bytes} of ${truth}`)
  for (const [i, sized] of found.entries()) {
    assert.ok(Math.abs(bytesOf(sized) / nodes[i].bytes - 1) < 0.2, `stack ${i}: ${bytesOf(sized)} of ${nodes[i].bytes}`)
  }
  const again = blockSizes(INTERVAL, new Budget(STEPS))
  assert.deepEqual(nodes.map(({ products, selfSize }) => again.of(products, selfSize)), found)
})

test('sizes are found when there are few of them', () => {
  const node = nodeOf([[24, 9], [4016, 4]])
  const { of, averaged } = blockSizes(INTERVAL, new Budget(STEPS))
  assert.deepEqual(of(node.products, node.selfSize).map(({ size }) => size), node.sizes)
  assert.equal(averaged(), 0)
})

test('a profile whose sizes are averages is marked', async () => {
  const nodes = manyNodes()
  const frame = { functionName: 'f', scriptId: '1', url: '/a.js', columnNumber: 0 }
  const head = {
    id: 1,
    selfSize: 0,
    callFrame: { ...frame, functionName: '(root)', lineNumber: -1 },
    children: nodes.map(({ selfSize }, i) => ({ id: i + 2, selfSize, callFrame: { ...frame, lineNumber: i }, children: [] }))
  }
  const samples = nodes.flatMap(({ products }, i) => [...products].flatMap(([size, count]) => {
    return Array.from({ length: count }, (_, ordinal) => ({ size, nodeId: i + 2, ordinal }))
  }))
  const core = binding.core()
  const meta = core.meta(await core.fromCapture(toCapture({ head, samples }, { interval: INTERVAL, alloc: true })))
  assert.match(meta.limit_sizes, /^block sizes of \d{4} stacks are estimated from V8's rounded sums/)
  const few = core.meta(await core.fromCapture(toCapture({ head: { ...head, children: [] }, samples: [] }, { interval: INTERVAL, alloc: true })))
  assert.equal(few.limit_sizes, undefined)
})
