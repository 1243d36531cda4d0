'use strict'
/**
 * Every way in which a Node process can end, for an app alone, with workers and with children. Each
 * process and thread leaves a capture that can be read and holds the function that allocated; the
 * parent sees what it would see without shap-flame.
 */
const assert = require('node:assert')
const { spawn } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { WHEN, allocateMore, attachTo } = require('./attach-until-exit.js')
const { PATIENCE_MS, cleanEnvironment, preloadEnvironment, readCaptures, until, withFolder } = require('../support/profiled-process.js')

const APP = path.join(__dirname, '..', 'fixtures', 'every-exit.js')

/**
 * @typedef {object} Way
 * @property {string} name
 * @property {string} end what every-exit.js does when it gets the word to exit
 * @property {NodeJS.Signals | number} [signal] sent when it has gone
 * @property {string} state of the main thread's capture
 * @property {boolean} [checkpoint] what is left is a checkpoint, of helpers too
 * @property {boolean} [early] it must be there before the app gets the word to exit
 * @property {string[]} [flags] of node
 * @property {string[]} [shapes] all by default
 * @property {string} [after] the last line that every-exit.js prints before the signal
 * @property {number} [handled] the signal's number: where the sampler runs, its handler is there again before the signal
 */

/** @type {readonly NodeJS.Signals[]} */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']

/** Each ends a process that does not handle it, as those above; 40 is one of the realtime signals. */
const RARE_SIGNALS = /** @type {const} */ (['SIGALRM', 'SIGVTALRM', 'SIGPROF', 'SIGXCPU', 'SIGIO', 'SIGPWR', 'SIGSTKFLT', 40])

/** @type {readonly Way[]} */
const WAYS = [
  { name: 'normal end', end: 'end', state: 'ended' },
  { name: 'process.exit', end: 'exit', state: 'ended' },
  { name: 'process.exitCode', end: 'exitCode', state: 'ended' },
  { name: 'process.reallyExit', end: 'reallyExit', state: 'ended' },
  { name: 'uncaught throw', end: 'throw', state: 'ended' },
  { name: 'unhandled rejection', end: 'reject', state: 'ended' },
  ...SIGNALS.map(signal => ({ name: `${signal} in an idle loop`, end: 'idle', signal, state: 'signal' })),
  ...RARE_SIGNALS.map(signal => ({ name: `${signal} in an idle loop`, end: 'idle', signal, state: 'signal', shapes: ['alone'] })),
  { name: 'SIGUSR2 to itself', end: 'ownUsr2', state: 'signal', shapes: ['alone', 'workers'] },
  { name: 'SIGKILL to itself', end: 'ownKill', state: 'signal', shapes: ['alone', 'workers'] },
  { name: 'SIGSEGV to itself', end: 'ownSegv', state: 'signal', shapes: ['alone'] },
  { name: 'SIGUSR2 to its group', end: 'groupUsr2', state: 'signal', shapes: ['alone'] },
  { name: 'SIGTERM from its worker', end: 'workerTerm', state: 'signal', shapes: ['alone'] },
  { name: 'SIGINT in for(;;)', end: 'spin', signal: 'SIGINT', state: 'signal' },
  { name: 'SIGTERM in for(;;)', end: 'spin', signal: 'SIGTERM', state: 'signal' },
  { name: 'SIGTERM in a loop that only allocates', end: 'churn', signal: 'SIGTERM', state: 'signal' },
  { name: 'process.abort', end: 'abort', state: 'signal' },
  { name: 'SIGTERM in Atomics.wait', end: 'wait', signal: 'SIGTERM', state: 'signal' },
  { name: 'SIGTERM with the app\'s own handler', end: 'handler', signal: 'SIGTERM', state: 'ended', after: 'handling' },
  { name: 'SIGTERM after the app\'s own handler went', end: 'removed', signal: 'SIGTERM', state: 'signal', after: 'gone', handled: 15 },
  { name: 'SIGUSR1 after the app\'s own handler went, and Node\'s with it', end: 'removedUsr1', signal: 'SIGUSR1', state: 'signal', after: 'gone', handled: 10, shapes: ['alone'] },
  { name: 'heap out of memory', end: 'grow', state: 'heap limit', checkpoint: true, flags: ['--max-old-space-size=40'] },
  { name: 'SIGKILL in an idle loop', end: 'idle', signal: 'SIGKILL', state: 'running', checkpoint: true },
  { name: 'SIGKILL in for(;;)', end: 'spin', signal: 'SIGKILL', state: 'running', checkpoint: true },
  { name: 'a native crash', end: 'idle', signal: 'SIGSEGV', state: 'running', checkpoint: true }
]

