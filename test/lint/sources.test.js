'use strict'

// The sources are formatted, and no tool that reads them finds anything.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { headers } = require('../../csrc/tools/node_lines.js')
const { ROOT, INCLUDES, CORE, clean, filesOf, forEach, lacks, toolOf } = require('../support/tools.js')

test('the C sources are formatted', { skip: lacks('clang-format') }, () => {
  const sources = filesOf(['csrc', 'flamegraph', 'test/c', 'test/fuzz'], /^(?!build).*\.(c|h|cc)$/)
  clean('clang-format', ['--dry-run', '-Werror', ...sources.filter(name => name !== 'flamegraph/viewer_data.c')])
})

test('cppcheck finds nothing', { skip: lacks('cppcheck') }, () => {
  const checks = ['--enable=warning,performance,portability', '--inline-suppr', '--error-exitcode=1', '--quiet', '--std=c11']
  clean('cppcheck', [...checks, '-D_GNU_SOURCE', ...INCLUDES, ...CORE, 'csrc/runtime', 'csrc/node'])
})

for (const [language, standard] of [['c', 'c11'], ['c++', 'c++17']]) {
  test(`shf.h and each of its parts compile alone as ${standard}`, { skip: lacks('cc') }, () => {
    const flags = [`-std=${standard}`, '-x', language, '-Wall', '-Wextra', '-Wconversion', '-Wshadow', '-Wpedantic', '-Werror', '-fsyntax-only', '-Icsrc']
    for (const file of ['csrc/shf.h', ...filesOf(['csrc/shf'], /\.h$/)]) clean('cc', [...flags, file])
  })
}

test('unity.cc includes each C++ file, and each compiles alone as c++17', { skip: lacks('g++') }, () => {
  const files = filesOf(['csrc/v8'], /\.cc$/).filter(name => name !== 'csrc/v8/unity.cc')
  const included = [...fs.readFileSync(path.join(ROOT, 'csrc/v8/unity.cc'), 'utf8').matchAll(/^#include "(.*)"$/gm)].map(match => `csrc/${match[1]}`)
  // the addon's other C++ source, which needs no header of V8's
  assert.deepEqual([...included, 'csrc/v8/libstdcxx_compat.cc'].sort(), files)
  const flags = ['-std=gnu++17', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Wconversion', '-Wshadow', '-Werror', '-fno-rtti', ...INCLUDES]
  const { status, output } = forEach(files, ['g++', ...flags, '-isystem', path.join(headers(20).folder, 'include', 'node'), '-fsyntax-only', '{}'])
  assert.equal(status, 0, output)
})

test('oxlint finds nothing', () => {
  clean(process.execPath, [toolOf('oxlint'), '--deny-warnings', 'bin', 'lib', 'csrc', 'flamegraph', 'test'])
})

test('shellcheck finds nothing', { skip: lacks('shellcheck') }, () => {
  clean('shellcheck', ['.ci/run', ...filesOf(['test/cli'], /\.bash$/)])
})

test('the built viewer is up to date with its sources', () => {
  clean(process.execPath, ['flamegraph/build_viewer.js', '--check'])
})

test('package-lock.json has no registry addresses', () => {
  assert.doesNotMatch(fs.readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'), /"resolved"/)
})
