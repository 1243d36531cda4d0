'use strict'
/**
 * A shop's server that never forgets: it serves itself so many requests, then
 * exits. `node leaky-server.js [REQUESTS]`, 4000 by default.
 *
 * Three things stay for good: a session per visitor, the pages rendered so far
 * (their cache has no limit), and a listener's log of every order. What a
 * request parses and renders in passing is garbage.
 */
const http = require('node:http')
const crypto = require('node:crypto')
const { EventEmitter } = require('node:events')

const REQUESTS = Number(process.argv[2] || 4000)
const PRODUCTS = 400

class SessionStore {
  constructor() {
    /** @type {Map<string, object>} */
    this.sessions = new Map()
  }

  /** @param {string} visitor */
  open(visitor) {
    let session = this.sessions.get(visitor)
    if (!session) {
      session = createSession(visitor)
      this.sessions.set(visitor, session)
    }
    return session
  }
}

/** @param {string} visitor */
function createSession(visitor) {
  return { visitor, token: crypto.randomBytes(24).toString('hex'), history: new Array(120).fill(''), basket: [] }
}

class PageCache {
  constructor() {
    /** @type {Map<string, string[]>} */
    this.pages = new Map()
  }

  /** @param {string} key @param {() => string[]} render */
  get(key, render) {
    let page = this.pages.get(key)
    if (!page) {
      page = render()
      this.pages.set(key, page)
    }
    return page
  }
}

class OrderLog extends EventEmitter {
  constructor() {
    super()
    /** @type {object[]} */
    this.orders = []
    this.on('order', (order) => this.remember(order))
  }

  /** @param {any} order */
  remember(order) {
    this.orders.push({ ...order, at: new Date(), lines: order.lines.map(copyLine) })
  }
}

/** @param {any} line */
function copyLine(line) {
  return { ...line, price: line.price * 1.19 }
}

const sessions = new SessionStore()
const cache = new PageCache()
const log = new OrderLog()
const catalogue = loadCatalogue()

function loadCatalogue() {
  return Array.from({ length: PRODUCTS }, (_, id) => ({
    id,
    name: `Product ${id}`,
    price: 5 + (id % 90),
    words: `a fine thing number ${id} for every home and garden`.split(' '),
  }))
}

/** @param {string} text */
function parseQuery(text) {
  const query = Object.fromEntries(new URLSearchParams(text.split('?')[1] || ''))
  return { id: Number(query.id || 0), visitor: query.visitor || 'nobody', search: (query.q || '').toLowerCase() }
}

/** @param {string} word */
function searchCatalogue(word) {
  return catalogue
    .map((product) => ({ product, score: scoreProduct(product, word) }))
    .filter((hit) => hit.score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, 20)
}

/** @param {typeof catalogue[0]} product @param {string} word */
function scoreProduct(product, word) {
  return product.words.filter((w) => w.startsWith(word.slice(0, 3))).length
}

/** @param {string} visitor @param {typeof catalogue[0]} product */
function renderPage(visitor, product) {
  const rows = []
  for (let i = 0; i < 12; i++) rows.push(renderRow(product, visitor, i))
  return rows
}

/** @param {typeof catalogue[0]} product @param {string} visitor @param {number} i */
function renderRow(product, visitor, i) {
  return `<tr><td>${product.name}</td><td>${product.price + i}</td><td>${visitor.toUpperCase()}</td></tr>`.slice(1)
}

/** @param {string} body */
function placeOrder(body) {
  const order = JSON.parse(body)
  log.emit('order', order)
  return { accepted: true, total: order.lines.reduce((/** @type {number} */ sum, /** @type {any} */ line) => sum + line.price, 0) }
}

/** @param {http.IncomingMessage} request @param {http.ServerResponse} response */
async function handleRequest(request, response) {
  const query = parseQuery(request.url || '')
  sessions.open(query.visitor)
  if (request.method === 'POST') return sendJson(response, placeOrder(await readBody(request)))
  if (request.url?.startsWith('/search')) return sendJson(response, searchCatalogue(query.search))
  const product = catalogue[query.id % PRODUCTS]
  const page = cache.get(`${query.visitor}/${query.id}`, () => renderPage(query.visitor, product))
  response.end(page.join('\n'))
}

/** @param {http.IncomingMessage} request */
async function readBody(request) {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

/** @param {http.ServerResponse} response @param {object} value */
function sendJson(response, value) {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(value))
}

/** @param {http.Agent} agent @param {number} port @param {number} i */
function visit(agent, port, i) {
  const visitor = `visitor-${i % 1500}`
  const order = i % 5 === 0 ? orderFor(i) : null
  const path = order ? `/order?visitor=${visitor}` : i % 3 === 0 ? `/search?visitor=${visitor}&q=garden` : `/page?visitor=${visitor}&id=${i}`
  return new Promise((resolve, reject) => {
    const request = http.request({ agent, port, host: '127.0.0.1', path, method: order ? 'POST' : 'GET' }, (response) => {
      response.resume()
      response.on('end', resolve)
    })
    request.on('error', reject)
    request.end(order)
  })
}

/** @param {number} i */
function orderFor(i) {
  return JSON.stringify({ id: i, lines: Array.from({ length: 8 }, (_, n) => ({ product: (i + n) % PRODUCTS, count: n + 1, price: 5 + n })) })
}

/** @param {number} port */
async function visitAll(port) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 })
  for (let i = 0; i < REQUESTS; i += 8) {
    await Promise.all(Array.from({ length: 8 }, (_, n) => visit(agent, port, i + n)))
  }
  agent.destroy()
}

const server = http.createServer((request, response) => {
  handleRequest(request, response).catch((error) => response.destroy(error))
})
server.listen(0, '127.0.0.1', async () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address())
  await visitAll(address.port)
  console.log(`${REQUESTS} requests, ${sessions.sessions.size} sessions, ${cache.pages.size} pages, ${log.orders.length} orders`)
  // with the server open: a closed one would let go of all that it kept
  process.exit()
})
