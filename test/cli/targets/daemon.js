'use strict'

/** Ends at once; its detached child lives on until the file `stop` is there. */

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
} else {
  spawn(process.execPath, [__filename, 'child'], { detached: true, stdio: 'ignore' }).unref()
  const timer = setInterval(() => { if (fs.existsSync('daemon.pid')) clearInterval(timer) }, 20)
}
