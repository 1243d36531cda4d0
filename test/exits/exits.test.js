'use strict'
/** Every exit of a program that the native sampler profiles, on each Node line. */
const { describe } = require('node:test')
const { VERSIONS } = require('../../csrc/tools/node_lines.js')
const { testsOf } = require('../support/profiled-process.js')
const { SHAPES, WAYS, checkCell } = require('./ways.js')

describe('every exit', { concurrency: 2 }, () => {
  for (const major of Object.keys(VERSIONS).map(Number)) {
    const test = testsOf(major)
    for (const way of WAYS) {
      for (const [shape, { name }] of Object.entries(SHAPES)) {
        if (!(way.shapes ?? [shape]).includes(shape)) continue
        test(`${way.name} · ${name}`, node => checkCell(node, way, shape))
      }
    }
  }
})
