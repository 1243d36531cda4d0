'use strict'

/** Most of what it allocates is dropped; what it keeps a native makes. */

/** Of the global object: what only a finished module holds is garbage at the end. */
const kept = globalThis.kept = []

function dropLines () {
  for (let i = 0; i < 300000; i++) new Array(8).fill(i)
}

function keepLines () {
  const text = Array.from({ length: 2000 }, (_, i) => `line ${i} of the text`).join('\n')
  for (let i = 0; i < 120; i++) kept.push(`${i}${text}`.split('\n'))
}

dropLines()
keepLines()
