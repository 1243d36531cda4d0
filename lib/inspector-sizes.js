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
/** Combinations of sizes that are tried for one node, and for a profile. */
const TRIES = 4096
const ALL_TRIES = 4e6
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

/**
 * @param {number} product
 * @param {number} interval
 * @returns {number[]} the sizes that make it, likely ones first
 */
function candidates (product, interval) {
  /** @type {number[]} */
  const sizes = []
  for (let count = 1; product / count >= SMALLEST; count++) {
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
  const told = groups.map(({ count, sizes }) => sizes.map(size => size * scaled(size, interval, count)))
  const chance = groups.map(({ sizes }) => sizes.map(size => Math.log(likelihood(size, interval))))
  const at = groups.map(() => 0)
  /** @type {number[] | undefined} */
  let best
  let most = -Infinity
  for (let group = 0; group < groups.length;) {
    if (at.reduce((total, place, g) => total + told[g][place], 0) === sum) {
      const likely = at.reduce((total, place, g) => total + chance[g][place], 0)
      if (likely > most) [best, most] = [[...at], likely]
    }
    for (group = 0; group < groups.length && ++at[group] === groups[group].sizes.length; group++) at[group] = 0
  }
  return best
}

/**
 * @param {number} interval 0: not known, sizes stay as they are told
 * @returns {(told: Map<number, number>, selfSize: number) => Sized[]} of a node: the samples of each
 *   product, and what V8 says of it as a whole
 */
function blockSizes (interval) {
  /** @type {Map<number, number[]>} */
  const known = new Map()
  let tries = ALL_TRIES
  /** @param {number} product */
  const sizesOf = product => {
    const sizes = known.get(product) ?? (interval > 0 ? candidates(product, interval) : [])
    known.set(product, sizes)
    return sizes.length > 0 ? sizes : [product]
  }
  return (told, selfSize) => {
    const groups = [...told].map(([product, count]) => ({ count, sizes: sizesOf(product) }))
    const combinations = groups.reduce((all, { sizes }) => all * sizes.length, 1)
    const open = combinations > 1 && groups.some(({ count }) => count > 1)
    /** @type {number[] | undefined} */
    let places
    if (open && combinations <= TRIES && combinations <= tries) {
      tries -= combinations
      places = fit(groups, selfSize, interval)
    }
    return groups.map(({ count, sizes }, group) => ({ size: sizes[places?.[group] ?? 0], count }))
  }
}

/**
 * @param {number[]} products of a profile's samples
 * @returns {number} the interval that explains them all; 0: there is none
 */
function guessInterval (products) {
  const some = [...new Set(products)].slice(0, 256)
  if (some.length < 2) return 0
  const found = INTERVALS.find(interval => {
    const least = some.reduce((a, b) => Math.min(a, b))
    return least >= interval && least < 2 * interval && some.every(product => candidates(product, interval).length > 0)
  })
  return found ?? 0
}

module.exports = { blockSizes, guessInterval }
