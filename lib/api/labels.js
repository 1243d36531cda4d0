'use strict'

/** Labels: what is known of memory besides its stack, as in pprof. */

const { checkObject, checkText, invalid } = require('./validate.js')

/**
 * @typedef {{ key: string, value: string | number, unit?: string }} Label
 * @typedef {{ value: string, total: import('../common/native.js').Figures, error: import('../common/native.js').Figures }} LabelRow
 */

/**
 * @param {Label} label
 * @returns {string} as frames and tables show it
 */
function textOf ({ value, unit }) {
  return unit === undefined ? String(value) : `${value} ${unit}`
}

/**
 * @param {Label[][]} sets
 * @returns {string[]} the keys, sorted
 */
function keysOf (sets) {
  return [...new Set(sets.flatMap(set => set.map(({ key }) => key)))].sort()
}

/**
 * @param {Label[]} set
 * @param {string} key
 * @param {readonly string[]} wanted values, any of which will do; empty text: without the label
 * @returns {boolean}
 */
function matches (set, key, wanted) {
  const labels = set.filter(label => label.key === key)
  if (labels.length === 0) return wanted.includes('')
  return labels.some(label => wanted.includes(textOf(label)) || wanted.includes(String(label.value)))
}

/**
 * @param {Label[][]} sets
 * @param {unknown} where values of keys
 * @returns {Uint8Array} for each set: whether it has one of the values of each key
 */
function maskOf (sets, where) {
  checkObject('where', where)
  const conditions = Object.entries(/** @type {object} */ (where)).map(([key, value]) => {
    const values = [value].flat()
    if (values.length === 0 || !values.every(one => typeof one === 'string' || typeof one === 'number')) {
      throw invalid(`where['${key}']`, 'a text, a number or an array of them', value)
    }
    return { key, values: values.map(String) }
  })
  return Uint8Array.from(sets, set => Number(conditions.every(({ key, values }) => matches(set, key, values))))
}

/**
 * @param {string} name of the option
 * @param {unknown} keys one or several
 * @returns {string} each with a NUL behind it
 */
function keyText (name, keys = []) {
  const list = /** @type {string[]} */ ([keys].flat())
  for (const key of list) checkText(name, key)
  if (list.some(key => key === '' || key.includes('\0'))) throw invalid(name, 'the key of a label', keys)
  return list.map(key => `${key}\0`).join('')
}

/**
 * @param {Label[][]} sets
 * @param {string} key
 * @param {Record<string, { total: number[], variance: number[] }>} sums of each set, by type
 * @param {string} type by which the rows are sorted
 * @returns {LabelRow[]} an empty value: without the label
 */
function labelRows (sets, key, sums, type) {
  /** @type {Map<string, number[]>} */
  const values = new Map()
  sets.forEach((set, row) => {
    const value = set.filter(label => label.key === key).map(textOf).join(', ')
    values.set(value, [...values.get(value) ?? [], row])
  })
  const sum = (/** @type {number[]} */ all, /** @type {number[]} */ rows) => rows.reduce((total, row) => total + all[row], 0)
  const figures = (/** @type {(one: { total: number[], variance: number[] }) => number} */ of) =>
    Object.fromEntries(Object.entries(sums).map(([name, one]) => [name, of(one)]))
  return [...values]
    .map(([value, rows]) => ({ value, total: figures(one => sum(one.total, rows)), error: figures(one => Math.sqrt(sum(one.variance, rows))) }))
    .filter(({ total, value }) => value !== '' || Object.values(total).some(Boolean))
    .sort((a, b) => b.total[type] - a.total[type] || (a.value < b.value ? -1 : 1))
}

module.exports = { keysOf, maskOf, keyText, labelRows }
