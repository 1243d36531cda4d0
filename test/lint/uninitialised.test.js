'use strict'

// AddressSanitizer, under which the C tests run, does not see values that nothing set. MemorySanitizer does.

const assert = require('node:assert/strict')
const path = require('node:path')
const { test } = require('node:test')
const { PROCESSES, clean, filesOf, forEach, lacks } = require('../support/tools.js')

const BUILD = ['-s', '-C', 'test/c', 'CC=clang', 'SAN=-fsanitize=memory', 'B=build-msan']

test('MemorySanitizer finds nothing in the tests of the core', { skip: lacks('clang') }, () => {
  clean('make', [...BUILD, `-j${PROCESSES}`, 'all'])
  const names = filesOf(['test/c'], /_test\.c$/).map(name => path.basename(name, '.c'))
  const { status, output } = forEach(names, ['make', ...BUILD, 'T={}', 'check'])
  assert.equal(status, 0, output.split('\n').filter(line => !/^(ok \d|1\.\.)/.test(line)).join('\n'))
})
