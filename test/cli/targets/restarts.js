'use strict'
/**
 * As a watcher does: `restarts.js SIGNAL [TIMES] [OWN]` starts a child, ends it by the signal, and starts
 * the next; then it ends itself by OWN. A child that is to leave a checkpoint is given a few seconds for
 * the first: the second one comes later.
 */
const { fork, spawnSync } = require('node:child_process')
const fs = require('node:fs')

const PATIENCE_MS = 4500

/** @type {unknown[]} */
const kept = []

function inRestarted() {
  for (let i = 0; i < 1000; i++) kept.push(new Array(1000).fill(i))
}

/** Of one child alone: whether it has left anything. @param {number} pid */
const hasLeft = (pid) => fs.readdirSync(String(process.env.SHAP_FLAME_CAPTURES)).some((name) => name.startsWith(`${pid}-`) && name.endsWith('.shfc'))

/** @param {NodeJS.Signals} signal */
function restart(signal) {
  return new Promise((resolve) => {
    const child = fork(__filename, ['child'])
    const pid = Number(child.pid)
    child.once('exit', (_, ended) => resolve(ended))
    child.once('message', () => {
      const begun = Date.now()
      const timer = setInterval(() => {
        if (signal === 'SIGSEGV' && !hasLeft(pid) && Date.now() - begun < PATIENCE_MS) return
        clearInterval(timer)
        child.kill(signal)
      }, 20)
    })
  })
}

/** @param {NodeJS.Signals} signal @param {number} times @param {string} own */
async function main(signal, times, own) {
  const ends = []
  for (let i = 0; i < times; i++) ends.push(await restart(signal))
  console.log(ends.join(' '))
  if (own) spawnSync('kill', [`-${own.slice(3)}`, String(process.pid)])
}

if (process.argv[2] === 'child') {
  inRestarted()
  process.send?.('ready')
  setInterval(() => {}, 1000)
} else main(/** @type {NodeJS.Signals} */ (process.argv[2]), Number(process.argv[3] ?? 2), process.argv[4])
