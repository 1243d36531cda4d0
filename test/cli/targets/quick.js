'use strict'

/** Allocates about 20 MB in named functions, says what it was given, ends with SHF_STATUS. */

/** Of the global object: what only a finished module holds is garbage at the end. */
const kept = globalThis.kept = []

function keepArrays () {
  for (let i = 0; i < 1000; i++) kept.push(new Array(1000).fill(i))
}

function makeGarbage () {
  let sum = 0
  for (let i = 0; i < 1500; i++) sum += new Array(1000).fill(i).length
  return sum
}

keepArrays()
makeGarbage()
console.log(JSON.stringify(process.argv.slice(2)))
process.exitCode = Number(process.env.SHF_STATUS ?? 0)
