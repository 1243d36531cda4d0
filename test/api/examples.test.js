'use strict'

const assert = require('node:assert/strict')
const { spawn, spawnSync } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')
const { test } = require('node:test')

const ROOT = path.join(__dirname, '..', '..')
const { scripts } = require('../../package.json')

/** @param {'cli' | 'cli-formatted' | 'app'} name */
function commandOf (name) {
  const [node, ...args] = scripts[name].split(' ')
  assert.equal(node, 'node')
  return args
}

/** @param {'cli' | 'cli-formatted'} name */
function run (name) {
  return spawnSync(process.execPath, commandOf(name), { cwd: ROOT, encoding: 'utf8' })
}

test('npm run cli prints the stacks of what was allocated', () => {
  const { status, stdout, stderr } = run('cli')
  assert.equal(stderr, '')
  assert.equal(status, 0)
  for (const name of ['table', 'rows', 'column', 'numbers']) assert.match(stdout, new RegExp(`name: '${name}'`))
  // V8 keeps twenty thousand doubles in one block: eight bytes each, and a header.
  assert.match(stdout, /\{ size: 1600\d\d, count: \d \}/)
})

test('npm run cli-formatted prints them with their source', () => {
  const { status, stdout, stderr } = run('cli-formatted')
  assert.equal(stderr, '')
  assert.equal(status, 0)
  assert.match(stdout, /> column > numbers\n {2}test\/examples\/allocate\.js:8:\d+\n {2}[^\n]*\d x 1600\d\d[^\n]*\n(.*\n)*? {4}\| function numbers \(\) \{\n/)
})

test('npm run app serves a flamegraph that shows its leak', async () => {
  const child = spawn(process.execPath, commandOf('app'), { cwd: ROOT, env: { ...process.env, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [line] = await once(child.stdout, 'data')
    const address = String(line).trim()
    /** @returns {Promise<number>} bytes below openSession */
    const leaked = async () => {
      const response = await fetch(`${address}flamegraph.svg`)
      assert.equal(response.headers.get('content-type'), 'image/svg+xml')
      const svg = await response.text()
      // It stands once below each of its callers.
      const titles = [...svg.matchAll(/<title>openSession \(test\/examples\/app\.js:\d+:\d+\) \(([\d,]+) bytes/g)]
      assert.ok(titles.length > 0, 'openSession is in the picture')
      return titles.reduce((sum, [, bytes]) => sum + Number(bytes.replaceAll(',', '')), 0)
    }
    const before = await leaked()
    assert.ok(before > 300000, `${before} bytes`)
    const visits = await fetch(`${address}visits`, { method: 'POST', redirect: 'manual' })
    assert.equal(visits.status, 303)
    assert.ok(await leaked() > 1.5 * before)
    assert.match(await (await fetch(address)).text(), /<iframe src="\/flamegraph\.svg"/)
  } finally {
    child.kill()
  }
})
