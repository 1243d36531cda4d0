'use strict'

const fs = require('node:fs')
const path = require('node:path')
const { pathToFileURL } = require('node:url')
const { findFrom, ownScript } = require('./programs.js')

const MOCHA = /[/\\]mocha[/\\](?:bin|lib)[/\\]/
/** Mocha's processes of --parallel. */
const PARALLEL = /[/\\]workerpool[/\\].*[/\\]worker\.js$/

/**
 * @param {any} runner of mocha
 * @param {import('../test.js').Tests} tests
 */
function listen (runner, tests) {
  runner.on('test', (/** @type {any} */ test) => tests.begin(test.file ?? '', test.fullTitle()))
  runner.on('test end', (/** @type {any} */ test) => tests.end(test.file))
  runner.on('suite', (/** @type {any} */ suite) => { if (suite.file) tests.end(suite.file) })
}

/**
 * Mocha's runner tells of each test by events.
 * @param {import('../test.js').Tests} tests
 * @returns {(() => void) | undefined} ends it; undefined: this process is not mocha's
 */
function start (tests) {
  const script = ownScript()
  if (!MOCHA.test(script) && !PARALLEL.test(script)) return undefined
  const file = MOCHA.test(script) ? findFrom('../lib/runner.js') ?? findFrom('../../lib/runner.js') : findFrom('mocha/lib/runner.js')
  if (!file) return undefined
  if (!isModule(file)) return watch(require(file).prototype, tests)
  let end = () => {}
  import(pathToFileURL(file).href).then(({ Runner }) => { end = watch(Runner.prototype, tests) }).catch(() => {})
  return () => end()
}

/**
 * @param {string} file in mocha's folder lib
 * @returns {boolean} whether it is an ES module, as from mocha 12 on: `require` of it prints a warning
 */
function isModule (file) {
  return JSON.parse(fs.readFileSync(path.join(path.dirname(file), '..', 'package.json'), 'utf8')).type === 'module'
}

/**
 * @param {any} prototype of mocha's runners
 * @param {import('../test.js').Tests} tests
 * @returns {() => void} ends it
 */
function watch (prototype, tests) {
  const { run } = prototype
  prototype.run = {
    run (/** @type {any[]} */ ...args) {
      try {
        listen(this, tests)
      } catch {
        // It has changed.
      }
      return Reflect.apply(run, this, args)
    }
  }.run
  return () => { prototype.run = run }
}

module.exports = { start }
