'use strict'
/**
 * Does a server under load bear a snapshot each second?
 *
 *   node test/bench/soak.js [--seconds 600] [--beside 300] [--segment 20]
 *                           [--rate 50] [--interval 65536] [--node 26]
 *
 * Two servers live all the while, one alone and one under `shap-flame --every 1
 * --keep 3`; this process sends one of them, then the other, requests at a fixed
 * rate: in all so many seconds to the profiled one, and --beside to the other, in
 * segments. A latency counts from the moment when the request was due. An answer is
 * lost when it does not come, late by 30 s, or is not what was asked for. Ends with 1
 * when one is lost, when the last profile is not whole, or when the profiled server's
 * highest RSS is above the other's by more than the cap of 32 MB.
 */
const { spawn } = require('node:child_process')
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const http = require('node:http')
const os = require('node:os')
const path = require('node:path')
const { setTimeout: sleep } = require('node:timers/promises')
const shap = require('../..')
const { ROOT, quote, digits, table, memory, numbersFrom, onNode, machine } = require('./tools.js')

const CAP_MB = 2 ** 25 / 1e6
const PATIENCE_MS = 30000
const FILE_BYTES = 64 * 1024
const major = Number(process.versions.node.split('.')[0])

/**
 * @typedef {object} Server
 * @property {string} label
 * @property {import('node:child_process').ChildProcess} child the wrapper, where there is one
 * @property {Promise<string>} ended how
 * @property {number} port
 * @property {number} pid of the server itself
 * @property {number[]} late ms, of each answer
 * @property {Map<string, number>} lost reason to count
 * @property {number[]} rss MB, before the first request and after each segment
 */

/** @param {string} label @param {string[]} args @returns {Promise<Server>} */
async function startServer (label, args) {
  const child = spawn(process.execPath, [...args, path.join(__dirname, 'soak-server.js')], { stdio: ['ignore', 'pipe', 'inherit'] })
  /** @type {Promise<string>} */
  const ended = new Promise(resolve => child.once('exit', (code, signal) => resolve(String(signal ?? code))))
  const first = await Promise.race([new Promise(resolve => child.stdout.once('data', resolve)), ended])
  const { port, pid } = JSON.parse(String(first))
  return { label, child, ended, port, pid, late: [], lost: new Map(), rss: [memory('VmRSS', pid)] }
}

/** @param {number} id */
function orderOf (id) {
  const lines = Array.from({ length: 250 }, (_, n) => ({ id: `${id}-${n}`, price: n * 1.5, tags: ['a', 'b', String(n % 7)], nested: { n, id } }))
  return JSON.stringify({ id, user: `user ${id % 9000}`, lines })
}

/** Orders that stand ready, so that this process has little to do. */
const ORDERS = Array.from({ length: 200 }, (_, id) => orderOf(id * 37))

/** @param {http.IncomingMessage} response @param {number} id @param {Buffer} body @param {boolean} isOrder */
function fault (response, id, body, isOrder) {
  if (response.statusCode !== 200) return `status ${response.statusCode}`
  if (response.headers['x-id'] !== String(id)) return 'another answer'
  if (isOrder) return body.includes('"session":{"user":"user ') && body.at(-1) === 0x7d ? '' : 'half an order'
  if (body.length !== FILE_BYTES) return `${body.length} bytes`
  return createHash('sha1').update(body).digest('hex') === response.headers['x-sum'] ? '' : 'other bytes'
}

/**
 * @param {http.Agent} agent @param {Server} server @param {number} id @param {number} due
 * @returns {Promise<void>} when it is answered or lost
 */
function ask (agent, server, id, due) {
  const isOrder = id % 3 > 0
  return new Promise(resolve => {
    const end = (/** @type {string} */ reason) => {
      if (reason) server.lost.set(reason, (server.lost.get(reason) ?? 0) + 1)
      else server.late.push(performance.now() - due)
      resolve()
    }
    const request = http.request({ agent, port: server.port, host: '127.0.0.1', path: `/${id}`, method: isOrder ? 'POST' : 'GET', timeout: PATIENCE_MS }, response => {
      /** @type {Buffer[]} */
      const chunks = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () => end(fault(response, id, Buffer.concat(chunks), isOrder)))
      response.on('error', error => end(error.message))
    })
    request.on('timeout', () => request.destroy(new Error(`no answer in ${PATIENCE_MS / 1000} s`)))
    request.on('error', error => end(error.message))
    request.end(isOrder ? ORDERS[id % ORDERS.length] : undefined)
  })
}

/** @param {http.Agent} agent @param {Server} server @param {number} seconds @param {number} rate @param {number} first id */
async function load (agent, server, seconds, rate, first) {
  const begin = performance.now()
  const pending = []
  for (let i = 0; i < seconds * rate; i++) {
    const due = begin + i / rate * 1000
    const early = due - performance.now()
    if (early > 0) await sleep(early)
    pending.push(ask(agent, server, first + i, due))
  }
  await Promise.all(pending)
  server.rss.push(memory('VmRSS', server.pid))
}

