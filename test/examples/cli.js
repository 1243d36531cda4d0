'use strict'

// Collects what two functions allocated, and prints the stacks as they are.

const { inspect } = require('node:util')
const { startSampling, stopSampling, collectAllocations } = require('../../lib/index.js')
const { table, column } = require('./allocate.js')

startSampling(32, 10)
table()
column()
const stacks = collectAllocations()
stopSampling()

const own = stacks.filter(({ callsites }) => callsites.some(({ script }) => script.endsWith('allocate.js')))
console.log(inspect(own, { depth: null, colors: process.stdout.isTTY }))
