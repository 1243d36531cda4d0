'use strict'

/** Starts as many short-lived children as its argument says, four at a time; `env` with an empty environment. */

const { spawn } = require('node:child_process')

const kept = globalThis.kept = []

function inShortChild () {
  for (let i = 0; i < 200; i++) kept.push(new Array(1000).fill(i))
}

/** @param {number} left */
function start (left) {
  if (left <= 0) return
  spawn(process.execPath, [__filename], { stdio: 'ignore' }).on('exit', () => start(left - 4))
}

const [, , count] = process.argv
if (count === undefined) inShortChild()
else for (let i = 0; i < 4; i++) start(Number(count) - i)
