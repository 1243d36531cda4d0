'use strict'

/** A file that is held to a byte budget: what it cannot draw still counts. */

const assert = require('node:assert/strict')
const { test, after } = require('node:test')
const { read } = require('../../lib/index.js')
const { missing, close, fileOf, open } = require('../support/browser.js')

after(close)

const BUDGET = 60000
const PLACES = ['/srv/app/src/a.js:1:1', '/srv/app/node_modules/typescript/lib/tsc.js:1:1', '/srv/app/node_modules/@babel/core/index.js:2:1', 'node:fs:3:1']

/** Stacks of which most are too narrow for the budget, below some frames. @param {string[]} roots */
function stacks (roots) {
  const lines = roots.flatMap((root, r) => Array.from({ length: 3000 }, (_, i) => {
    const place = PLACES[(i * 7 + r) % 10 < 6 ? 1 : i % PLACES.length]
    return `${root}main (/srv/app/src/main.js:1:1);wide${i % 5} (/srv/app/src/main.js:${i % 5 + 2}:1);f${i} (${place}) ${64 * (1 + i % 11)}`
  }))
  return Buffer.from(lines.join('\n') + '\n')
}

/** @param {string} name @param {string[]} roots */
async function pruned (name, roots) {
  const profile = await read(stacks(roots))
  const text = (await profile.toSVG({ maxBytes: BUDGET })).toString()
  profile.free()
  assert.ok(Buffer.byteLength(text) <= BUDGET)
  return { url: fileOf(name, text), text }
}

/** @param {any} page @param {string} selector @returns {Promise<[string, number][]>} names and percentages */
const shares = (page, selector) => page.$$eval(selector, (/** @type {Element[]} */ all) => all.map(entry => {
  const [, name, percent] = /(\S+)\s+([\d.]+)\s*%/.exec(entry.textContent ?? '') ?? []
  return [name, Number(percent)]
}))

test('the legends of a pruned file are the same with and without scripts', { skip: missing }, async () => {
  const { url } = await pruned('pruned.svg', [''])
  const still = await open(url, { javaScriptEnabled: false })
  const expected = await shares(still, '#legend g')
  const page = await open(url)
  assert.deepEqual(await shares(page, '.legend button'), expected)
  assert.deepEqual(expected.map(([name]) => name), ['app', 'node_modules', 'node', 'typescript', '@babel/core'])
  assert.ok(Math.abs(expected.slice(0, 3).reduce((sum, [, percent]) => sum + percent, 0) - 100) < 0.3)
  assert.match(await page.textContent('.legend > em'), /^[\d.]+ % not drawn$/)
  assert.deepEqual(page.errors, [])
  await still.close()
  await page.close()
})

test('the legend of one process of a pruned file counts what is pruned of it', { skip: missing }, async () => {
  const { url } = await pruned('processes.svg', ['process 1 (node a.js);', 'process 2 (node b.js);'])
  const page = await open(url)
  for (const root of ['process 1 (node a.js)', 'process 2 (node b.js)']) {
    await page.selectOption('select[name=root]', root)
    const found = new Map(await shares(page, '.legend button'))
    const parts = ['app', 'node_modules', 'node'].reduce((sum, name) => sum + (found.get(name) ?? NaN), 0)
    assert.ok(Math.abs(parts - 100) < 0.3, `${root}: ${parts}`)
    assert.ok(Math.abs((found.get('typescript') ?? NaN) + (found.get('@babel/core') ?? NaN) - (found.get('node_modules') ?? NaN)) < 0.3)
  }
  assert.deepEqual(page.errors, [])
  await page.close()
})
