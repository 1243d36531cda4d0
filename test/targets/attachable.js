'use strict'
/**
 * A server to attach to: each request keeps an array and answers with how many
 * there are. Prints `listening PORT`. Paths have effects: /exit ends it with 7, /end lets
 * its loop run dry, /winch has it send itself a signal, /busy?FILE keeps its thread busy until the file is there,
 * /state tells what an attach could leave.
 */
const fs = require('node:fs')
const http = require('node:http')

/** @type {unknown[]} */
const kept = []

function leakArray() {
  kept.push(new Array(1000).fill(kept.length))
}

function makeGarbage() {
  return new Array(300).fill(kept.length).length
}

/** @param {string} file */
function keepBusy(file) {
  // calls that nothing inlines: V8 serves its interrupts where a function begins
  for (const end = Date.now() + 60000; Date.now() < end && !fs.existsSync(file);) new Function('return 1')()
}

function stateText() {
  const { memoryUsage: _, ...counted } = process
  return JSON.stringify({
    listeners: process.eventNames().map((name) => `${String(name)} ${process.listenerCount(name)}`),
    resources: process.getActiveResourcesInfo().filter((name) => name !== 'TCPSocketWrap').sort(),
    properties: Object.keys(counted).length,
    cached: Object.keys(require.cache),
    modules: Reflect.get(process, 'moduleLoadList').length,
  })
}

const server = http.createServer((request, response) => {
  leakArray()
  makeGarbage()
  if (request.url === '/exit') process.exit(7)
  if (request.url === '/winch') process.kill(process.pid, 'SIGWINCH')
  response.end(request.url === '/state' ? stateText() : String(kept.length))
  if (request.url === '/end') server.close()
  if (request.url?.startsWith('/busy?')) setImmediate(keepBusy, request.url.slice('/busy?'.length))
})
server.listen(0, '127.0.0.1', () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address())
  console.log(`listening ${address.port}`)
})
