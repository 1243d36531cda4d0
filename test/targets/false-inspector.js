'use strict'
/**
 * A process that answers SIGUSR1 with what is no inspector of Node's: `false-inspector.js HOW`.
 * Prints `ready`, then each message that comes, in one line of JSON.
 */
const http = require('node:http')
const { WebSocketServer } = require('ws')

const [, , how, port] = process.argv
const about = { argv: ['node', '/x\u001b[31m\u009b31m.js'], execArgv: [], execPath: '/n', version: process.version, platform: 'linux', arch: 'x64', title: '', pid: process.pid, ppid: 1 }
const facts = { about, cwd: '/', abi: process.versions.modules, workers: false, profiled: false, arrayBuffers: 0 }

/** @param {unknown} value */
const valued = (value) => ({ result: { result: { value } } })

/** @type {Record<string, () => object | string>} what is answered; a text goes out as it is */
const ANSWERS = {
  garbage: () => 'not json',
  null: () => 'null',
  list: () => '[1]',
  large: () => valued('x'.repeat(90e6)),
  nothing: () => ({}),
  error: () => ({ error: 5 }),
  thrown: () => ({ result: { exceptionDetails: { text: 'two\nlines\u001b[31m' } } }),
  types: () => valued({ facts: { about: { argv: 5, execArgv: {}, version: {} }, cwd: 7, abi: {} } }),
  path: () => valued({ facts: { ...facts, abi: '../../evil' } }),
  lies: () => valued({ facts, started: { code: 'X\u001b[31m', message: `m\n\u001b[31m${'y'.repeat(1e5)}` } }),
  real: () => valued(undefined),
}

process.on('SIGUSR1', () => {
  const server = http.createServer((_, response) => {
    if (how === 'hang') return
    if (how !== 'endless') return response.end(JSON.stringify([{ type: 'node', id: 'a-b' }]))
    const timer = setInterval(() => response.write('x'.repeat(1 << 20)), 1)
    response.on('close', () => clearInterval(timer))
  })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => socket.on('message', (message) => {
    const { id, method, params } = JSON.parse(String(message))
    console.log(JSON.stringify({ method, orders: /\}\)\((\{.*\}|null), require\)$/.exec(params.expression)?.[1] }))
    const answer = ANSWERS[how]()
    socket.send(typeof answer === 'string' ? answer : JSON.stringify({ id, ...answer }))
  }))
  server.listen(Number(port), '127.0.0.1')
})
setInterval(() => {}, 1000)
console.log('ready')
