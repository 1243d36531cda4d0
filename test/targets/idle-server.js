'use strict'
/**
 * An http server that answers on a port of 127.0.0.1 and waits for a signal.
 * Prints `listening PORT` when it is ready. With the argument `handler` it
 * handles SIGTERM itself: closes and exits with 0.
 */
const http = require('node:http')
/** @type {Map<number, string[]>} */
const sessions = new Map()
let requests = 0

/** @param {number} id */
function openSession(id) {
  sessions.set(id, new Array(500).fill(`session ${id}`))
}

const server = http.createServer((request, response) => {
  openSession(requests++)
  response.end(`${request.url} ${requests}\n`)
})
if (process.argv[2] === 'handler') {
  process.on('SIGTERM', () => {
    console.log('closing')
    server.close(() => process.exit(0))
    server.closeAllConnections()
  })
}
server.listen(0, '127.0.0.1', () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address())
  console.log(`listening ${address.port}`)
})
