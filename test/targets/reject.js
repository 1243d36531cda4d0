'use strict'
/** Allocates, then dies of an unhandled rejection: exit status 1. */
const kept = []
async function grow() {
  for (let i = 0; i < 200; i++) kept.push(new Array(1000).fill(i))
  await Promise.resolve()
  throw new Error('rejected on purpose')
}
grow()
