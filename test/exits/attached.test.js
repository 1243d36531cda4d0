'use strict'
/** Every exit of an app while somebody is attached to it, and after he has left, on each Node line. */
const { describe } = require('node:test')
const { VERSIONS } = require('../../csrc/tools/node_lines.js')
const { testsOf } = require('../support/profiled-process.js')
const { RARE_SIGNALS, WAYS, checkAttached } = require('./ways.js')

describe('every exit, attached', { concurrency: 2 }, () => {
  for (const major of Object.keys(VERSIONS).map(Number)) {
    const test = testsOf(major)
    // The rare ones are nobody's: who is attached watches no signal.
    const ways = WAYS.filter(({ signal }) => !RARE_SIGNALS.some(rare => rare === signal))
    for (const way of ways) test(`${way.name} · while attached, and after`, node => checkAttached(node, way))
    for (const way of WAYS.filter(({ state, name }) => state === 'ended' || /^heap|^SIGTERM in an idle/.test(name))) {
      test(`${way.name} · while attached by the inspector, and after`, node => checkAttached(node, way, true))
    }
  }
})
