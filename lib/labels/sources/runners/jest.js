'use strict'

const { findFrom, ownScript } = require('./programs.js')

const JEST = /[/\\](?:jest|jest-cli|jest-worker)[/\\](?:bin|build)[/\\]/
const ENVIRONMENTS = ['jest-environment-node', 'jest-environment-jsdom']

/**
 * @param {any} test of jest-circus
 * @returns {string}
 */
function fullName (test) {
  let name = test.name
  for (let block = test.parent; block && block.name !== 'ROOT_DESCRIBE_BLOCK'; block = block.parent) name = `${block.name} ${name}`
  return name
}

/**
 * @param {any} Environment
 * @param {import('../test.js').Tests} tests
 * @returns {() => void} ends it
 */
function watch (Environment, tests) {
  /** @type {WeakMap<object, any>} `expect` of each environment */
  const expects = new WeakMap()
  let running = 0
  /** @param {any} event */
  function handleTestEvent (event) {
    try {
      const { name, test } = event
      // @ts-ignore
      if (name === 'setup') expects.set(this, event.runtimeGlobals.expect)
      // @ts-ignore
      const file = () => expects.get(this)?.getState().testPath ?? ''
      if (name === 'run_start') tests.end(file())
      if (name === 'test_start') running++
      if (name === 'test_start' && running > 1) tests.several(file())
      else if (name === 'test_start') tests.begin(file(), fullName(test))
      if (name === 'test_done') running--
      if (name === 'test_done' && running === 0) tests.end(file())
    } catch {
      // Another version of jest.
    }
  }
  if (Object.hasOwn(Environment.prototype, 'handleTestEvent')) return () => {}
  Object.defineProperty(Environment.prototype, 'handleTestEvent', { value: handleTestEvent, writable: true, configurable: true })
  return () => { delete Environment.prototype.handleTestEvent }
}

/**
 * Jest's environments may have a function that is told of each test; those that come with jest have none.
 * @param {import('../test.js').Tests} tests
 * @returns {(() => void) | undefined} ends it; undefined: this process is not jest's
 */
function start (tests) {
  if (!JEST.test(ownScript())) return undefined
  const ends = ENVIRONMENTS.map(name => {
    const file = findFrom(name) ?? findFrom('@jest/core', 'jest-runner', name) ?? findFrom('jest', '@jest/core', 'jest-runner', name)
    const { TestEnvironment } = file ? require(file) : /** @type {any} */ ({})
    return typeof TestEnvironment === 'function' ? watch(TestEnvironment, tests) : () => {}
  })
  return () => ends.forEach(end => end())
}

module.exports = { start }
