'use strict'
/** Every exit of a program that the inspector samples, on each Node line. */
const { describe } = require('node:test')
const { VERSIONS } = require('../../csrc/tools/node_lines.js')
const { testsOf } = require('../support/profiled-process.js')
const { INSPECTOR_WAYS, SHAPES, checkCell } = require('./ways.js')

describe('every exit, by the inspector', { concurrency: 2 }, () => {
  const settings = { SHAP_FLAME_ENGINE: 'inspector', SHAP_FLAME_QUIET: '1' }
  for (const major of Object.keys(VERSIONS).map(Number)) {
    const test = testsOf(major)
    for (const way of INSPECTOR_WAYS) {
      for (const [shape, { name }] of Object.entries(SHAPES)) {
        test(`${way.name} · ${name}`, node => checkCell(node, { ...way, checkpoint: true }, shape, settings))
      }
    }
  }
})