/**
 * By the inspector: what JavaScript sees of the end; a checkpoint stands in for the rest.
 * @type {readonly Way[]}
 */
const INSPECTOR_WAYS = [
  { name: 'normal end', end: 'end', state: 'ended' },
  { name: 'process.exit', end: 'exit', state: 'ended' },
  { name: 'process.exitCode', end: 'exitCode', state: 'ended' },
  { name: 'uncaught throw', end: 'throw', state: 'ended' },
  { name: 'unhandled rejection', end: 'reject', state: 'ended' },
  { name: 'SIGTERM with the app\'s own handler', end: 'handler', signal: 'SIGTERM', state: 'ended', after: 'handling' },
  { name: 'process.reallyExit', end: 'reallyExit', state: 'running' },
  ...SIGNALS.map(signal => ({ name: `${signal} in an idle loop`, end: 'idle', signal, state: 'running' })),
  { name: 'SIGTERM in for(;;)', end: 'spin', signal: /** @type {const} */ ('SIGTERM'), state: 'running', early: true },
  { name: 'SIGTERM after the app\'s own handler went', end: 'removed', signal: /** @type {const} */ ('SIGTERM'), state: 'running', after: 'gone' }
]

/** @type {Record<string, { name: string, functions: Record<string, number> }>} captures that hold a function */
const SHAPES = {
  alone: { name: 'alone', functions: { mainKeeps: 1 } },
  workers: { name: 'with workers', functions: { mainKeeps: 1, workerKeeps: 2 } },
  children: { name: 'with children', functions: { mainKeeps: 1, childKeeps: 2 } }
}

/** @typedef {{ code: number | null, signal: string | null, stdout: string, stderr: string }} Ended */

/** @param {import('../support/profiled-process.js').Capture[]} captures @param {Record<string, number>} functions */
function count (captures, functions) {
  return Object.fromEntries(Object.keys(functions).map(name => {
    return [name, captures.filter(capture => capture.functions.includes(name)).length]
  }))
}

/** @param {import('node:child_process').ChildProcess} child @param {number} signal */
function handles ({ pid }, signal) {
  const [, mask] = /^SigCgt:\s*(\w+)$/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return (BigInt(`0x${mask}`) >> BigInt(signal - 1) & 1n) === 1n
}

/**
 * Runs every-exit.js to its end.
 * @param {import('../../csrc/tools/node_lines.js').NodeLine} node
 * @param {Way} way
 * @param {string} shape
 * @param {NodeJS.ProcessEnv} env
 * @param {() => Promise<void>} [beforeEnd]
 * @param {(child: import('node:child_process').ChildProcess) => Promise<void>} [onReady]
 * @returns {Promise<Ended>}
 */
