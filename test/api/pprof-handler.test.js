'use strict'

// Profiles by HTTP, as `go tool pprof` and stores ask for them.

const assert = require('node:assert/strict')
const http = require('node:http')
const { after, before, test } = require('node:test')
const { setTimeout: wait } = require('node:timers/promises')
const { gunzipSync } = require('node:zlib')
const shap = require('../..')

const INTERVAL = 16 * 1024
/** @type {unknown[]} what the app keeps */
const kept = []
/** @type {http.Server} */
let server
let port = 0

function keepSome () {
  for (let i = 0; i < 3000; i++) kept.push({ i, list: [i, i + 1, i + 2] })
}

before(async () => {
  const handler = shap.pprofHandler({ interval: INTERVAL, capturesPerMinute: 200 })
  server = http.createServer((request, response) => handler(request, response, () => response.end('the app\n')))
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  port = /** @type {import('node:net').AddressInfo} */ (server.address()).port
  keepSome()
})

after(async () => {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
  await shap.stop()
})

/**
 * @param {string} path
 * @param {http.RequestOptions} [options]
 * @returns {Promise<{ status: number, headers: http.IncomingHttpHeaders, body: Buffer }>}
 */
function get (path, options = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ port, host: '127.0.0.1', path, ...options }, async response => {
      const parts = []
      for await (const part of response) parts.push(part)
      resolve({ status: Number(response.statusCode), headers: response.headers, body: Buffer.concat(parts) })
    })
    request.on('error', reject)
    request.end()
  })
}

test('heap and allocs are pprof, with the headers of Go', async () => {
  for (const [name, type] of [['heap', 'inuse_space'], ['allocs', 'alloc_space']]) {
    const { status, headers, body } = await get(`/debug/pprof/${name}`)
    assert.equal(status, 200)
    assert.equal(headers['content-type'], 'application/octet-stream')
    assert.equal(headers['content-disposition'], `attachment; filename="${name}"`)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    const profile = await shap.read(body)
    assert.equal(profile.defaultType, type)
    assert.ok(profile.top(3, 'inuse_space').some(row => row.name === 'keepSome'))
  }
})

test('debug=1 is a table as text, folded and flamegraph are what they say', async () => {
  const table = await get('/debug/pprof/heap?debug=1')
  assert.match(String(table.headers['content-type']), /^text\/plain/)
  assert.match(table.body.toString(), /keepSome/)
  assert.match((await get('/debug/pprof/folded?type=alloc_space')).body.toString(), /^.*keepSome \(.*\) \d+$/m)
  const picture = await get('/debug/pprof/flamegraph')
  assert.equal(picture.headers['content-type'], 'image/svg+xml')
  assert.match(picture.body.toString(), /inuse_space/)
})

test('cmdline is what was started, its words separated by NUL', async () => {
  const { body } = await get('/debug/pprof/cmdline')
  assert.deepEqual(body.toString().split('\0'), [process.argv[0], ...process.execArgv, ...process.argv.slice(1)])
})

test('seconds=N is what changed meanwhile', async () => {
  const waits = get('/debug/pprof/allocs?seconds=1')
  await wait(300)
  keepSome()
  const { headers, body } = await waits
  assert.equal(headers['content-disposition'], 'attachment; filename="allocs-delta"')
  const delta = await shap.read(body)
  const whole = await shap.read((await get('/debug/pprof/allocs')).body)
  const [now, all] = [delta, whole].map(profile => profile.top(0, 'alloc_space').find(row => row.name === 'keepSome')?.self.alloc_space ?? 0)
  assert.ok(now > all * 0.3 && now < all * 0.7, `${now} of ${all}`)
  assert.ok(Number(delta.meta.duration_ms) < 3000)
})

test('seconds=N of a flamegraph in use is drawn as a difference', async () => {
  const { body } = await get('/debug/pprof/flamegraph?seconds=1&type=inuse_space')
  assert.match(body.toString(), /grew|shrank|within noise/)
})

test('go tool pprof reads each page without a warning', async () => {
  for (const page of ['heap', 'allocs', 'heap?gc=1', 'allocs?seconds=1']) {
    const { status, stdout, stderr } = await goPprof(page)
    assert.equal(status, 0, stderr)
    assert.match(stdout, page.startsWith('heap') ? /Type: inuse_space/ : /Type: alloc_space/)
    assert.doesNotMatch(stderr, /warning|error|fail/i)
  }
})

/** @param {string} page @returns {Promise<{ status: number | null, stdout: string, stderr: string }>} */
function goPprof (page) {
  const { spawn } = require('node:child_process')
  const child = spawn('go', ['tool', 'pprof', '-top', `http://127.0.0.1:${port}/debug/pprof/${page}`])
  let stdout = '', stderr = ''
  child.stdout.on('data', text => { stdout += text })
  child.stderr.on('data', text => { stderr += text })
  return new Promise(resolve => child.on('close', status => resolve({ status, stdout, stderr })))
}

