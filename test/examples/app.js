'use strict'

// A small shop that leaks, and shows its own flamegraph: every visit is remembered
// for good. PORT=8080 node --no-turbo-inlining --no-maglev-inlining app.js
//
// Without the two flags V8 inlines openSession, and counts what it allocates for
// its caller. `shap-flame --no-inlining app.js` sets them for a run.

const http = require('node:http')
const { start, capture } = require('../../lib/index.js')

const PORT = Number(process.env.PORT ?? 8080)

const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>A shop that leaks</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 1200px; padding: 0 1rem; color-scheme: light dark }
  iframe { border: 0; width: 100%; height: 70vh }
</style>
<h1>A shop that leaks</h1>
<form method="post" action="/visits"><button>a thousand more visits</button></form>
<iframe src="/flamegraph.svg" title="What the shop holds, by the functions that allocated it"></iframe>
`

/** @type {{ visitor: number, basket: number[], history: string[] }[]} */
const sessions = []

/** @param {number} visitor */
function openSession (visitor) {
  sessions.push({ visitor, basket: new Array(50).fill(0), history: [`/product/${visitor}`] })
}

/** @param {number} visitor */
function renderPage (visitor) {
  return Array.from({ length: 40 }, (_, row) => `<li>product ${visitor * row}</li>`).join('')
}

/** @param {number} count */
function serveVisits (count) {
  for (let at = 0; at < count; at++) {
    openSession(sessions.length)
    renderPage(at)
  }
}

/** @param {http.ServerResponse} response @param {string} type @param {string | Buffer} body */
function send (response, type, body) {
  response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(body)
}

/** @param {http.ServerResponse} response */
async function sendFlamegraph (response) {
  const profile = await capture({ gc: true })
  send(response, 'image/svg+xml', await profile.toSVG({ type: 'inuse_space', title: 'What the shop holds' }))
  profile.free()
}

const server = http.createServer((request, response) => {
  if (request.method === 'POST' && request.url === '/visits') {
    serveVisits(1000)
    response.writeHead(303, { Location: '/' }).end()
  } else if (request.url === '/flamegraph.svg') {
    sendFlamegraph(response).catch(error => response.writeHead(500).end(String(error)))
  } else {
    send(response, 'text/html', PAGE)
  }
})

start({ interval: 4 * 1024 }).then(() => {
  serveVisits(1000)
  server.listen(PORT, '127.0.0.1', () => {
    console.log(`http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/`)
  })
})
