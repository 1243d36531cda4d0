'use strict'

// What the examples allocate. It is kept, for the five functions see what is still alive.

/** @type {unknown[]} */
const kept = []

function numbers () {
  return new Array(20000).fill(0.5)
}

function rows () {
  const made = []
  for (let at = 0; at < 2000; at++) made.push([at, `row ${at}`, at / 3])
  return made
}

function table () {
  kept.push(rows())
}

function column () {
  kept.push(numbers())
}

module.exports = { table, column }