/** @param {number[]} sorted @param {number} share */
const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN

/** @param {string} folder @returns {string[]} names of the snapshots that are kept, oldest first */
function snapshots (folder) {
  const number = (/** @type {string} */ name) => Number(name.split('.').at(-3))
  return fs.readdirSync(folder).filter(name => /\.\d+\.\d+\.pb\.gz$/.test(name)).sort((a, b) => number(a) - number(b))
}

/**
 * Ends it, and reads what it left.
 * @param {Server} server @param {string} folder
 * @returns {Promise<{ problems: string[], written: number, summary: string }>}
 */
async function harvest (server, folder) {
  process.kill(server.pid, 'SIGTERM')
  const how = await server.ended
  const problems = how === 'SIGTERM' ? [] : [`it ended with ${how} instead of SIGTERM`]
  const kept = snapshots(folder)
  const written = Number(kept.at(-1)?.split('.').at(-3) ?? 0)
  if (kept.length !== 3) problems.push(`${kept.length} snapshots are kept instead of 3`)
  const last = await shap.read(path.join(folder, 'last.pb.gz'))
  const names = last.top(0, 'alloc_space').map(({ name }) => name)
  for (const name of ['placeOrder', 'fileOf']) if (!names.includes(name)) problems.push(`${name} is not in the last profile`)
  const { restarts = '0', pause_get_us: get, pause_copy_us: copy } = last.meta
  const summary = `${digits(last.total('alloc_space') / 1e9)} GB allocated; sampling began anew ${restarts} times; held the main thread for ${digits((Number(get) + Number(copy)) / 1000)} ms`
  last.free()
  return { problems, written, summary }
}

/** @param {Server} server @param {number} peak @param {number} written @returns {string[]} */
function rowOf (server, peak, written) {
  const sorted = server.late.sort((a, b) => a - b)
  const lost = [...server.lost.values()].reduce((a, b) => a + b, 0)
  const [start, half, end] = [0, server.rss.length >> 1, server.rss.length - 1].map(i => server.rss[i])
  const cells = [at(sorted, 0.5), at(sorted, 0.9), at(sorted, 0.99), at(sorted, 1), start, half, end, peak].map(digits)
  return [server.label, String(sorted.length + lost), String(lost), ...cells, written ? String(written) : '']
}

async function main () {
  const { seconds, beside, segment, rate, interval, node } = numbersFrom(process.argv.slice(2), { seconds: 600, beside: 300, segment: 20, rate: 50, interval: 65536, node: major })
  if (onNode(node)) return
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-soak-'))
  const wrapper = [path.join(ROOT, 'bin', 'shap-flame.js'), '--every', '1', '--keep', '3', '--interval', String(interval), '--out-dir', folder, '--quiet', '--pprof', path.join(folder, 'last.pb.gz')]
  const alone = await startServer('alone', [])
  const ours = await startServer('shap-flame --every 1 --keep 3', wrapper)
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 })
  const rounds = Math.ceil(seconds / segment)
  for (let i = 0; i < rounds; i++) {
    await load(agent, alone, beside / rounds, rate, i * 10000)
    await load(agent, ours, seconds / rounds, rate, i * 10000)
  }
  agent.destroy()
  const [peakAlone, peak, peakWrapper] = [alone.pid, ours.pid, Number(ours.child.pid)].map(pid => memory('VmHWM', pid))
  alone.child.kill('SIGTERM')
  const { problems, written, summary } = await harvest(ours, folder)
  for (const { label, lost } of [alone, ours]) for (const [reason, count] of lost) problems.push(`${label}: ${count} lost: ${reason}`)
  if (peak > peakAlone + CAP_MB) problems.push(`RSS ${digits(peak)} MB is above ${digits(peakAlone)} + ${digits(CAP_MB)} MB`)
  console.log(`${machine()}; one sample per ${interval} bytes, ${rate} requests a second, ${seconds} s profiled, ${beside} s alone, in turns of ${digits(seconds / rounds)} and ${digits(beside / rounds)} s\n`)
  table(
    ['latency in ms, RSS in MB', 'requests', 'lost', 'p50', 'p90', 'p99', 'max', 'RSS at start', 'half', 'end', 'peak', 'snapshots'],
    [rowOf(alone, peakAlone, 0), rowOf(ours, peak, written)]
  )
  console.log(`the wrapper's own peak: ${digits(peakWrapper)} MB\nthe last profile: ${summary}`)
  const answers = [ours.late.length, ...ours.lost.values()].reduce((a, b) => a + b, 0)
  quote('lost', `${answers - ours.late.length} of ${answers.toLocaleString('en')}`, seconds)
  quote('rise', digits((peak - peakAlone) / CAP_MB))
  for (const problem of problems) console.error(`soak: ${problem}`)
  process.exitCode = problems.length ? 1 : 0
  fs.rmSync(folder, { recursive: true, force: true })
}

main()
