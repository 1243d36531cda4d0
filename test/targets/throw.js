'use strict'
/** Allocates, then dies of an uncaught error: exit status 1, a stack on stderr. */
const kept = []
function grow() {
  for (let i = 0; i < 200; i++) kept.push(new Array(1000).fill(i))
}
grow()
console.log('about to throw')
throw new Error('thrown on purpose')
