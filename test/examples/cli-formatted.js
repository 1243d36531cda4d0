'use strict'

// The same, for people: each callsite with what it allocated and its source.

const path = require('node:path')
const { startSampling, stopSampling, collectAllocations, addFormat } = require('../../lib/index.js')
const { table, column } = require('./allocate.js')

startSampling(32, 10)
table()
column()
const allocations = collectAllocations()
stopSampling()

addFormat({ allocations, includeSourceLines: 4 }, (error, stacks) => {
  if (error) throw error
  for (const { callsites } of stacks) {
    const last = callsites[callsites.length - 1]
    if (!last.script.endsWith('allocate.js')) continue
    const own = callsites.filter(({ script }) => script.startsWith(__dirname))
    console.log(own.map(({ name }) => name || '(anonymous)').join(' > '))
    const { location, allocations: sizes, source } = last.formatted
    console.log(`  ${path.relative(process.cwd(), location)}`)
    console.log(`  ${sizes.join(', ')}`)
    console.log(source.map(line => `    | ${line}`).join('\n'))
  }
})
