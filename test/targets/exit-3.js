'use strict'
/** Allocates, then leaves by process.exit(3) with a timer pending. */
const kept = []
function grow() {
  for (let i = 0; i < 200; i++) kept.push(new Array(1000).fill(i))
}
grow()
console.log('leaving with 3')
setTimeout(() => console.log('never printed'), 60000)
process.exit(3)
