'use strict'
/* global describe, it */
const assert = require('node:assert')
const { countWords, makeText } = require('../words.js')

describe('countWords', () => {
  for (const n of [10, 1000, 50000]) {
    it(`counts ${n} words`, () => {
      assert.strictEqual(countWords(makeText(n)).get('and'), n)
    })
  }
  it('fails on purpose', () => {
    assert.strictEqual(countWords('a b a').get('a'), 3)
  })
})
