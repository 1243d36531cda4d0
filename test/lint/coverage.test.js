'use strict'

const { test } = require('node:test')
const { CORE, PROCESSES, clean, lacks } = require('../support/tools.js')

test('the C tests cover at least 95 % of the core', { skip: lacks('gcovr') }, context => {
  // Two threads that count at once would lose counts, and gcovr refuses what is below 0.
  const build = ['SAN=', 'CFLAGS=-O0 -g --coverage -fprofile-update=atomic', 'B=build-coverage']
  clean('make', ['-s', '-C', 'test/c', ...build, `-j${PROCESSES}`, 'all'])
  clean('make', ['-s', '-C', 'test/c', ...build, 'check'])
  const filters = [...CORE].flatMap(folder => ['--filter', `${folder}/`])
  const report = clean('gcovr', ['--root', '.', ...filters, '--fail-under-line', '95', 'test/c/build-coverage'])
  const total = /^TOTAL.*$/m.exec(report)?.[0].trim().split(/\s+/) ?? []
  context.diagnostic(`${total[2]} of ${total[1]} lines, ${total[3]}`)
})
