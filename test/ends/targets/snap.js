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

/** @param {number} ms without going back to the loop */
function busy(ms) {
  for (const end = Date.now() + ms; Date.now() < end;) if (kept.length < 0) return
}

/** @param {number} ms */
function churn(ms) {
  const end = Date.now() + ms
  for (let i = 1, last; i % 1000 !== 0 || Date.now() < end; i++) last = [new Array(100).fill(last?.length)]
}

/** @type {Record<string, () => unknown>} */
const WAYS = {
  idle() {},
  busy: () => void setTimeout(busy, 350, 4000),
  churn: () => void setTimeout(churn, 350, 4000),
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
  Promise.resolve(begun).then(() => setTimeout(() => say('ready'), 200))
} else {
  workerKeeps()
  parentPort?.postMessage('ready')
  if (process.argv[2] === 'busy') busy(4000)
  setInterval(() => {}, 1000)
}
