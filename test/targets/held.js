'use strict'
/** A program whose event loop is held for MS at a time, in calls that V8 can interrupt: `held.js MS`. */
const ms = Number(process.argv[2])

function hold() {
  for (const end = Date.now() + ms; Date.now() < end;) new Function('return 1')()
}

setInterval(hold, 10)
console.log('ready')
