'use strict'

/**
 * `--label test`: what a test allocates has its file and its full name. Runners call one test at a time,
 * so these labels are not those of async contexts: they hold for all that the thread samples from a
 * test's begin to its end. What runs in no test has only the file.
 */

const path = require('node:path')
const { fileURLToPath } = require('node:url')
const { workingFolder } = require('../../common/metadata.js')
const { Map, mapGet, mapSet, startsWith } = require('../../common/node-originals.js')

/** Tests that count for themselves; a process has 1,000 sets of labels. */
const MAX_TESTS = 800
const OTHER = '(other)'
const CONCURRENT = '(several at a time)'

/**
 * @typedef {object} Tests what a runner tells
 * @property {(file: string, name: string) => void} begin a test
 * @property {(file: string | undefined) => void} end no test runs
 * @property {(file: string) => void} several tests run at a time
 */

/**
 * @param {string} folder
 * @param {string} file a path or a file: URL
 * @returns {string} relative to the folder, if it is below
 */
function shownFile (folder, file) {
  const full = startsWith(file, 'file:') ? fileURLToPath(file) : file
  const relative = path.relative(folder, full)
  return relative === '' || startsWith(relative, '..') ? full : relative
}

/**
 * @param {import('../contexts.js').Contexts} contexts
 * @returns {() => void} ends it
 */
function startTest (contexts) {
  const folder = workingFolder()
  /** @type {Map<string, string[]>} labels by file and name */
  const known = new Map()
  let count = 0

  const pairsOf = (/** @type {string} */ file, /** @type {string} */ name) => {
    const key = `${file}\n${name}`
    const pairs = mapGet(known, key)
    if (pairs) return pairs
    const made = ['test.file', shownFile(folder, file), 'test.name', count < MAX_TESTS ? name : OTHER]
    if (count < MAX_TESTS) mapSet(known, key, made)
    count++
    return made
  }
  const setBase = (/** @type {() => string[]} */ pairs) => {
    try {
      contexts.setBase(pairs())
    } catch {
      // The runner must not notice.
    }
  }
  /** @type {Tests} */
  const tests = {
    begin: (file, name) => setBase(() => pairsOf(file, name)),
    several: file => setBase(() => pairsOf(file, CONCURRENT)),
    end: file => setBase(() => file === undefined ? [] : ['test.file', shownFile(folder, file)])
  }
  const stop = startRunner(tests)
  return () => {
    stop()
    contexts.setBase([])
  }
}

/**
 * @param {Tests} tests
 * @returns {() => void} ends it
 */
function startRunner (tests) {
  const mocha = require('./runners/mocha.js')
  const jest = require('./runners/jest.js')
  const vitest = require('./runners/vitest.js')
  const started = mocha.start(tests) ?? jest.start(tests) ?? vitest.start(tests)
  return started ?? require('./runners/node-test.js').start(tests)
}

module.exports = { startTest, shownFile }
