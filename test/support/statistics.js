'use strict'
/**
 * Estimates against a known truth, so that luck alone fails no test: a whole run of
 * the tests draws some 300 rows, of which 3.5 standard errors are exceeded by luck
 * in one run of ten, and 6 (with the few samples that a row may have) in one of 10,000.
 * How large the errors are is judged by all rows together.
 */
const assert = require('node:assert')

const FARTHEST = 6
/** Large blocks have hardly an error: what is odd there is a slab or two. */
const SLACK = 1e-4

/**
 * @typedef {'alloc_space' | 'inuse_space'} Type
 * @typedef {Record<Type, number>} Spaces
 * @typedef {{ truth: Spaces, estimate: Spaces, error: Spaces }} Row
 */

/** @param {string} name @param {Row} row @param {Type} type */
function checkRow (name, { truth, estimate, error }, type) {
  const off = Math.abs(estimate[type] - truth[type])
  const message = `${name} ${type}: ${estimate[type]} ± ${Math.round(error[type])}, truth ${truth[type]}`
  assert.ok(off <= FARTHEST * error[type] + SLACK * truth[type], message)
}

/**
 * @param {[name: string, row: Row][]} rows of several runs
 * @param {Type} type
 * @param {number} largest that the mean of (offset / error)² may be, which is 1 where errors are right
 */
function checkRows (rows, type, largest) {
  for (const [name, row] of rows) checkRow(name, row, type)
  const drawn = rows.filter(([, { truth, error }]) => error[type] > 0.01 * truth[type] && truth[type] > 0)
  const squares = drawn.map(([, { truth, estimate, error }]) => ((estimate[type] - truth[type]) / error[type]) ** 2)
  const mean = squares.reduce((sum, square) => sum + square, 0) / squares.length
  assert.ok(mean < largest, `${type}: rows are ${Math.sqrt(mean).toFixed(2)} standard errors off on average`)
}

module.exports = { FARTHEST, checkRow, checkRows }
