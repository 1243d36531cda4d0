'use strict'
/** Ages of memory in use, and likely leaks, of a real program on every Node line. */
const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const path = require('node:path')

const { VERSIONS } = require('../../csrc/tools/node_lines.js')
const { cleanEnvironment, testsOf, withFolder } = require('../support/profiled-process.js')
const shap = require('../../lib/index.js')
const { internals } = require('../../lib/api/profile.js')

const CLI = path.join(__dirname, '..', '..', 'bin', 'shap-flame.js')
const FIXTURE = path.join(__dirname, '..', 'fixtures', 'leaks.js')
const SECONDS = 4
/** A program that the machine did not run for so long leaves a gap in its leak: it is run again. */
const GAP_MS = 250
const ATTEMPTS = 10

/**
 * @typedef {{ began: number, ended: number, longest: number }} Times
 * @param {import('../../csrc/tools/node_lines.js').NodeLine} node
 * @param {string} folder
 * @param {string[]} more arguments of the program
 * @returns {{ times: Times, done: number, stderr: string, file: string } | undefined} undefined: the
 *   machine was too busy each time
 */
function run (node, folder, more = []) {
  const env = { ...cleanEnvironment(), SHAP_FLAME_BINDINGS: node.bindings }
  const file = path.join(folder, 'o.pb')
  const args = [CLI, '--pprof', file, '--interval', '16k', '--no-inlining', '--', node.bin, FIXTURE, String(SECONDS), ...more]
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { stdout, stderr, status } = spawnSync(node.bin, args, { cwd: folder, encoding: 'utf8', env })
    assert.equal(status, 0, stderr)
    const times = JSON.parse(stdout)
    if (times.longest < GAP_MS) return { times, done: Date.now(), stderr, file }
  }
}

/** @param {string} stderr */
const leaksOf = stderr => stderr.split('\n').filter(line => line.includes('likely leaks: '))

for (const major of Object.keys(VERSIONS).map(Number)) {
  const on = testsOf(major)

  on('ages are right, a leak is named, and what is no leak is not', node => withFolder(async folder => {
    const made = run(node, folder)
    if (made === undefined) return
    const { times, done, stderr, file } = made
    const profile = await shap.read(file)
    const rows = profile.top(0, 'inuse_space')
    const ageOf = (/** @type {string} */ name) => rows.find(row => row.name === name && row.file === FIXTURE)?.age ?? assert.fail(`no age of ${name}`)
    const old = (times.ended - times.began) / 1000 - 1
    const oldest = (done - times.began) / 1000 + 1
    assert.ok(ageOf('early').median >= old && ageOf('early').max <= oldest, JSON.stringify(ageOf('early')))
    assert.ok(ageOf('late').max <= (done - times.ended) / 1000 + 1.5, JSON.stringify(ageOf('late')))
    const { age: buffer } = rows.find(row => row.category === 'offheap' && row.self.inuse_space > 3e6) ?? {}
    assert.ok(buffer && buffer.max >= old && buffer.max <= oldest, JSON.stringify(buffer))
    assert.deepEqual(leaksOf(stderr), [], 'a run of less than 30 s is not judged')
    const leaks = internals.leaks(profile, folder, SECONDS - 1)
    assert.equal(leaks.length, 1, leaks.join('\n'))
    assert.match(leaks[0], /^likely leaks: createSession \(.*leaks\.js:15\).*, \+\d+(\.\d)? MB a minute ± [\d.]+, steady over \d seconds$/)
    const aged = await profile.filter({ olderThan: SECONDS - 1 })
    assert.deepEqual(aged.types, ['inuse_objects', 'inuse_space'])
    const left = aged.top(0).map(row => row.name)
    assert.ok(left.includes('early') && !left.includes('late'), left.join())
    await assert.rejects(profile.filter({ olderThan: 0 }), { code: 'ERR_SHAP_FLAME_ARGUMENT' })
    aged.free()
    profile.free()
  }))

  // The statistics are tested on simulated programs: see test/c/leaks_test.c.
  if (major === 24) on('without a leak nothing is claimed', node => withFolder(async folder => {
    const made = run(node, folder, ['none'])
    if (!made) return
    const profile = await shap.read(made.file)
    assert.deepEqual(internals.leaks(profile, folder, SECONDS - 1), [])
    profile.free()
  }))
}