test('wrong queries are refused as Go does', async () => {
  for (const query of ['seconds=0', 'seconds=-1', 'seconds=x', 'seconds=1.5', 'seconds=3601', 'seconds=1&debug=1', 'type=cpu']) {
    const { status, headers } = await get(`/debug/pprof/heap?${query}`)
    assert.equal(status, 400, query)
    assert.equal(headers['x-go-pprof'], '1')
  }
  for (const name of ['goroutine', 'profile', '../heap', '%2e%2e/heap', 'heap/', '__proto__', 'constructor']) {
    assert.equal((await get(`/debug/pprof/${name}`)).status, name === '../heap' || name === '%2e%2e/heap' ? 200 : 404, name)
  }
})

test('methods other than GET and HEAD are refused, and HEAD has no body', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const { status, headers } = await get('/debug/pprof/heap', { method })
    assert.equal(status, 405)
    assert.equal(headers.allow, 'GET, HEAD')
  }
  const { status, body } = await get('/debug/pprof/heap', { method: 'HEAD' })
  assert.equal(status, 200)
  assert.equal(body.length, 0)
})

test('a foreign Host, and what came through a proxy, is refused', async () => {
  for (const headers of [{ host: 'evil.example' }, { 'x-forwarded-for': '10.1.1.1' }, { forwarded: 'for=10.1.1.1' }, { via: '1.1 proxy' }]) {
    assert.equal((await get('/debug/pprof/heap', { headers })).status, 403)
  }
  for (const host of ['localhost', `127.0.0.1:${port}`, '[::1]:1']) {
    assert.equal((await get('/debug/pprof/cmdline', { headers: { host } })).status, 200)
  }
})

test('other paths are the app\'s, and the index has links that work', async () => {
  assert.equal((await get('/debug/pprofx')).body.toString(), 'the app\n')
  assert.equal((await get('/')).body.toString(), 'the app\n')
  const bare = await get('/debug/pprof')
  assert.equal(bare.status, 308)
  assert.equal(bare.headers.location, '/debug/pprof/')
  const { body } = await get('/debug/pprof/')
  for (const [, link] of body.toString().matchAll(/href="([^"]+)"/g)) {
    if (!link.includes('seconds')) assert.equal((await get(`/debug/pprof/${link}`)).status, 200, link)
  }
})

test('requests that come together share one capture, and the limit of captures is told', async () => {
  const handler = shap.pprofHandler({ capturesPerMinute: 2, prefix: '/p' })
  const few = http.createServer(handler)
  await new Promise(resolve => few.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (few.address())
  const together = await Promise.all(Array.from({ length: 8 }, () => get('/p/heap', { port })))
  assert.deepEqual(together.map(({ status }) => status), Array(8).fill(200))
  await wait(1100)
  assert.equal((await get('/p/heap', { port })).status, 200)
  await wait(1100)
  const { status, headers } = await get('/p/heap', { port })
  assert.equal(status, 429)
  assert.ok(Number(headers['retry-after']) > 0)
  await new Promise(resolve => few.close(resolve))
})

test('a client that goes ends its wait', async () => {
  const request = http.get({ port, host: '127.0.0.1', path: '/debug/pprof/heap?seconds=3000' })
  request.on('error', () => {})
  await wait(200)
  request.destroy()
  assert.equal((await get('/debug/pprof/heap')).status, 200)
})

test('authorize decides, also for a Request', async () => {
  const handler = shap.pprofHandler({ authorize: (/** @type {any} */ request) => new Headers(request.headers).get('x-token') === 'right' })
  const url = 'http://app.example/debug/pprof/heap'
  assert.equal((await handler.fetch(new Request(url))).status, 403)
  const response = await handler.fetch(new Request(url, { headers: { 'x-token': 'right' } }))
  assert.equal(response.status, 200)
  assert.ok(gunzipSync(Buffer.from(await response.arrayBuffer())).length > 0)
  assert.equal((await shap.pprofHandler().fetch(new Request(url))).status, 403)
  assert.equal((await handler.fetch(new Request('http://app.example/other'))).status, 404)
})

test('wrong options are refused', () => {
  for (const options of [{ prefix: 'x' }, { prefix: 1 }, { authorize: true }, { capturesPerMinute: 0 }, null]) {
    assert.throws(() => shap.pprofHandler(/** @type {any} */ (options)), { code: 'ERR_SHAP_FLAME_ARGUMENT' })
  }
})
