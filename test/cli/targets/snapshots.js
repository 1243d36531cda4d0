'use strict'

/** Keeps more and more. `code`: takes two snapshots from code, says their paths, ends with 3; else until SIGTERM. */

const kept = globalThis.kept = []

function keepMore () {
  for (let i = 0; i < 100; i++) kept.push(new Array(1000).fill(i))
}

async function fromCode () {
  const { snapshot } = require('../../..')
  keepMore()
  console.log(await snapshot())
  keepMore()
  console.log(await snapshot())
  process.exit(3)
}

if (process.argv[2] === 'code') {
  fromCode()
} else {
  setInterval(keepMore, 20)
  console.log(`ready ${process.pid}`)
}
