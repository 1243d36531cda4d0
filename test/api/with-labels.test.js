'use strict'
/** Labels of a program's own samples: the arguments, and what they do where nothing is profiled. */
const assert = require('node:assert/strict')
const { test } = require('node:test')
const shap = require('../../lib/index.js')

test('withLabels() returns what fn returns, and throws what it throws', async () => {
  assert.equal(shap.withLabels({ route: '/a', port: 80, cached: false }, () => 5), 5)
  assert.equal(await shap.withLabels({ route: '/a' }, async () => 6), 6)
  assert.throws(() => shap.withLabels({}, () => { throw new RangeError('the app') }), RangeError)
  assert.equal(shap.setLabels({ route: '/a' }), undefined)
})

test('a label is a text, a number or a boolean', () => {
  const expected = { name: 'TypeError', code: 'ERR_SHAP_FLAME_ARGUMENT' }
  for (const value of [undefined, null, {}, [], () => {}, Symbol('s'), 1n]) {
    assert.throws(() => shap.withLabels(/** @type {any} */ ({ key: value }), () => {}), expected)
    assert.throws(() => shap.setLabels(/** @type {any} */ ({ key: value })), expected)
  }
  for (const labels of [undefined, null, 'route', 1]) assert.throws(() => shap.setLabels(/** @type {any} */ (labels)), expected)
  assert.throws(() => shap.setLabels({ '': 'x' }), expected)
  assert.throws(() => shap.withLabels({}, /** @type {any} */ (1)), expected)
})
