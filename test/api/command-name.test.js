'use strict'

/** How the files of a command's profile are called. */

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { programOf } = require('../../lib/cli/command-name.js')

/** @param {string} text @returns {string} */
const named = text => programOf(text.split(' '), word => /\.[cm]?[jt]s$/.test(word))

test('the name is the script\'s, whatever runs it', () => {
  for (const command of ['node --expose-gc app.js', 'npx tsx app.ts', 'npx -y tsx@4 --tsconfig t.json app.ts', '/usr/bin/node -r ./x.js app.js']) {
    assert.match(named(command), /^app\.[jt]s$/, command)
  }
  assert.equal(named('npm exec -- tsx app.ts'), 'app.ts')
  assert.equal(named('pnpm dlx ts-node src/app.ts'), 'src/app.ts')
})

test('for a package manager the name is the npm script\'s', () => {
  assert.equal(named('npm test'), 'test')
  assert.equal(named('npm run build -- --watch'), 'build')
  assert.equal(named('npm --prefix web run build'), 'build')
  assert.equal(named('yarn build'), 'build')
  assert.equal(named('corepack pnpm run lint'), 'lint')
})

test('a command that another one starts has its own name', () => {
  assert.equal(named('npx mocha test/a.js'), 'mocha')
  assert.equal(named('npx --package=jest jest'), 'jest')
  assert.equal(named('jest'), 'jest')
  assert.equal(named('node --version'), 'node')
  assert.equal(named('npx'), 'npx')
})
