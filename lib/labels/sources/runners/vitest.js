'use strict'

/** The property of `globalThis` by which vitest's modules find the state of their worker. */
const STATE = '__vitest_worker__'

/**
 * @param {any} task of vitest
 * @returns {string}
 */
function fullName (task) {
  let name = task.name
  for (let { suite } = task; suite && suite !== task.file; suite = suite.suite) {
    if (suite.name) name = `${suite.name} > ${name}`
  }
  return name
}

/**
 * @param {any} task that begins; undefined: none
 * @param {import('../test.js').Tests} tests
 */
function tell (task, tests) {
  try {
    const file = task?.file?.filepath ?? task?.filepath
    if (task?.type === 'test') tests.begin(file, fullName(task))
    else tests.end(file)
  } catch {
    // Another version of vitest.
  }
}

/**
 * In each worker, vitest keeps the test that runs in a state, which it defines as a property of the
 * global object. Until that is done, `Object.defineProperty` is ours; then the state tells of each test.
 * @param {import('../test.js').Tests} tests
 * @returns {(() => void) | undefined} ends it; undefined: this is no worker of vitest
 */
function start (tests) {
  if (process.env.VITEST === undefined) return undefined
  const { defineProperty } = Object
  const replace = () => {
    Object.defineProperty = {
      /** @type {any} */
      defineProperty (/** @type {any} */ object, /** @type {PropertyKey} */ name, /** @type {PropertyDescriptor & ThisType<any>} */ how) {
        if (name === STATE && how?.value) watch(how.value)
        return defineProperty(object, name, how)
      }
    }.defineProperty
  }
  const putBack = () => { Object.defineProperty = defineProperty }
  const watch = (/** @type {any} */ state) => {
    putBack()
    let { current } = state
    defineProperty(state, 'current', {
      configurable: true,
      enumerable: true,
      get: () => current,
      set: task => {
        current = task
        tell(task, tests)
        if (task === undefined) replace() // another file may follow
      }
    })
  }
  replace()
  return putBack
}

module.exports = { start }
