'use strict'

const { keys, newList, slice } = require('../common/node-originals.js')

/** Characters that are taken of a key or a value: each is at least one of its 128 bytes. */
const MAX_LENGTH = 128

/**
 * @param {string} what
 * @param {unknown} value
 * @returns {TypeError}
 */
function typeError (what, value) {
  const error = new TypeError(`${what}, got ${value === null ? 'null' : typeof value}`)
  return Object.assign(error, { code: 'ERR_SHAP_FLAME_ARGUMENT' })
}

/** @param {string} text */
function cut (text) {
  return text.length > MAX_LENGTH ? slice(text, 0, MAX_LENGTH) : text
}

/** @param {unknown} labels */
function checkObject (labels) {
  if (typeof labels !== 'object' || labels === null) throw typeError('labels must be an object', labels)
}

/**
 * @param {string} key
 * @param {unknown} value
 */
function checkLabel (key, value) {
  const type = typeof value
  if (type !== 'string' && type !== 'number' && type !== 'boolean') {
    throw typeError(`the label ${cut(key)} must be a text, a number or a boolean`, value)
  }
  if (key === '') throw typeError('the key of a label must not be empty', key)
}

/** @param {Record<string, unknown>} labels */
function checkLabels (labels) {
  checkObject(labels)
  const names = keys(labels)
  for (let i = 0; i < names.length; i++) checkLabel(names[i], labels[names[i]])
}

/**
 * @param {unknown} labels an object of texts, numbers and booleans
 * @returns {string[]} key, value, key, value …
 */
function pairsOf (labels) {
  checkObject(labels)
  /** @type {string[]} */
  const pairs = newList()
  const names = keys(/** @type {object} */ (labels))
  for (let i = 0; i < names.length; i++) {
    const key = names[i]
    const value = /** @type {Record<string, unknown>} */ (labels)[key]
    checkLabel(key, value)
    pairs[pairs.length] = cut(key)
    pairs[pairs.length] = cut(`${value}`)
  }
  return pairs
}

module.exports = { checkLabels, checkObject, pairsOf }
