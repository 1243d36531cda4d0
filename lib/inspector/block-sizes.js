'use strict'

/**
 * Recovers block sizes. The protocol reports for a sample only the product of the block's size and
 * its weight, which V8 has rounded. For a known interval few sizes give such a product, and the
 * node's selfSize, rounded once for all blocks of a size, decides between them.
 */

/** V8 allocates whole words, at least two. */
const WORD = 8
const SMALLEST = 16
/** Maximum combinations of sizes that are tried for one node. */
const TRIES = 4096
/**
 * Maximum steps for a whole profile: less than 5 ms, during which the app waits. Counted, not timed, so
 * that the same samples give the same values. More are allowed at exit.
 */
const STEPS = 30000
const STEPS_AT_END = 10 * STEPS
/** Intervals that Node, DevTools and people choose. */
const INTERVALS = [512, 32, 64, 16, 128, 256, 8, 4, 2, 1, 1024, 2048, 4096].map(k => k * 1024)

/** @typedef {{ size: number, count: number }} Sized */

/**
 * @param {number} size
 * @param {number} interval
 * @param {number} count
 * @returns {number} the blocks that `count` samples stand for, rounded as V8 does
 */
function scaled (size, interval, count) {
  return Math.floor(count / (1 - Math.exp(-size / interval)) + 0.5)
}

/**
 * The likelihood of a size: small blocks are common, large ones are sampled more often.
 * @param {number} size
 * @param {number} interval
 */
function likelihood (size, interval) {
  return (1 - Math.exp(-size / interval)) / (size * size)
}

/** The remaining steps of the search. */
class Budget {
  /** @param {number} steps */
  constructor (steps) {
    this.left = steps
  }

  /**
   * @param {number} steps
   * @returns {boolean} whether all of them were available; then they are used up
   */
  take (steps) {
    if (steps > this.left) return false
    this.left -= steps
    return true
  }
}

/**
 * The largest product of a sample that stands for `count` blocks.
 * @param {number} count at least 2
 * @param {number} interval
 */
function largest (count, interval) {
  return -interval * count * Math.log(1 - 1 / (count - 0.5))
}

/**
 * A block larger than the interval has weight 1. Smaller ones stand for about the interval in bytes:
 * the closer the product is to it, the more blocks are possible.
 *
 * @param {number} product
 * @param {number} interval
 * @returns {number} the maximum number of blocks of such a sample
 */
function maxBlocks (product, interval) {
  if (product > largest(2, interval)) return 1
  let low = 1
  let high = Math.floor(product / SMALLEST)
  while (low < high) {
    const middle = low + Math.ceil((high - low) / 2)
    if (largest(middle, interval) * (1 + 1e-9) >= product) low = middle
    else high = middle - 1
  }
  return low
}

/**
 * @param {number} product
 * @param {number} interval
 * @param {Budget} budget
 * @returns {number[] | undefined} possible sizes, likely ones first; undefined: the budget is used up
 */
function candidates (product, interval, budget) {
  /** @type {number[]} */
  const sizes = []
  const max = maxBlocks(product, interval)
  if (max > 1 && !budget.take(max)) return undefined
  for (let count = 1; count <= max && product / count >= SMALLEST; count++) {
    const size = product / count
    if (size % WORD === 0 && scaled(size, interval, 1) === count) sizes.push(size)
  }
  return sizes.sort((a, b) => likelihood(b, interval) - likelihood(a, interval))
}

/**
 * Finds the likeliest combination of one candidate per group that adds up to `sum`.
 *
 * @param {{ count: number, sizes: number[] }[]} groups
 * @param {number} sum
 * @param {number} interval
 * @returns {number[] | undefined} the index of each group's size
 */
