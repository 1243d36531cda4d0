'use strict'

/** A heap of more than 64 MiB, half of it garbage at the end: 80 MB are kept, 80 MB dropped. */

/** Of the global object: what only a finished module holds is garbage at the end. */
const kept = globalThis.kept = []
let dropped = []

function keepLarge () {
  for (let i = 0; i < 10000; i++) kept.push(new Array(1000).fill(i))
}

function dropLarge () {
  for (let i = 0; i < 10000; i++) dropped.push(new Array(1000).fill(i))
}

keepLarge()
dropLarge()
dropped = []
