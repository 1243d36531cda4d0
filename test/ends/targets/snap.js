'use strict'
/** A program that goes on while snapshots are taken: `snap.js NAME`. It ends when stdin does. */
const fs = require('node:fs')
const { Worker, isMainThread, parentPort } = require('node:worker_threads')

/** @type {unknown[]} */
const kept = []
/** @param {string} line */
const say = (line) => fs.writeSync(1, `${line}\n`)

function mainKeeps() {
  for (let i = 0; i < 12000; i++) kept.push(new Array(16).fill(i))
}

function workerKeeps() {
  for (let i = 0; i < 12000; i++) kept.push(new Array(16).fill(i))
}

/** @param {number} ms without going back to the loop @returns {number} when it ended */
function busy(ms) {
  const end = Date.now() + ms
  while (Date.now() < end) if (kept.length < 0) break
  return end
}

/** @param {number} ms @returns {number} when it ended */
function churn(ms) {
  const end = Date.now() + ms
  for (let i = 1, last; i % 1000 !== 0 || Date.now() < end; i++) last = [new Array(100).fill(last?.length)]
  return end
}

/** @param {(ms: number) => number} loop in which nothing is called that V8 could be interrupted at */
function inLoop(loop) {
  say('ready')
  say(`over ${loop(8000)}`)
}

/** @type {Record<string, () => unknown>} */
const WAYS = {
  idle() {},
  busy: () => void setImmediate(inLoop, busy),
  churn: () => void setImmediate(inLoop, churn),
  workers() {
    const started = ['idle', 'busy'].map((role) => new Worker(__filename, { argv: [role] }))
    for (const worker of started) worker.unref()
    return Promise.all(started.map((worker) => new Promise((resolve) => worker.once('message', resolve))))
  },
  handled() {
    process.on('SIGUSR2', () => say('handled'))
  },
  removed() {
    const handler = () => say('never')
    process.on('SIGUSR2', handler)
    process.off('SIGUSR2', handler)
  },
}

if (isMainThread) {
  mainKeeps()
  const begun = WAYS[process.argv[2]]()
  process.stdin.on('data', () => {}).once('end', () => {
    say('done')
    process.exit(0)
  })
  const says = ['busy', 'churn'].includes(process.argv[2])
  Promise.resolve(begun).then(() => says || setTimeout(() => say('ready'), 200))
} else {
  workerKeeps()
  parentPort?.postMessage('ready')
  if (process.argv[2] === 'busy') busy(4000)
  setInterval(() => {}, 1000)
}
