'use strict'
/** Buffers in every way that Node knows, many collections amid; prints one line a part. */
const assert = require('node:assert')
const crypto = require('node:crypto')
const fs = require('node:fs')
const http = require('node:http')
const os = require('node:os')
const path = require('node:path')
const { Readable, Transform } = require('node:stream')
const { pipeline } = require('node:stream/promises')
const vm = require('node:vm')
const { promisify } = require('node:util')
const { Worker, isMainThread, parentPort, MessageChannel } = require('node:worker_threads')
const zlib = require('node:zlib')

const WORKERS = 4

/** @param {string} name @param {() => unknown} part */
async function run(name, part) {
  const result = await part()
  console.log(`${name}: ${String(result)}`)
}

async function streams() {
  let bytes = 0
  const source = Readable.from((function * () {
    for (let i = 0; i < 200; i++) yield Buffer.alloc(16384, i)
  })())
  const through = new Transform({ transform: (chunk, _, done) => done(null, Buffer.concat([chunk, chunk])) })
  await pipeline(source, through, async (all) => {
    for await (const chunk of all) bytes += chunk.length
  })
  return bytes
}

async function overHttp() {
  const server = http.createServer((request, response) => request.pipe(response))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(0)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  let bytes = 0
  for (let i = 0; i < 20; i++) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: Buffer.alloc(50000, i) })
    bytes += (await answer.arrayBuffer()).byteLength
  }
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  return bytes
}

async function zipped() {
  const from = Buffer.alloc(2e6, 'shap-flame ')
  const packed = await promisify(zlib.gzip)(from)
  return (await promisify(zlib.gunzip)(packed)).equals(from) && zlib.brotliDecompressSync(zlib.brotliCompressSync(from.subarray(0, 1e5))).length
}

async function hashed() {
  let last = ''
  for (let i = 0; i < 50; i++) last = crypto.createHash('sha256').update(Buffer.alloc(20000, i)).digest('hex')
  const key = await promisify(crypto.scrypt)('word', 'salt', 32, { N: 1024 })
  return last.slice(0, 8) + /** @type {Buffer} */ (key).toString('hex').slice(0, 8) + crypto.randomBytes(10000).length
}

function transferred() {
  let bytes = 0
  for (let i = 0; i < 100; i++) {
    const buffer = new ArrayBuffer(30000)
    bytes += structuredClone(buffer, { transfer: [buffer] }).byteLength + buffer.byteLength
  }
  return bytes
}

function resized() {
  let bytes = 0
  for (let i = 0; i < 50; i++) {
    const buffer = new ArrayBuffer(1000, { maxByteLength: 100000 })
    buffer.resize(50000)
    buffer.resize(10)
    bytes += buffer.byteLength
  }
  return bytes
}

async function blobs() {
  let bytes = 0
  for (let i = 0; i < 20; i++) {
    const blob = new Blob([Buffer.alloc(20000), 'text', new Uint8Array(3000)])
    bytes += (await blob.arrayBuffer()).byteLength + (await blob.slice(0, 10).text()).length
  }
  return bytes
}

async function files() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-stress-'))
  const file = path.join(folder, 'file')
  fs.writeFileSync(file, Buffer.alloc(3e6, 1))
  let bytes = fs.readFileSync(file).length + (await fs.promises.readFile(file)).length
  for await (const chunk of fs.createReadStream(file)) bytes += chunk.length
  fs.rmSync(folder, { recursive: true })
  return bytes
}

function contexts() {
  let bytes = 0
  for (let i = 0; i < 5; i++) bytes += vm.runInNewContext('new Uint8Array(50000).map((_, i) => i).length')
  return bytes
}

async function ports() {
  const { port1, port2 } = new MessageChannel()
  let bytes = 0
  const done = new Promise((resolve) => port2.on('message', (data) => {
    bytes += data.byteLength
    if (bytes === 50 * 20000) resolve(0)
  }))
  for (let i = 0; i < 50; i++) {
    const buffer = new ArrayBuffer(20000)
    port1.postMessage(buffer, [buffer])
  }
  await done
  port1.close()
  return bytes
}

/** Half of the workers end by themselves, half are terminated amid their work. */
async function workers() {
  /** @type {ArrayBuffer[]} */
  const theirs = []
  for (let i = 0; i < WORKERS; i++) {
    const worker = new Worker(__filename, { argv: [i % 2 ? 'endless' : 'once'] })
    worker.on('message', (data) => theirs.push(data))
    const end = new Promise((resolve) => worker.on('exit', resolve))
    if (i % 2) await new Promise((resolve) => worker.once('message', resolve))
    if (i % 2) await worker.terminate()
    await end
  }
  assert.ok(theirs.length >= WORKERS)
  // Memory of a thread that is gone is freed here.
  return theirs.every((data) => new Uint8Array(data)[0] === 7)
}

function work() {
  for (let i = 0; i < 40; i++) {
    Buffer.alloc(30000)
    new Float32Array(5000).fill(1)
  }
  const data = new ArrayBuffer(40000)
  new Uint8Array(data)[0] = 7
  parentPort?.postMessage(data, [data])
}

async function main() {
  await run('streams', streams)
  await run('http', overHttp)
  await run('zlib', zipped)
  await run('crypto', hashed)
  await run('transfer', transferred)
  await run('resizable', resized)
  await run('blob', blobs)
  await run('files', files)
  await run('vm', contexts)
  await run('ports', ports)
  await run('workers', workers)
}

if (isMainThread) main()
else if (process.argv[2] === 'once') work()
else for (;;) work()
