'use strict'

const { checkFlag, checkObject, checkRows, checkText, checkWhole, checkWord, invalid } = require('./validate.js')
const { COLORS } = require('../options.js')

/**
 * Options of the writers, as index.d.ts describes them. Each format ignores the options of others.
 *
 * @typedef {object} WriteOptions
 * @property {string} [type]
 * @property {number} [rows]
 * @property {number} [width]
 * @property {number} [sourceLines]
 * @property {string} [cwd]
 * @property {boolean} [human]
 * @property {boolean} [color]
 * @property {number} [maxBytes]
 * @property {number} [maxMemory]
 * @property {string} [title]
 * @property {string} [subtitle]
 * @property {number} [frameHeight]
 * @property {number} [minWidth]
 * @property {boolean} [inverted]
 * @property {boolean} [reverse]
 * @property {string} [notes]
 * @property {string} [colors]
 * @property {string} [fontType]
 * @property {number} [fontSize]
 * @property {string} [countName]
 * @property {string} [nameType]
 * @property {number} [level]
 */

/** @typedef {(name: string, value: unknown) => void} Check */

/**
 * @param {number} min
 * @param {number} max
 * @returns {Check}
 */
function whole (min, max) {
  return (name, value) => checkWhole(name, value, min, max)
}

/** @type {Check} */
function aboveZero (name, value) {
  if (typeof value !== 'number' || !(value > 0 && value < 1e6)) throw invalid(name, 'a number above 0, below 1000000', value)
}

/** @type {Check} */
function checkColors (name, value) {
  checkWord(name, value, COLORS)
}

/** @type {[string, Check][]} */
const TABLE = [
  ['rows', (_, value) => checkRows(value)],
  ['sourceLines', whole(0, 2 ** 32 - 1)],
  ['cwd', checkText],
  ['human', checkFlag],
  ['maxBytes', whole(0, Number.MAX_SAFE_INTEGER)]
]

/** @type {[string, Check][]} */
const SVG = [
  ['title', checkText],
  ['subtitle', checkText],
  ['width', whole(200, 100000)],
  ['frameHeight', whole(2, 200)],
  ['minWidth', aboveZero],
  ['maxBytes', whole(1, Number.MAX_SAFE_INTEGER)],
  ['inverted', checkFlag],
  ['reverse', checkFlag],
  ['notes', checkText],
  ['colors', checkColors],
  ['fontType', checkText],
  ['fontSize', whole(1, 200)],
  ['countName', checkText],
  ['nameType', checkText],
  ['cwd', checkText]
]

/** @type {Record<string, [string, Check][]>} */
const CHECKS = {
  svg: SVG,
  pprof: [['level', whole(1, 9)]],
  listing: [...TABLE, ['width', whole(0, 2 ** 32 - 1)], ['color', checkFlag]],
  markdown: TABLE,
  json: TABLE
}

/**
 * Throws if an option that the format reads has a wrong value.
 * @param {string} format
 * @param {unknown} options
 */
function checkWriteOptions (format, options) {
  checkObject('options', options)
  const given = /** @type {Record<string, unknown>} */ (options)
  if (given.maxMemory !== undefined) checkWhole('maxMemory', given.maxMemory, 1, Number.MAX_SAFE_INTEGER)
  for (const [name, check] of CHECKS[format] ?? []) if (given[name] !== undefined) check(name, given[name])
}

module.exports = { checkWriteOptions }
