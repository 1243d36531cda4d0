'use strict'
/** Snapshots of a process that goes on, on each Node line: which signals, which threads, which files. */
const assert = require('node:assert')
const { spawn } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { describe } = require('node:test')
const { VERSIONS } = require('../../csrc/tools/node_lines.js')
const { PATIENCE_MS, REGISTER, preloadEnvironment, readCaptures, testsOf, until, withFolder } = require('../support/profiled-process.js')

const USR2 = path.join(__dirname, '..', 'fixtures', 'preload-sigusr2-handler.js')
const SNAP = path.join(__dirname, '..', 'fixtures', 'snapshots-while-running.js')
/** Of snapshot 1, of any thread. */
const FIRST = /^\d+-\d+-\d+\.1\.shfc$/

/**
 * @typedef {import('../../csrc/tools/node_lines.js').NodeLine} NodeLine
 *
 * @typedef {object} Running
 * @property {import('node:child_process').ChildProcess} child
 * @property {string} folder
 * @property {() => { stdout: string, stderr: string }} output
 * @property {() => Promise<void>} end
 */

/**
 * @param {NodeLine} node
 * @param {string} name of the way in snapshots-while-running.js
 * @param {NodeJS.ProcessEnv} env
 * @param {(running: Running) => Promise<void>} use
 */
const running = (node, name, env, use) => withFolder(async folder => {
  const all = { ...preloadEnvironment(node, folder), SHAP_FLAME_CAPTURES: undefined, SHAP_FLAME_OUT_DIR: folder, ...env }
  const child = spawn(node.bin, [SNAP, name], { env: all, stdio: 'pipe' })
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  const text = { stdout: '', stderr: '' }
  child.stdout.on('data', part => { text.stdout += part })
  child.stderr.on('data', part => { text.stderr += part })
  /** @type {Promise<[number | null, string | null]>} */
  const closed = new Promise(resolve => child.once('close', (code, signal) => resolve([code, signal])))
  const end = async () => {
    child.stdin.end()
    assert.deepStrictEqual(await closed, [0, null], text.stderr)
    assert.match(text.stdout, /done\n$/)
  }
  await until(() => text.stdout.includes('ready\n') || child.exitCode !== null, 'ready')
  await use({ child, folder, output: () => text, end })
  clearTimeout(timer)
})

/** @param {string} folder @param {RegExp} pattern */
const files = (folder, pattern) => fs.readdirSync(folder).filter(name => pattern.test(name))

/** @param {string} folder @param {RegExp} pattern @param {number} count */
const filesCome = (folder, pattern, count) => until(() => files(folder, pattern).length >= count, `${count} of ${pattern}`)

/** @param {NodeLine} node @param {string} name @param {number} threads */
const snapshotOnSignal = (node, name, threads) => running(node, name, { SHAP_FLAME_SIGNAL: 'SIGUSR2' }, async ({ child, folder, output, end }) => {
  child.kill('SIGUSR2')
  await filesCome(folder, FIRST, threads)
  if (name === 'busy' || name === 'churn') {
    const over = () => Number(/\nover (\d+)\n/.exec(output().stdout)?.[1])
    await until(() => over() > 0, 'the end of the loop')
    for (const file of files(folder, FIRST)) assert.ok(fs.statSync(path.join(folder, file)).mtimeMs < over(), 'it waited for the event loop')
  }
  const functions = (await readCaptures(folder, SNAP)).flatMap(capture => capture.functions)
  assert.ok(functions.includes('mainKeeps'), functions.join())
  assert.strictEqual(functions.includes('workerKeeps'), threads > 1)
  child.kill('SIGUSR2')
  await filesCome(folder, /\.2\.shfc$/, threads)
  await end()
  assert.strictEqual(output().stderr, '')
})

/** @type {Record<string, (node: NodeLine) => Promise<void>>} */
const TESTS = {
  'a signal in an idle loop': node => snapshotOnSignal(node, 'idle', 1),
  'a signal in a loop that never returns': node => snapshotOnSignal(node, 'busy', 1),
  'a signal in a loop that only allocates': node => snapshotOnSignal(node, 'churn', 1),
  'a signal: workers write under the same number': node => snapshotOnSignal(node, 'workers', 3),
  'a signal whose handler the app has removed': node => snapshotOnSignal(node, 'removed', 1),
  'the app\'s own handler is left alone': node => running(node, 'handled', { SHAP_FLAME_SIGNAL: 'SIGUSR2' }, async ({ child, folder, output, end }) => {
    child.kill('SIGUSR2')
    await until(() => output().stdout.includes('handled\n'), 'the app\'s handler')
    await end()
    assert.deepStrictEqual(files(folder, FIRST), [])
    assert.strictEqual(output().stderr, '')
  }),
  'an earlier handler keeps its signal, and a line says so': node => running(node, 'idle', {
    SHAP_FLAME_SIGNAL: 'SIGUSR2', NODE_OPTIONS: `--require ${USR2} --require ${REGISTER}`
  }, async ({ child, folder, output, end }) => {
    child.kill('SIGUSR2')
    await until(() => output().stdout.includes('handled\n'), 'the handler')
    await end()
    assert.deepStrictEqual(files(folder, FIRST), [])
    assert.match(output().stderr, /^shap-flame: --signal SIGUSR2: process \d+ ignores or handles it itself.*\n$/)
  }),
  'a hundred signals at once do no harm': node => running(node, 'workers', { SHAP_FLAME_SIGNAL: 'SIGUSR2' }, async ({ child, folder, end }) => {
    for (let i = 0; i < 100; i++) child.kill('SIGUSR2')
    await filesCome(folder, FIRST, 3)
    await end()
    assert.ok(files(folder, /~$/).length === 0, 'half a file is left')
  }),
  'the last two periodic snapshots are kept': node => running(node, 'workers', { SHAP_FLAME_EVERY: '0.2', SHAP_FLAME_KEEP: '2' }, async ({ folder, output, end }) => {
    // One is there for a moment only: on a busy machine it may be a later one that is seen whole.
    let seen = 0
    await until(() => {
      const numbers = files(folder, /\.\d+\.shfc$/).map(name => Number(/\.(\d+)\.shfc$/.exec(name)?.[1]))
      seen = numbers.find(number => number >= 6 && numbers.filter(other => other === number).length === 3) ?? 0
      return seen > 0
    }, '3 of a number from 6 on')
    await until(() => files(folder, new RegExp(`\\.${seen - 2}\\.shfc$`)).length === 0, 'the old ones went')
    await end()
    assert.ok(files(folder, /\.\d+\.shfc$/).length <= 9, fs.readdirSync(folder).join(' '))
    assert.strictEqual(output().stderr, '')
  })
}

describe('snapshots', { concurrency: 2 }, () => {
  for (const major of Object.keys(VERSIONS).map(Number)) {
    const test = testsOf(major)
    for (const [name, body] of Object.entries(TESTS)) test(name, body)
  }
})
