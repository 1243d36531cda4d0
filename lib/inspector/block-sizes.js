'use strict'

/**
 * The protocol tells of a sample only the product of its block's size and the
 * number of blocks that it stands for, which V8 has rounded. From the interval
 * the size can be had again: the sizes that make such a product are few, and what
 * V8 says of a node as a whole, rounded once for all of its blocks of a size,
 * tells which of them it was.
 */

/** V8 allocates in words; the smallest object has two. */
const WORD = 8
const SMALLEST = 16
/** Combinations of sizes that are tried for one node. */
const TRIES = 4096
/**
 * Steps of the search for a whole profile: less than 5 ms, in which the app waits. They are counted,
 * not timed, so that the same samples give the same figures. At the end there may be some more.
 */
const STEPS = 30000
const STEPS_AT_END = 10 * STEPS
/** What Node, DevTools and people choose. */
const INTERVALS = [512, 32, 64, 16, 128, 256, 8, 4, 2, 1, 1024, 2048, 4096].map(k => k * 1024)

/** @typedef {{ size: number, count: number }} Sized */

/**
 * @param {number} size
 * @param {number} interval
 * @param {number} count
 * @returns {number} the blocks that so many samples stand for, rounded as V8 does
 */
function scaled (size, interval, count) {
  return Math.floor(count / (1 - Math.exp(-size / interval)) + 0.5)
}

/**
 * Small blocks are common, large ones rare but seen: how likely a size is.
 * @param {number} size
 * @param {number} interval
 */
function likelihood (size, interval) {
  return (1 - Math.exp(-size / interval)) / (size * size)
}

/** How much of the search is left. */
class Budget {
  /** @param {number} steps */
  constructor (steps) {
    this.left = steps
  }

  /**
   * @param {number} steps that are wanted, all of them
   * @returns {boolean} whether they are there; then they are taken
   */
  take (steps) {
    if (steps > this.left) return false
    this.left -= steps
    return true
  }
}

/**
 * The largest product that a sample of so many blocks has.
 * @param {number} count at least 2
 * @param {number} interval
 */
function largest (count, interval) {
  return -interval * count * Math.log(1 - 1 / (count - 0.5))
}

/**
 * A block larger than the interval stands for itself. Of the others many stand for about an
 * interval's bytes, the more the nearer the product is to it.
 *
 * @param {number} product
 * @param {number} interval
 * @returns {number} most blocks that a sample of it may stand for
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
 * @returns {number[] | undefined} the sizes that make it, likely ones first; absent: it would take too long
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
 * Goes through the combinations of one candidate a group, for the likeliest that
 * adds up.
 *
 * @param {{ count: number, sizes: number[] }[]} groups
 * @param {number} sum that they must add up to
 * @param {number} interval
 * @returns {number[] | undefined} the place of each group's size
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
 * The size of which one sample stands for so many bytes.
 * @param {number} bytes
 * @param {number} interval
 */
function sizeFor (bytes, interval) {
  const weight = bytes / interval
  if (weight <= 1) return SMALLEST
  // z / (1 - exp(-z)) is 1 + z / 2 + z² / 12 for small z, and z for large ones; Newton does the rest
  let z = weight < 3 ? Math.sqrt(9 + 12 * (weight - 1)) - 3 : weight
  for (let step = 0; step < 3; step++) {
    const rest = Math.exp(-z)
    z -= (z / (1 - rest) - weight) * (1 - rest) ** 2 / (1 - rest - z * rest)
  }
  return Math.max(SMALLEST, Math.round(z * interval / WORD) * WORD)
}

/**
 * Where the search would take too long: sizes of which the node's samples stand together for what
 * V8 says of it as a whole.
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
 * @property {(products: Map<number, number>, selfSize: number) => Sized[]} of a node: the samples of each
 *   product, and what V8 says of it as a whole
 * @property {() => number} averaged how many nodes so far have no sizes but averages
 */

/**
 * Of a profile.
 * @param {number} interval 0: not known, sizes stay as they are told
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
 * @returns {number} the interval that explains them all; 0: there is none
 */
function guessInterval (products) {
  const some = [...new Set(products)].slice(0, 256)
  if (some.length < 2) return 0
  const min = some.reduce((a, b) => Math.min(a, b))
  const budget = new Budget(STEPS)
  const found = INTERVALS.find(interval => {
    const inRange = min >= interval && min < 2 * interval
    // what was not looked at speaks neither for it nor against it
    return inRange && some.every(product => candidates(product, interval, budget)?.length !== 0)
  })
  return found ?? 0
}

module.exports = { Budget, STEPS, STEPS_AT_END, blockSizes, guessInterval }
