'use strict'
/** Forks two children that keep a known share and exit with 0 and 5. */
const { fork } = require('node:child_process')

/** @type {any[]} */
const kept = []
Object.assign(globalThis, { keptByProcess: kept })

/** @param {number} n */
function parentKeeps(n) {
  for (let i = 0; i < n; i++) kept.push(new Array(1000))
}
/** @param {number} n */
function childKeeps(n) {
  for (let i = 0; i < n; i++) kept.push(new Array(1000))
}

if (process.argv[2] === 'child') {
  childKeeps(Number(process.argv[3]))
  process.exitCode = Number(process.argv[4])
} else {
  parentKeeps(500)
  /** @type {string[]} */
  const told = []
  for (const [blocks, status] of [[250, 0], [1000, 5]]) {
    fork(__filename, ['child', String(blocks), String(status)]).on('exit', (code) => {
      told.push(`child with ${blocks} blocks: exit ${code}`)
      if (told.length === 2) console.log(told.sort().join('\n'))
    })
  }
}