async function runApp (node, way, shape, env, beforeEnd = async () => {}, onReady = async () => {}) {
  const args = [node.bin, ...(way.flags ?? []), APP, way.end, shape]
  const child = spawn('/bin/sh', ['-c', 'ulimit -c 0; exec "$@"', 'sh', ...args], { env, stdio: 'pipe', detached: way.end === 'groupUsr2' })
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  const text = { stdout: '', stderr: '' }
  child.stdin.on('error', () => {})
  child.stdout.on('data', part => { text.stdout += part })
  child.stderr.on('data', part => { text.stderr += part })
  /** @type {Promise<Ended>} */
  const ended = new Promise(resolve => child.once('close', (code, signal) => resolve({ code, signal, ...text })))
  const over = () => child.exitCode !== null || child.signalCode !== null
  await until(() => over() || text.stdout.includes('ready\n'), 'ready')
  await onReady(child)
  if (way.signal === undefined || !way.checkpoint || way.early) await beforeEnd()
  child.stdin.end('go\n')
  const last = `${way.after ?? 'going'}\n`
  await until(() => over() || text.stdout.includes(last), last)
  if (way.handled && env.SHAP_FLAME_CAPTURES) await until(() => over() || handles(child, Number(way.handled)), 'our handler')
  if (way.signal) {
    if (way.checkpoint && !way.early) await beforeEnd()
    process.kill(/** @type {number} */ (child.pid), way.signal)
  }
  const end = await ended
  clearTimeout(timer)
  return end
}

/**
 * @param {import('../../csrc/tools/node_lines.js').NodeLine} node
 * @param {Way} way
 * @param {string} shape
 * @param {NodeJS.ProcessEnv} [settings]
 */
async function checkCell (node, way, shape, settings = {}) {
  const functions = { ...SHAPES[shape].functions }
  // A worker in a loop that never comes back writes no checkpoint there, and has no end of its own.
  if (settings.SHAP_FLAME_ENGINE === 'inspector' && shape === 'workers') functions.workerKeeps = 1
  await withFolder(async folder => {
    const complete = async () => {
      try {
        assert.deepStrictEqual(count(await readCaptures(folder, APP), functions), functions)
        return true
      } catch {
        return false
      }
    }
    const beforeEnd = async () => { if (way.checkpoint) await until(complete, 'a checkpoint of each thread') }
    const env = { ...preloadEnvironment(node, folder), SHAP_FLAME_EVERY: way.checkpoint ? '0.2' : 'off', ...settings }
    const without = await runApp(node, way, shape, cleanEnvironment())
    const { stderr, ...ended } = await runApp(node, way, shape, env, beforeEnd)
    assert.deepStrictEqual({ stderr: '', ...ended }, { ...without, stderr: '' }, stderr)
    // with SHF_LABELS, Node 20 and 22 say what labels cost
    assert.ok(!stderr.replace(/^shap-flame: labels use async_hooks .*$/gm, '').includes('shap-flame:'), stderr)
    const captures = await readCaptures(folder, APP)
    assert.deepStrictEqual(count(captures, functions), functions, JSON.stringify(captures))
    const main = captures.find(capture => capture.functions.includes('mainKeeps'))
    assert.strictEqual(main?.state, way.state)
    if (way.end === 'grow') assert.ok(main?.functions.includes('growForever'), 'the function that grew is missing')
  })
}

/**
 * @param {import('../../csrc/tools/node_lines.js').NodeLine} node
 * @param {Way} way
 * @param {boolean} [inspector] there is no sampler for it
 */
async function checkAttached (node, way, inspector = false) {
  const anyPort = { ...way, flags: [...(way.flags ?? []), '--inspect-port=0'] }
  const ended = async (/** @type {NonNullable<Parameters<typeof runApp>[5]>} */ onReady) => {
    const { stderr, ...end } = await runApp(node, anyPort, 'alone', cleanEnvironment(), undefined, onReady)
    assert.ok(!stderr.includes('shap-flame:'), stderr)
    return end
  }
  const without = await ended(allocateMore)
  for (const when of WHEN) {
    const attached = attachTo(node, when, way.state, inspector)
    assert.deepStrictEqual(await ended(attached.onReady), without, when)
    await attached.check()
  }
}

module.exports = { RARE_SIGNALS, WAYS, INSPECTOR_WAYS, SHAPES, checkAttached, checkCell }
