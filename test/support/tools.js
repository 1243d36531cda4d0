'use strict'

// What the tests of test/lint share: where the sources are, and how a tool is run over them.

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

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

/** Other suites run at the same time: a tool gets half of the processors. */
const PROCESSES = String(Math.ceil(os.availableParallelism() / 2))

/**
 * Runs a command once for each name, `{}` in its arguments, several at a time.
 * @param {string[]} names
 * @param {string[]} command
 */
function forEach (names, command) {
  const { status, stdout, stderr } = spawnSync('xargs', ['-P', PROCESSES, '-I{}', ...command], { cwd: ROOT, encoding: 'utf8', input: names.join('\n'), maxBuffer: 1 << 28 })
  return { status, output: stdout + stderr }
}

module.exports = { ROOT, INCLUDES, CORE, PROCESSES, filesOf, lacks, clean, toolOf, forEach }
