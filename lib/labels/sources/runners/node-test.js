'use strict'

const { AsyncResource } = require('node:async_hooks')
const { watchReads } = require('./programs.js')

/** @typedef {import('../test.js').Tests} Tests */

/**
 * @param {any} test of node:test
 * @returns {string}
 */
function fullName (test) {
  let { name } = test
  for (let suite = test.parent; suite?.parent; suite = suite.parent) name = `${suite.name} > ${name}`
  return name
}

/** @param {any} test @returns {string} */
function fileOf (test) {
  const script = process.argv[1] ?? ''
  const isAlone = process.env.NODE_TEST_CONTEXT !== undefined // in a process of its own
  return isAlone ? script : test.entryFile ?? test.loc?.file ?? script
}

/** @param {any} test @param {any} other @returns {boolean} whether `test` is part of the other */
function isInside (test, other) {
  for (let parent = test.parent; parent; parent = parent.parent) if (parent === other) return true
  return false
}

/** The tests that run, of which each is part of the one before if they run one by one. */
class RunningTests {
  #tests
  /** @type {any[]} */
  #running = []

  /** @param {Tests} tests */
  constructor (tests) {
    this.#tests = tests
  }

  /** @param {any} test */
  begin (test) {
    if (this.#running.includes(test)) return
    this.#running.push(test)
    this.#tell(test)
  }

  /** @param {any} test */
  end (test) {
    const at = this.#running.indexOf(test)
    if (at < 0) return
    this.#running.splice(at, 1)
    this.#tell(test)
  }

  /** @param {any} changed */
  #tell (changed) {
    const last = this.#running.at(-1)
    if (last === undefined) return this.#tests.end(fileOf(changed))
    const nested = this.#running.every((test, i) => i === 0 || isInside(test, this.#running[i - 1]))
    if (nested) this.#tests.begin(fileOf(last), fullName(last))
    else this.#tests.several(fileOf(last))
  }
}

/**
 * The prototype of Node's tests, of which hooks and suites are kinds.
 * @param {any} object
 * @returns {any} undefined: this is not one of them
 */
function testPrototype (object) {
  for (let kind = Object.getPrototypeOf(object); kind && kind !== AsyncResource.prototype; kind = Object.getPrototypeOf(kind)) {
    if (kind.constructor?.name === 'Test' && Object.hasOwn(kind, 'postRun') && Object.hasOwn(kind, 'run')) return kind
  }
  return undefined
}

/**
 * Node's tests are async resources, and it reads two of their functions when a test begins and when it
 * has ended. Until the first test is met, that is seen at all async resources.
 * @param {Tests} tests
 * @returns {() => void} ends it
 */
function start (tests) {
  const running = new RunningTests(tests)
  const harmless = (/** @type {(self: any) => void} */ fn) => (/** @type {any} */ self) => {
    try {
      fn(self)
    } catch {
      // Another version of Node.
    }
  }
  /** @type {(() => void)[]} */
  let ends = []
  const begin = (/** @type {any} */ test) => { if (test.parent && test.constructor.name === 'Test') running.begin(test) }
  const first = harmless(object => {
    const prototype = testPrototype(object)
    if (!prototype) return
    ends.forEach(end => end())
    const inherited = AsyncResource.prototype.runInAsyncScope
    Object.defineProperty(prototype, 'runInAsyncScope', { value: inherited, writable: true, configurable: true })
    const endBegin = watchReads(prototype, 'runInAsyncScope', harmless(begin))
    const endEnd = watchReads(prototype, 'postRun', harmless(test => running.end(test)))
    ends = [() => { delete prototype.runInAsyncScope }, endEnd]
    void endBegin
    begin(object)
  })
  ends = [watchReads(AsyncResource.prototype, 'runInAsyncScope', first)]
  return () => ends.forEach(end => end())
}

module.exports = { start }
