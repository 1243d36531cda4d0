'use strict'

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const { describe, test } = require('node:test')
const { VERSIONS, nodes, missing } = require('../../csrc/tools/node_lines.js')

for (const line of nodes()) {
  // A symbol that is missing ends the app when it is first called.
  test(`Node ${line.major}: the addons define each function of ours that they call`, () => {
    for (const file of [line.sampler, line.core]) {
      const { status, stdout, stderr } = spawnSync('nm', ['--dynamic', '--undefined-only', file], { encoding: 'utf8' })
      assert.equal(status, 0, stderr)
      assert.deepEqual(stdout.split('\n').filter(symbol => /\bshf_/.test(symbol)), [], file)
    }
  })
}

describe('a sampler that was built for another Node', () => {
  for (const built of Object.keys(VERSIONS).map(Number)) {
    for (const here of Object.keys(VERSIONS).map(Number).filter(major => major !== built)) {
      const [of, on] = [built, here].map(major => nodes().find(line => line.major === major))
      const skip = !of ? missing(built) : !on ? missing(here) : false
      test(`of Node ${built}, on Node ${here}: refused, and the program goes on`, { skip }, () => {
        if (!of || !on) return
        const script = `try { require(${JSON.stringify(of.sampler)}) } catch (error) { console.log(error.code, error.message) }`
        const { status, stdout, stderr } = spawnSync(on.bin, ['-e', script], { encoding: 'utf8' })
        assert.equal(stderr, '')
        assert.equal(status, 0)
        assert.match(stdout, new RegExp(`^(SHF_E_ABI built for Node ${built}|ERR_DLOPEN_FAILED .*undefined symbol.*)\n$`))
      })
    }
  }
})
