'use strict'

// The tests of the tests: a fuzzer with a finding, a C test that checks nothing and an uninitialised value fail.

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { test } = require('node:test')
const { ROOT, clean, lacks } = require('../support/tools.js')

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

test('a fuzzer with a finding fails the run, prints its input, and does not stop the others', context => {
  const home = folder(context)
  program(home, 'first_fuzz', `echo found > ${home}/findings/first_fuzz/crash-1; exit 77`)
  program(home, 'second_fuzz', 'echo ran: "$@"')
  const { status, stdout, stderr } = fuzz(home, ['SECONDS=7'])
  assert.notEqual(status, 0)
  assert.match(stderr, new RegExp(`^first_fuzz: a finding, SEED=\\d+; its input: ${home}/findings/first_fuzz/crash-1$`, 'm'))
  assert.match(stdout, /^ran: -seed=\d+ -max_total_time=7 /m)
})

test('each run of the fuzzers has its own seed, which is printed and can be given', context => {
  const seeds = [[], [], ['SEED=17']].map(args => {
    const home = folder(context)
    for (const name of ['first_fuzz', 'second_fuzz']) program(home, name, 'echo "$1"')
    const { status, stdout } = fuzz(home, args)
    assert.equal(status, 0)
    const printed = new Set([...stdout.matchAll(/(?:SEED|-seed)=(\d+)/g)].map(match => match[1]))
    assert.equal(printed.size, 1, stdout)
    return [...printed][0]
  })
  assert.notEqual(seeds[0], seeds[1])
  assert.equal(seeds[2], '17')
})

test('every run includes the corpus in the repository, which is small', context => {
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

const UNINITIALISED = `
#include <stdlib.h>
#include <zlib.h>
int main(int argc, char **argv) {
  unsigned char *bytes = malloc(8), out[64];
  (void)argv;
  if (argc == 1) return bytes[0] == 7;
  z_stream z = {.next_in = bytes, .avail_in = 8, .next_out = out, .avail_out = sizeof out};
  if (argc == 3) for (int i = 0; i < 8; i++) bytes[i] = 1;
  int code = deflateInit(&z, 6) == Z_OK && deflate(&z, Z_FINISH) == Z_STREAM_END && out[0] ? 0 : 1;
  deflateEnd(&z);
  free(bytes);
  return code;
}
`

test('MemorySanitizer finds an uninitialised value, also in the input of zlib', { skip: lacks('clang') }, context => {
  const home = folder(context)
  fs.writeFileSync(path.join(home, 'a.c'), UNINITIALISED)
  const wraps = 'deflate,inflate,getentropy,statx,mremap'.split(',').map(name => `-Wl,--wrap=${name}`)
  clean('clang', ['-std=c11', '-D_GNU_SOURCE', '-fsanitize=memory', '-g', ...wraps, '-o', `${home}/a`, `${home}/a.c`, 'test/c/msan_wraps.c', '-lz'])
  const run = (/** @type {string[]} */ ...args) => spawnSync(`${home}/a`, args, { encoding: 'utf8' })
  for (const args of [[], ['deflate']]) {
    const { status, stderr } = run(...args)
    assert.notEqual(status, 0)
    assert.match(stderr, /use-of-uninitialized-value|Uninitialized bytes/, args.join())
  }
  assert.equal(run('deflate', 'set').status, 0)
})
