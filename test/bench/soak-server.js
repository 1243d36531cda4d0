'use strict'
/**
 * What soak.js holds under load: a server whose state is bounded, which makes much
 * garbage, on V8's heap and outside of it. It says its port and pid on stdout.
 */
const http = require('node:http')
const { createHash } = require('node:crypto')

const SESSIONS = 4000
const FILES = 150
const FILE_BYTES = 64 * 1024

/** @type {Map<string, object>} */
const sessions = new Map()
/** @type {Map<number, Buffer>} */
const files = new Map()

/** @template K, V @param {Map<K, V>} map @param {K} key @param {V} value @param {number} most */
function keep (map, key, value, most) {
  map.delete(key)
  map.set(key, value)
  if (map.size > most) map.delete(/** @type {K} */ (map.keys().next().value))
  return value
}

/** @param {string} user */
function sessionOf (user) {
  const found = sessions.get(user)
  return keep(sessions, user, found ?? { user, token: createHash('sha1').update(user).digest('hex'), history: new Array(100).fill(0) }, SESSIONS)
}

/** @param {number} id */
function fileOf (id) {
  return files.get(id) ?? keep(files, id, Buffer.alloc(FILE_BYTES, id % 256), FILES)
}

/** @param {string} text */
function placeOrder (text) {
  const order = JSON.parse(text)
  const byTag = new Map()
  for (const line of order.lines) {
    for (const tag of line.tags) byTag.set(tag, [...byTag.get(tag) ?? [], { ...line, price: line.price * 1.19 }])
  }
  return { id: order.id, session: sessionOf(order.user), tags: Object.fromEntries(byTag) }
}

/** @param {http.IncomingMessage} request */
async function bodyOf (request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** @param {http.IncomingMessage} request @param {http.ServerResponse} response */
async function answer (request, response) {
  const id = Number(request.url?.split('/').at(-1))
  response.setHeader('x-id', id)
  if (request.method === 'POST') return response.end(JSON.stringify(placeOrder(String(await bodyOf(request)))))
  const file = fileOf(id % (2 * FILES))
  response.setHeader('x-sum', createHash('sha1').update(file).digest('hex'))
  response.end(Buffer.from(file))
}

const server = http.createServer((request, response) => {
  answer(request, response).catch(error => response.destroy(error))
})
// Connections rest while the other server is asked.
server.keepAliveTimeout = 3600000
server.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  console.log(JSON.stringify({ port, pid: process.pid }))
})
