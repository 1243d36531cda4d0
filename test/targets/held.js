'use strict'
/**
 * A program whose event loop is held, in calls that V8 can interrupt, from `ready` until a file is
 * there; some turns later it prints `back`: `held.js FILE`.
 */
const fs = require('node:fs')

function hold() {
  fs.writeSync(1, 'ready\n')
  for (const end = Date.now() + 60000; Date.now() < end && !fs.existsSync(process.argv[2]);) new Function('return 1')()
  let turns = 10
  const turn = () => { if (--turns > 0) setImmediate(turn); else console.log('back') }
  turn()
}

setTimeout(hold, 10)
setInterval(() => {}, 1000)
