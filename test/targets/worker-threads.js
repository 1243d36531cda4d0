'use strict'
/** The main thread and two workers keep a known share each; all end by themselves. */
const { Worker, isMainThread, parentPort, workerData, threadId } = require('node:worker_threads')

/** @type {any[]} */
const kept = []
Object.assign(globalThis, { keptByThread: kept })

/** @param {number} n */
function mainKeeps(n) {
  for (let i = 0; i < n; i++) kept.push(new Array(1000))
}
/** @param {number} n */
function workerKeeps(n) {
  for (let i = 0; i < n; i++) kept.push(new Array(1000))
}

if (isMainThread) {
  mainKeeps(500)
  let left = 2
  for (const blocks of [250, 1000]) {
    const worker = new Worker(__filename, { workerData: blocks })
    worker.on('message', (text) => console.log(text))
    worker.on('exit', () => {
      if (--left === 0) console.log('all done')
    })
  }
} else {
  workerKeeps(workerData)
  parentPort?.postMessage(`worker kept ${workerData} blocks of 8048 bytes` + (threadId > 0 ? '' : '?'))
}