function fit (groups, sum, interval) {
  const products = groups.map(({ count, sizes }) => sizes.map(size => size * scaled(size, interval, count)))
  const chance = groups.map(({ sizes }) => sizes.map(size => Math.log(likelihood(size, interval))))
  const at = groups.map(() => 0)
  /** @type {number[] | undefined} */
  let best
  let bestLikelihood = -Infinity
  let total = products.reduce((all, [first]) => all + first, 0)
  for (let group = 0; group < groups.length;) {
    if (total === sum) {
      const likely = at.reduce((all, place, g) => all + chance[g][place], 0)
      if (likely > bestLikelihood) [best, bestLikelihood] = [[...at], likely]
    }
    for (group = 0; group < groups.length; group++) {
      const before = products[group][at[group]]
      const more = ++at[group] < products[group].length
      if (!more) at[group] = 0
      total += products[group][at[group]] - before
      if (more) break
    }
  }
  return best
}

/**
 * The size at which one sample stands for `bytes`.
 * @param {number} bytes
 * @param {number} interval
 */
function sizeFor (bytes, interval) {
  const weight = bytes / interval
  if (weight <= 1) return SMALLEST
  // z / (1 - exp(-z)) is about 1 + z / 2 + z² / 12 for small z and z for large z; refined by Newton's method
  let z = weight < 3 ? Math.sqrt(9 + 12 * (weight - 1)) - 3 : weight
  for (let step = 0; step < 3; step++) {
    const rest = Math.exp(-z)
    z -= (z / (1 - rest) - weight) * (1 - rest) ** 2 / (1 - rest - z * rest)
  }
  return Math.max(SMALLEST, Math.round(z * interval / WORD) * WORD)
}

/**
 * Used when the search would take too long: sizes with which the samples add up to selfSize.
 *
 * @param {[product: number, count: number][]} products
 * @param {number} selfSize
 * @param {number} interval
 * @returns {Sized[]}
 */
function averages (products, selfSize, interval) {
  const sum = products.reduce((all, [product, count]) => all + product * count, 0)
  return products.map(([product, count]) => ({ size: sizeFor(product * selfSize / sum, interval), count }))
}

/**
 * @typedef {object} Sizes
 * @property {(products: Map<number, number>, selfSize: number) => Sized[]} of sizes for a node's number
 *   of samples by product
 * @property {() => number} averaged number of nodes so far with average sizes
 */

/**
 * @param {number} interval 0: unknown, products are used as sizes
 * @param {Budget} budget
 * @returns {Sizes}
 */
function blockSizes (interval, budget) {
  /** @type {Map<number, number[] | undefined>} */
  const cache = new Map()
  let averaged = 0
  /** @param {number} product */
  const sizesOf = product => {
    if (interval <= 0) return [product]
    if (!cache.has(product)) cache.set(product, candidates(product, interval, budget))
    const sizes = cache.get(product)
    return sizes?.length === 0 ? [product] : sizes
  }
  /** @type {Sizes['of']} */
  const of = (products, selfSize) => {
    const all = [...products]
    /** @type {{ count: number, sizes: number[] }[]} */
    const groups = []
    for (const [product, count] of all) {
      const sizes = sizesOf(product)
      if (sizes) groups.push({ count, sizes })
    }
    const combinations = groups.reduce((product, { sizes }) => product * sizes.length, 1)
    const open = combinations > 1 && groups.some(({ count }) => count > 1)
    const searched = open && combinations <= TRIES
    if (groups.length < all.length || (searched && !budget.take(combinations))) {
      averaged++
      return averages(all, selfSize, interval)
    }
    const places = searched ? fit(groups, selfSize, interval) : undefined
    return groups.map(({ count, sizes }, group) => ({ size: sizes[places?.[group] ?? 0], count }))
  }
  return { of, averaged: () => averaged }
}

/**
 * @param {number[]} products of a profile's samples
 * @returns {number} the interval that explains all of them; 0: none
 */
function guessInterval (products) {
  const some = [...new Set(products)].slice(0, 256)
  if (some.length < 2) return 0
  const min = some.reduce((a, b) => Math.min(a, b))
  const budget = new Budget(STEPS)
  const found = INTERVALS.find(interval => {
    const inRange = min >= interval && min < 2 * interval
    // products beyond the budget count neither for nor against it
    return inRange && some.every(product => candidates(product, interval, budget)?.length !== 0)
  })
  return found ?? 0
}

module.exports = { Budget, STEPS, STEPS_AT_END, blockSizes, guessInterval }
