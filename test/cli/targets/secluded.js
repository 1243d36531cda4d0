'use strict'

/** Starts a worker and children with an empty environment and no flags; each tells what it sees. */

const { execFileSync, fork, spawn, spawnSync } = require('node:child_process')
const { Worker, isMainThread } = require('node:worker_threads')

const kept = globalThis.kept = []

/** @param {string} who */
function tell (who) {
  console.log(who, JSON.stringify(process.env), JSON.stringify(process.execArgv))
}

function allocate () {
  for (let i = 0; i < 1000; i++) kept.push(new Array(1000).fill(i))
}

function inWorker () { allocate() }
function inFork () { allocate() }
function inSpawn () { allocate() }
function inSync () { allocate() }

/** @type {Record<string, () => void>} */
const CHILDREN = { fork: inFork, spawn: inSpawn, sync: inSync }

function main () {
  const worker = new Worker(__filename, { execArgv: [], env: {} })
  console.log(worker instanceof Worker, Worker.name)
  worker.on('exit', () => fork(__filename, ['fork'], { execArgv: [], env: {} }).on('exit', () => {
    spawn(process.execPath, [__filename, 'spawn'], { env: { A: '1' }, stdio: 'inherit' }).on('exit', () => {
      spawnSync(process.execPath, [__filename, 'sync'], { env: { NODE_OPTIONS: '--stack-trace-limit=5' }, stdio: 'inherit' })
      process.stdout.write(execFileSync('env', { env: { B: '2' } }))
    })
  }))
}

if (!isMainThread) {
  inWorker()
  tell('worker')
} else if (process.argv[2]) {
  CHILDREN[process.argv[2]]()
  tell(process.argv[2])
} else {
  main()
}
