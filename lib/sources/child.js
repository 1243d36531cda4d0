'use strict'

/** The process that child-process.js starts: jobs come as JSON on stdin, an answer a line goes to stdout. */

const fs = require('node:fs')
const { Files } = require('./files.js')
const { lookUp } = require('./map-file.js')

/** Where memory is short it is this process that goes. */
function preferOomKill () {
  try {
    fs.writeFileSync('/proc/self/oom_score_adj', '1000')
  } catch {
    // Elsewhere than on Linux.
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
