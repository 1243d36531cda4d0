'use strict'
/**
 * The lines of allocations and calls, on every Node line: are they the true ones, are totals the same
 * as without lines, and is the app undisturbed?
 */
const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const { VERSIONS } = require('../../csrc/tools/node_lines.js')
const { cleanEnvironment, testsOf, withFolder } = require('../support/profiled-process.js')

const CLI = path.join(__dirname, '..', '..', 'bin', 'shap-flame.js')
const FIXTURES = path.join(__dirname, '..', 'fixtures')
/** Optimized code has no frame for a builtin function such as forEach. */
const UNOPTIMIZED = ['--no-opt', '--no-maglev']
const KNOWN = path.join(FIXTURES, 'known-lines.js')
/** Allocations per line: V8's interpreter has wrong lines, so most must be made by compiled code. */
const ROUNDS = 400000

/**
 * @typedef {Record<'alloc_space', number>} Space
 * @typedef {{ line: number, self: Space, self_error: Space }} LineRow
 * @typedef {{ name: string, file: string, self: Space, lines?: LineRow[] }} FunctionRow
 * @typedef {{ functions: FunctionRow[], totals: { alloc_space: { value: number } } }} Json
 */

/**
 * @param {import('../../csrc/tools/node_lines.js').NodeLine} node
 * @param {string} folder
 * @param {string[]} options
 * @param {string[]} script
 * @returns {{ json: Json, stdout: string, stderr: string }}
 */
function profile (node, folder, options, script) {
  const env = { ...cleanEnvironment(), SHAP_FLAME_BINDINGS: node.bindings }
  const output = path.join(folder, 'o.json')
  const { stdout, stderr, status } = spawnSync(node.bin, [CLI, '--json', output, '--no-gc', ...options, '--', node.bin, ...script], { cwd: folder, encoding: 'utf8', env })
  assert.equal(status, 0, stderr)
  return { json: JSON.parse(fs.readFileSync(output, 'utf8')), stdout, stderr }
}

/** @param {Json} json @param {string} file */
function linesOf (json, file) {
  /** @type {Map<string, LineRow>} */
  const rows = new Map()
  for (const { name, file: of, lines = [] } of json.functions.filter(row => row.file === file)) {
    for (const row of lines) rows.set(`${name}:${row.line}`, row)
    assert.equal(of, file)
  }
  return rows
}

for (const major of Object.keys(VERSIONS).map(Number)) {
  const on = testsOf(major)

  if (major >= 22) {
    on('known allocations have their lines and functions', node => withFolder(async folder => {
      const { json, stderr } = profile(node, folder, ['--lines', '--interval', '16k'], [KNOWN, path.join(folder, 'truth.json'), String(ROUNDS)])
      /** @type {Record<string, number>} */
      const truth = JSON.parse(fs.readFileSync(path.join(folder, 'truth.json'), 'utf8'))
      const rows = linesOf(json, KNOWN)
      const known = Object.values(truth).reduce((sum, bytes) => sum + bytes, 0)
      let missing = 0
      for (const [key, bytes] of Object.entries(truth)) {
        const row = rows.get(key)
        assert.ok(row, `${key} has no row: ${[...rows.keys()].join(' ')} ${stderr}`)
        missing += Math.max(0, bytes - row.self.alloc_space - 3.5 * row.self_error.alloc_space)
        // What the interpreter allocates has the line of the call before: up to a hundredth.
        if (bytes < known / 100) continue
        const slack = 0.02 * bytes
        const low = bytes - slack - 6 * row.self_error.alloc_space
        assert.ok(row.self.alloc_space >= low, `${key}: ${row.self.alloc_space} of ${bytes}`)
      }
      assert.ok(missing < known / 20, `${missing} of ${known} bytes are on other lines`)
    }))
  }

  on('what calls is on the stack with the line of the call', node => withFolder(async folder => {
    const folded = path.join(folder, 'o.folded')
    profile(node, folder, ['--lines', '--group', 'line', '--interval', '16k', '--folded', folded], [...UNOPTIMIZED, KNOWN, path.join(folder, 'truth.json'), '40000'])
    const stacks = fs.readFileSync(folded, 'utf8')
    const line = fs.readFileSync(KNOWN, 'utf8').split('\n').findIndex(text => text === '    five(i)') + 1
    assert.match(stacks, new RegExp(`round \\([^;]*known-lines\\.js:${line}\\);five `))
    assert.match(stacks, /below \([^;]*known-lines\.js:\d+\);forEach[^;]*;each /)
  }))

  on('totals are those of a run without lines', node => withFolder(async folder => {
    const script = [KNOWN, path.join(folder, 'truth.json'), '200000']
    const [lines, without] = [['--lines'], ['--no-lines']].map(options => profile(node, folder, [...options, '--no-v8-flags', '--interval', '16k'], script).json.totals.alloc_space.value)
    assert.ok(Math.abs(lines / without - 1) < 0.1, `${lines} with lines, ${without} without`)
  }))

  on('an app gets its own SIGPROF, and none of ours', node => withFolder(async folder => {
    const script = path.join(FIXTURES, 'own-sigprof.js')
    for (const when of ['early', 'late']) {
      const { stdout } = profile(node, folder, ['--lines', '--interval', '2k'], [script, when])
      assert.equal(stdout, 'received 5 of 5\n', when)
    }
  }))

  on('V8 profiles the CPU for others at the same time', node => withFolder(async folder => {
    const { json } = profile(node, folder, ['--lines', '--interval', '16k'], ['--cpu-prof', '--cpu-prof-name', 'own.cpuprofile', KNOWN, path.join(folder, 'truth.json'), '100000'])
    const cpu = JSON.parse(fs.readFileSync(path.join(folder, 'own.cpuprofile'), 'utf8'))
    assert.ok(cpu.samples.length > 50)
    assert.ok(cpu.nodes.some((/** @type {any} */ row) => row.callFrame.functionName === 'round'))
    assert.ok(linesOf(json, KNOWN).size > 5)
  }))

  on('small memory: the interval grows, and lines stay', node => withFolder(async folder => {
    const { json } = profile(node, folder, ['--lines', '--interval', '1k', '--max-profiler-memory', '2m'], [KNOWN, path.join(folder, 'truth.json'), '400000'])
    assert.ok(linesOf(json, KNOWN).size > 5)
  }))
}
