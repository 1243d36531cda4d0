'use strict'

/** Checks of arguments. Each throws an error with the code ERR_SHAP_FLAME_ARGUMENT. */

const { coded, reason } = require('../common/errors.js')

/**
 * @param {unknown} value
 * @returns {string}
 */
function shown (value) {
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

/**
 * @param {string} name
 * @param {string} expected
 * @param {unknown} value
 * @returns {Error}
 */
function invalid (name, expected, value) {
  return coded('ARGUMENT', `${name} must be ${expected}, got ${shown(value)}`)
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function checkObject (name, value) {
  if (typeof value !== 'object' || value === null) throw invalid(name, 'an object', value)
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {number} min
 * @param {number} max
 */
function checkWhole (name, value, min, max) {
  if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return
  const error = new RangeError(`${name} must be a whole number from ${min} to ${max}, got ${shown(value)}`)
  throw Object.assign(error, { code: 'ERR_SHAP_FLAME_ARGUMENT' })
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {readonly string[]} words
 */
function checkWord (name, value, words) {
  if (!words.includes(/** @type {string} */ (value))) throw invalid(name, `one of ${words.join(', ')}`, value)
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function checkFlag (name, value) {
  if (typeof value !== 'boolean') throw invalid(name, 'true or false', value)
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function checkText (name, value) {
  if (typeof value !== 'string') throw invalid(name, 'a string', value)
}

/**
 * @param {unknown} rows 0 or Infinity: all
 */
function checkRows (rows) {
  if (rows !== Infinity) checkWhole('rows', rows, 0, 2 ** 32 - 1)
}

/**
 * @param {unknown} value
 */
function checkMaps (value) {
  if (typeof value !== 'boolean' && typeof value !== 'string') throw invalid('sourceMaps', 'true, false or a folder', value)
}

/**
 * @param {unknown} value
 */
function checkRoots (value) {
  const folders = Array.isArray(value) ? value : [value]
  if (value !== undefined && !folders.every(one => typeof one === 'string')) throw invalid('sourceRoot', 'a folder or an array of folders', value)
}

/**
 * @param {string} name
 * @param {unknown} value
 * @returns {RegExp}
 */
function asExpression (name, value) {
  // test() of a global or sticky expression continues after the last match.
  if (value instanceof RegExp) return new RegExp(value.source, value.flags.replace(/[gy]/g, ''))
  if (typeof value !== 'string') throw invalid(name, 'a RegExp or a string', value)
  try {
    return new RegExp(value)
  } catch (error) {
    throw coded('ARGUMENT', `${name}: ${reason(error)}`, error)
  }
}

module.exports = { checkObject, checkWhole, checkWord, checkFlag, checkText, checkRows, checkMaps, checkRoots, asExpression, invalid }
