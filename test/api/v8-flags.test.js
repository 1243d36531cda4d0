'use strict'
/** V8's flags that `--lines` sets, on every Node line: V8's tag for cached code tells whether they are set. */
const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const path = require('node:path')

const { VERSIONS } = require('../../csrc/tools/node_lines.js')
const { lineFlags } = require('../../lib/common/v8-flags.js')
const { cleanEnvironment, testsOf, withFolder } = require('../support/profiled-process.js')

const CLI = path.join(__dirname, '..', '..', 'bin', 'shap-flame.js')
const TAG = 'require("node:v8").cachedDataVersionTag()'
const WORKER_TAG = `const { Worker } = require('node:worker_threads')
  new Worker('console.log(${TAG})', { eval: true })`

/** @param {string} bin @param {string[]} args */
function tagOf (bin, ...args) {
  const { stdout, stderr, status } = spawnSync(bin, [...args, '-p', TAG], { encoding: 'utf8', env: cleanEnvironment() })
  assert.equal(stderr, '')
  assert.equal(status, 0)
  return stdout
}

/**
 * @param {import('../../csrc/tools/node_lines.js').NodeLine} node
 * @param {string} folder
 * @param {string[]} options
 * @param {{ script?: string, variables?: NodeJS.ProcessEnv }} [more]
 */
function profiledTag (node, folder, options, { script = `console.log(${TAG})`, variables = {} } = {}) {
  const env = { ...cleanEnvironment(), SHAP_FLAME_BINDINGS: node.bindings, ...variables }
  const { stdout, stderr, status } = spawnSync(node.bin, [CLI, '--folded', '/dev/null', ...options, '--', node.bin, '-e', script], { cwd: folder, encoding: 'utf8', env })
  assert.equal(status, 0, stderr)
  assert.doesNotMatch(stderr, /unrecognized|Error/)
  return { tag: stdout, stderr }
}

for (const major of Object.keys(VERSIONS).map(Number)) {
  const on = testsOf(major)

  on('--lines sets the flags that this V8 has, in workers too, and prints nothing of it', node => withFolder(async folder => {
    const abi = spawnSync(node.bin, ['-p', 'process.versions.modules'], { encoding: 'utf8' }).stdout.trim()
    const flags = lineFlags(abi)
    const expected = tagOf(node.bin, ...flags)
    assert.equal(expected === tagOf(node.bin), major === 20)
    assert.equal(profiledTag(node, folder, ['--lines']).tag, expected)
    assert.equal(profiledTag(node, folder, ['--lines'], { script: WORKER_TAG }).tag, expected)
    const { stdout } = spawnSync(node.bin, [CLI, '--version', '--verbose'], { encoding: 'utf8', env: { ...cleanEnvironment(), SHAP_FLAME_BINDINGS: node.bindings } })
    assert.ok(stdout.includes(`\nV8 flags for --lines: ${flags.join(' ') || 'none'}\n`), stdout)
  }))

  on('no flag is set without lines, with --no-v8-flags, or where node:inspector samples', node => withFolder(async folder => {
    const expected = tagOf(node.bin)
    for (const options of [['--no-lines'], ['--lines', '--no-lines'], ['--lines', '--no-v8-flags'], ['--lines', '--engine', 'inspector']]) {
      assert.equal(profiledTag(node, folder, options).tag, expected, options.join(' '))
    }
  }))

  on('the command line wins over the environment: --lines and --no-lines', node => withFolder(async folder => {
    const [without, flagged] = [profiledTag(node, folder, ['--no-lines']).tag, profiledTag(node, folder, ['--lines']).tag]
    assert.equal(profiledTag(node, folder, [], { variables: { SHAP_FLAME_LINES: '1' } }).tag, flagged)
    assert.equal(profiledTag(node, folder, ['--no-lines'], { variables: { SHAP_FLAME_LINES: '1' } }).tag, without)
    assert.equal(profiledTag(node, folder, ['--lines'], { variables: { SHAP_FLAME_NO_LINES: '1' } }).tag, flagged)
  }))

  on('--no-inlining is printed to be obsolete where V8 keeps inlined functions, once a run', node => withFolder(async folder => {
    const script = `require('node:child_process').spawnSync(process.execPath, ['-e', ''], { stdio: 'inherit' })`
    const { stderr } = profiledTag(node, folder, ['--no-inlining'], { script })
    const printed = stderr.split('\n').filter(line => line.includes('obsolete'))
    assert.deepEqual(printed, major === 20 ? [] : ['shap-flame: --no-inlining is obsolete: --lines counts inlined functions for themselves, at a lower cost'])
  }))
}
