'use strict'

/**
 * Ends at once; its detached child lives on until the file `stop` is there, or, as `daemon.js writing`, for
 * 2.5 s, in which it seems to write its capture.
 */

const { spawn } = require('node:child_process')
const fs = require('node:fs')

const kept = globalThis.kept = []

function inDaemon () {
  for (let i = 0; i < 1000; i++) kept.push(new Array(1000).fill(i))
}

if (process.argv[2] === 'child') {
  inDaemon()
  fs.writeFileSync('daemon.pid', String(process.pid))
  const timer = setInterval(() => { if (fs.existsSync('stop')) clearInterval(timer) }, 50)
} else if (process.argv[2] === 'writes') {
  inDaemon()
  const parent = process.ppid
  fs.writeFileSync(`${process.env.SHAP_FLAME_CAPTURES}/${process.pid}-1-0.shfc~`, '')
  fs.writeFileSync('daemon.pid', String(process.pid))
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    setTimeout(() => {}, 2500)
  }, 20)
} else {
  const role = process.argv[2] === 'writing' ? 'writes' : 'child'
  spawn(process.execPath, [__filename, role], { detached: true, stdio: 'ignore' }).unref()
  const timer = setInterval(() => { if (fs.existsSync('daemon.pid')) clearInterval(timer) }, 20)
}
