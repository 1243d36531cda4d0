'use strict'

// Every reader, every writer and all between them under libFuzzer, each fuzzer for
// SHF_FUZZ_SECONDS, with a seed of this run. A finding fails the fuzzer's test, which prints its
// input and the seed that reproduces it; the other fuzzers run on.

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const { test } = require('node:test')

const SECONDS = process.env.SHF_FUZZ_SECONDS || '60'

/** @param {string[]} args */
function make (args) {
  const { status, stdout, stderr } = spawnSync('make', ['-s', '-C', __dirname, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 })
  assert.equal(status, 0, stdout + stderr)
}

test('the fuzzers and their seeds are built', () => make(['all', 'build/seeds']))

for (const file of fs.readdirSync(__dirname).filter(name => name.endsWith('_fuzz.c')).sort()) {
  const name = file.replace('.c', '')
  test(`${name} finds nothing in ${SECONDS} seconds`, () => make([`SECONDS=${SECONDS}`, `run-${name}`]))
}
