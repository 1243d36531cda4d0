'use strict'

/** A main process with one worker thread and one child process, each allocating in a function of its own. */

const { fork } = require('node:child_process')
const { Worker, isMainThread } = require('node:worker_threads')

const kept = globalThis.kept = []

/** @param {number} count */
function fill (count) {
  for (let i = 0; i < count; i++) kept.push(new Array(1000).fill(i))
}

function inMain () { fill(1000) }
function inWorker () { fill(1000) }
function inChild () { fill(1000) }

if (!isMainThread) {
  inWorker()
} else if (process.argv[2] === 'child') {
  inChild()
} else {
  inMain()
  new Worker(__filename).on('exit', () => {
    fork(__filename, ['child']).on('exit', () => console.log('done'))
  })
}
