'use strict'

const { makeContexts } = require('./contexts.js')

// of another copy of this package, if that was here first
const contexts = makeContexts()

/**
 * @template T
 * @param {Record<string, string | number | boolean>} labels
 * @param {() => T} fn
 * @returns {T} what `fn` returns; what it allocates, and what follows from it, has these labels
 */
function withLabels (labels, fn) {
  if (typeof fn !== 'function') {
    throw Object.assign(new TypeError(`fn must be a function, got ${typeof fn}`), { code: 'ERR_SHAP_FLAME_ARGUMENT' })
  }
  return contexts.run(labels, fn)
}

/**
 * Adds labels for the rest of this async context.
 * @param {Record<string, string | number | boolean>} labels
 */
function setLabels (labels) {
  contexts.set(labels)
}

module.exports = { withLabels, setLabels }
