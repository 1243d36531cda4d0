'use strict'

// What `npm run check` asks: does the source hold to its own rules?

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { test } = require('node:test')
const { headers } = require('../../csrc/tools/node_lines.js')

const ROOT = path.join(__dirname, '..', '..')
const INCLUDES = ['-Icsrc', '-Iflamegraph']
/** C that needs no header of Node's. */
const CORE = ['csrc/core', 'csrc/text', 'csrc/capture', 'csrc/profile', 'csrc/format', 'csrc/output', 'flamegraph']

/**
 * @param {readonly string[]} folders
 * @param {RegExp} pattern of names
 * @returns {string[]} relative to the root
 */
function filesOf (folders, pattern) {
  return folders.flatMap(folder => fs.readdirSync(path.join(ROOT, folder), { encoding: 'utf8', recursive: true }).filter(name => pattern.test(name)).sort()
    .map(name => `${folder}/${name}`))
}

/** @param {string} command */
function lacks (command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).error ? `${command} is not installed` : false
}

/** @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
function clean (command, args, env) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8', env, maxBuffer: 1 << 28 })
  assert.ifError(error)
  assert.equal(status, 0, stdout + stderr)
  return stdout
}

/** @param {string} name of a package with one executable */
function toolOf (name) {
  const home = path.join(ROOT, 'node_modules', name)
  const { bin } = JSON.parse(fs.readFileSync(path.join(home, 'package.json'), 'utf8'))
  return path.join(home, typeof bin === 'string' ? bin : bin[name])
}

test('clang-format changes nothing', { skip: lacks('clang-format') }, () => {
  const sources = filesOf(['csrc', 'flamegraph', 'test/c', 'test/fuzz'], /^(?!build).*\.(c|h|cc)$/)
  clean('clang-format', ['--dry-run', '-Werror', ...sources.filter(name => name !== 'flamegraph/viewer_data.c')])
})

test('clang-tidy finds nothing', { skip: lacks('clang-tidy') }, () => {
  // One process a file, as many at a time as there are processors.
  const files = filesOf(CORE, /\.c$/)
  const flags = ['--', '-std=c11', '-D_GNU_SOURCE', ...INCLUDES]
  const input = files.join('\n')
  const { stdout, status } = spawnSync('xargs', ['-P', String(os.availableParallelism()), '-I{}', 'clang-tidy', '--quiet', '--warnings-as-errors=*', '{}', ...flags],
    { cwd: ROOT, encoding: 'utf8', input, maxBuffer: 1 << 28 })
  assert.equal(status, 0, stdout)
})

test('clang-tidy finds nothing in what knows Node and libuv', { skip: lacks('clang-tidy') }, () => {
  const node = path.join(headers(24).folder, 'include', 'node')
  const input = filesOf(['csrc/runtime', 'csrc/node'], /\.c$/).join('\n')
  const flags = ['--', '-std=c11', '-D_GNU_SOURCE', ...INCLUDES, '-isystem', node]
  const { stdout, status } = spawnSync('xargs', ['-P', String(os.availableParallelism()), '-I{}', 'clang-tidy', '--quiet', '--warnings-as-errors=*', '{}', ...flags],
    { cwd: ROOT, encoding: 'utf8', input, maxBuffer: 1 << 28 })
  assert.equal(status, 0, stdout)
})

test('cppcheck finds nothing', { skip: lacks('cppcheck') }, () => {
  const checks = ['--enable=warning,performance,portability', '--inline-suppr', '--error-exitcode=1', '--quiet', '--std=c11']
  clean('cppcheck', [...checks, '-D_GNU_SOURCE', ...INCLUDES, ...CORE, 'csrc/runtime', 'csrc/node'])
})

for (const [language, standard] of [['c', 'c11'], ['c++', 'c++17']]) {
  test(`shf.h compiles alone as ${standard}`, { skip: lacks('cc') }, () => {
    clean('cc', [`-std=${standard}`, '-x', language, '-Wall', '-Wextra', '-Wconversion', '-Wshadow', '-Wpedantic', '-Werror', '-fsyntax-only', 'csrc/shf.h'])
  })
}

test('oxlint finds nothing', () => {
  clean(process.execPath, [toolOf('oxlint'), '--deny-warnings', 'bin', 'lib', 'csrc', 'flamegraph', 'test'])
})

test('shellcheck finds nothing', { skip: lacks('shellcheck') }, () => {
  clean('shellcheck', ['.ci/run', ...filesOf(['test/cli'], /\.bash$/)])
})

test('the script in every SVG is that of the sources', () => {
  clean(process.execPath, ['flamegraph/build_viewer.js', '--check'])
})

test('package-lock.json carries no addresses', () => {
  assert.doesNotMatch(fs.readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'), /"resolved"/)
})

test('valgrind finds nothing in the tests of the core', { skip: lacks('valgrind') }, () => {
  // What the sanitizers do not see: values that nothing set. One process a program.
  const build = ['-s', '-C', 'test/c', 'SAN=', 'B=build-valgrind']
  clean('make', [...build, `-j${os.availableParallelism()}`, 'all'])
  const input = filesOf(['test/c'], /_test\.c$/).map(name => path.basename(name, '.c')).join('\n')
  const wrap = 'WRAP=valgrind -q --error-exitcode=9 --leak-check=full'
  const { stdout, stderr, status } = spawnSync('xargs', ['-P', String(os.availableParallelism()), '-I{}', 'make', ...build, wrap, 'T={}', 'check'],
    { cwd: ROOT, encoding: 'utf8', input, maxBuffer: 1 << 28 })
  assert.equal(status, 0, (stdout + stderr).split('\n').filter(line => !/^(ok \d|1\.\.)/.test(line)).join('\n'))
})

test('tests of the core run at least 95 % of its lines', { skip: lacks('gcovr') }, context => {
  const build = ['SAN=', 'CFLAGS=-O0 -g --coverage', 'B=build-coverage']
  clean('make', ['-s', '-C', 'test/c', ...build, `-j${os.availableParallelism()}`, 'all'])
  clean('make', ['-s', '-C', 'test/c', ...build, 'check'])
  const filters = [...CORE].flatMap(folder => ['--filter', `${folder}/`])
  const report = clean('gcovr', ['--root', '.', ...filters, '--fail-under-line', '95', 'test/c/build-coverage'])
  const total = /^TOTAL.*$/m.exec(report)?.[0].trim().split(/\s+/) ?? []
  context.diagnostic(`${total[2]} of ${total[1]} lines, ${total[3]}`)
})
