'use strict'

// Does the guard itself bark? A fuzzer that finds something and a test that checks nothing fail.

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { test } = require('node:test')

const ROOT = path.join(__dirname, '..', '..')
const FUZZ = path.join(ROOT, 'test', 'fuzz')

/** @param {import('node:test').TestContext} context */
function folder (context) {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-guard-'))
  context.after(() => fs.rmSync(made, { recursive: true }))
  return made
}

/** @param {string} home @param {string} name @param {string} script */
function program (home, name, script) {
  fs.writeFileSync(path.join(home, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}

/**
 * Runs two programs in the place of fuzzers.
 * @param {string} home @param {string[]} args
 */
function fuzz (home, args) {
  fs.mkdirSync(path.join(home, 'seeds'))
  return spawnSync('make', ['-s', '-k', '-C', FUZZ, `B=${home}`, 'TARGETS=first_fuzz second_fuzz', ...args, 'run'], { encoding: 'utf8' })
}

test('a fuzzer that finds something fails the run, tells its input, and stops no other', context => {
  const home = folder(context)
  program(home, 'first_fuzz', `echo found > ${home}/findings/first_fuzz/crash-1; exit 77`)
  program(home, 'second_fuzz', 'echo ran: "$@"')
  const { status, stdout, stderr } = fuzz(home, ['SECONDS=7'])
  assert.notEqual(status, 0)
  assert.match(stderr, new RegExp(`^first_fuzz: a finding, SEED=\\d+; its input: ${home}/findings/first_fuzz/crash-1$`, 'm'))
  assert.match(stdout, /^ran: -seed=\d+ -max_total_time=7 /m)
})

test('each run of the fuzzers has a seed of its own, which is told and can be given', context => {
  const seeds = [[], [], ['SEED=17']].map(args => {
    const home = folder(context)
    for (const name of ['first_fuzz', 'second_fuzz']) program(home, name, 'echo "$1"')
    const { status, stdout } = fuzz(home, args)
    assert.equal(status, 0)
    const told = new Set([...stdout.matchAll(/(?:SEED|-seed)=(\d+)/g)].map(match => match[1]))
    assert.equal(told.size, 1, stdout)
    return [...told][0]
  })
  assert.notEqual(seeds[0], seeds[1])
  assert.equal(seeds[2], '17')
})

test('the corpus in the repository is a part of every run, and small', context => {
  const home = folder(context)
  const target = fs.readdirSync(path.join(FUZZ, 'corpus'))[0]
  program(home, `${target}_fuzz`, 'echo "$@"')
  fs.mkdirSync(path.join(home, 'seeds'))
  const { stdout } = spawnSync('make', ['-s', '-C', FUZZ, `B=${home}`, `TARGETS=${target}_fuzz`, 'run'], { encoding: 'utf8' })
  assert.match(stdout, new RegExp(` corpus/${target}$`, 'm'))
  const files = fs.readdirSync(path.join(FUZZ, 'corpus'), { recursive: true, withFileTypes: true }).filter(file => file.isFile())
  const bytes = files.reduce((sum, file) => sum + fs.statSync(path.join(file.parentPath ?? file.path, file.name)).size, 0)
  assert.ok(bytes < 64 * 1024, `${bytes} bytes`)
})

for (const [what, body, passes] of /** @type {[string, string, boolean][]} */ ([
  ['checks nothing fails', '', false], ['has a check passes', 'CHECK(1);', true], ['is skipped needs no check', 'SKIP("why");', true]
])) {
  test(`a C test that ${what}`, context => {
    const home = folder(context)
    fs.writeFileSync(path.join(home, 'a.c'), `#include "test.h"\nTEST(one) { ${body} }\n`)
    const built = spawnSync('cc', ['-std=c11', '-D_GNU_SOURCE', '-ffunction-sections', '-Wl,--gc-sections', '-Wl,--unresolved-symbols=ignore-all',
      '-Icsrc', '-Itest/c', '-o', `${home}/a`, `${home}/a.c`, 'test/c/test.c'], { cwd: ROOT, encoding: 'utf8' })
    assert.equal(built.status, 0, built.stderr)
    const { status, stdout } = spawnSync(`${home}/a`, { encoding: 'utf8' })
    assert.equal(status === 0, passes, stdout)
    if (!passes) assert.match(stdout, /one checks nothing[^]*not ok 1 - one/)
  })
}
