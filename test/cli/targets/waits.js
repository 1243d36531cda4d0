'use strict'

/** Says `ready`, then waits for a signal; with `handle` it answers each and ends with 7 on SIGTERM. */

const kept = Array.from({ length: 1000 }, (_, i) => new Array(1000).fill(i))

if (process.argv[2] === 'handle') {
  process.on('SIGINT', () => console.log('got SIGINT'))
  process.on('SIGTERM', () => {
    console.log('got SIGTERM', kept.length)
    process.exit(7)
  })
}

console.log('ready')
setInterval(() => {}, 1000)
