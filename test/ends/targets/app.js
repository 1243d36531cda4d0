'use strict'
/**
 * A program that ends in each way: `app.js END SHAPE`. It allocates in a function
 * named by its role, in its workers and children too, prints `ready`, and ends
 * when a line comes on stdin or a signal comes from outside. On `more` it allocates once more.
 */
const { fork, spawn } = require('node:child_process')
const fs = require('node:fs')
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads')

/** @type {unknown[]} */
const kept = []
const BLOCKS = 12000

/** @param {string} line */
const say = (line) => fs.writeSync(1, `${line}\n`)

function mainKeeps() {
  for (let i = 0; i < BLOCKS; i++) kept.push(new Array(16).fill(i))
}

function workerKeeps() {
  for (let i = 0; i < BLOCKS; i++) kept.push(new Array(16).fill(i))
}

function childKeeps() {
  for (let i = 0; i < BLOCKS; i++) kept.push(new Array(16).fill(i))
}

function growForever() {
  for (;;) kept.push(new Array(64).fill(kept.length))
}

/** @param {NodeJS.Signals} signal */
function sendItself(signal) {
  process.kill(process.pid, signal)
  say('never')
  setInterval(() => {}, 1000)
}

/** @param {number} ms @param {NodeJS.Signals} signal */
function handleFor(ms, signal) {
  const handler = () => say('never')
  process.on(signal, handler)
  const busy = setInterval(() => {}, 1) // its last turn is hardly over when the loop falls asleep
  setTimeout(() => {
    clearInterval(busy)
    process.off(signal, handler)
    setTimeout(() => {}, 2 ** 30)
    say('gone')
  }, ms)
}

function spinForever() {
  for (let i = 0; ; i++) if (i < 0) return
}

function churnForever() {
  for (let last; ;) last = [new Array(100).fill(last?.length)]
}

function waitForever() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

/** @type {Record<string, () => unknown>} what happens when the line on stdin comes */
const ENDS = {
  end() {},
  exit: () => process.exit(3),
  exitCode: () => { process.exitCode = 4 },
  reallyExit: () => /** @type {any} */ (process).reallyExit(5),
  throw() {
    throw new Error('on purpose')
  },
  reject: () => Promise.reject(new Error('on purpose')),
  idle: () => setInterval(() => {}, 1000),
  spin: spinForever,
  wait: waitForever,
  churn: churnForever,
  abort: () => process.abort(),
  ownUsr2: () => sendItself('SIGUSR2'),
  ownKill: () => sendItself('SIGKILL'),
  ownSegv: () => sendItself('SIGSEGV'),
  /** Of which it is the leader, for it is started so. */
  groupUsr2: () => process.kill(0, 'SIGUSR2'),
  workerTerm() {
    setInterval(() => {}, 1000)
    new Worker('process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000)', { eval: true })
  },
  grow: growForever,
  handler() {
    process.on('SIGTERM', () => {
      say('handled')
      process.exit(7)
    })
    say('handling')
    setInterval(() => {}, 1000)
  },
  removed: () => handleFor(150, 'SIGTERM'),
  removedUsr1: () => handleFor(150, 'SIGUSR1'),
}

/** @typedef {{ ready: Promise<unknown>, end: () => void }} Helper */

/** @param {string} role @returns {Helper} */
function startWorker(role) {
  const worker = new Worker(__filename, { workerData: role })
  const ready = new Promise((resolve) => worker.once('message', resolve))
  return { ready, end: () => (role === 'spin' ? worker.terminate() : worker.postMessage('end')) }
}

/** One that lives until its parent is gone, and one that is gone before. @returns {Helper[]} */
function startChildren() {
  const forked = fork(__filename, ['child'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const spawned = spawn(process.execPath, [__filename, 'short'], { stdio: ['ignore', 'inherit', 'inherit'] })
  return [
    { ready: new Promise((resolve) => forked.once('message', resolve)), end: () => forked.disconnect() },
    { ready: new Promise((resolve) => spawned.once('exit', resolve)), end() {} },
  ]
}

/** @param {string} end @param {string} shape */
async function main(end, shape) {
  mainKeeps()
  const helpers = { alone: () => [], workers: () => ['idle', 'spin'].map(startWorker), children: startChildren }[shape]
  const started = /** @type {Helper[]} */ (helpers?.() ?? [])
  await Promise.all(started.map((helper) => helper.ready))
  process.stdin.on('data', (line) => {
    if (String(line) === 'more\n') {
      mainKeeps()
      return say('more')
    }
    process.stdin.destroy()
    if (end === 'end' || end === 'exitCode') for (const helper of started) helper.end()
    say('going')
    ENDS[end]()
  })
  say('ready')
}

function worker() {
  workerKeeps()
  parentPort?.postMessage('ready')
  if (workerData === 'spin') spinForever()
  parentPort?.once('message', () => parentPort?.unref())
}

if (!isMainThread) worker()
else if (process.argv[2] === 'short') childKeeps()
else if (process.argv[2] === 'child') {
  childKeeps()
  process.on('disconnect', () => {})
  process.send?.('ready')
} else main(process.argv[2], process.argv[3])
