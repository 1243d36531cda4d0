'use strict'

/** Run by map-reader.js: reads jobs as JSON from stdin, and writes one result per line to stdout. */

const fs = require('node:fs')
const { Files } = require('./files.js')
const { lookUp } = require('./map-file.js')

/** Makes Linux kill this process first when memory is short. */
function preferOomKill () {
  try {
    fs.writeFileSync('/proc/self/oom_score_adj', '1000')
  } catch {
    // Not on Linux.
  }
}

async function main () {
  preferOomKill()
  const { jobs, roots } = JSON.parse(fs.readFileSync(0, 'utf8'))
  const files = new Files({ roots })
  for (const { positions, ...job } of jobs) {
    const done = await lookUp(job, () => positions, files)
    await new Promise(resolve => process.stdout.write(`${JSON.stringify(done)}\n`, resolve))
  }
}

main()
