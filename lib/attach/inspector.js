'use strict'

/** The inspector of another process: opened, found, spoken to, and closed again. */

const http = require('node:http')
const { setTimeout: sleep } = require('node:timers/promises')
const WebSocket = require('ws')
const { closeInspector, keepOpen } = require('./over-there.js')
const { checkSigusr1, refused } = require('./process.js')

/** @typedef {import('./process.js').TargetProcess} TargetProcess */
/** @typedef {import('./process.js').Listening} Listening */

const OPEN_MS = 5000
const ANSWER_MS = 10000
const HTTP_MS = 2000
/** How long a port that another process holds is waited for. */
const TAKEN_MS = 3000
const POLL_MS = 20
/** An inspector that we opened closes itself that long after it heard of us last. */
const KEEP_MS = 30000

/**
 * @param {string} host
 * @param {number} port
 * @returns {Promise<string | undefined>} the address to speak to; undefined where no inspector answers
 */
function askFor (host, port) {
  return new Promise(resolve => {
    const request = http.get({ host, port, path: '/json/list', timeout: HTTP_MS, agent: false }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', part => { text += part })
      response.on('end', () => resolve(addressIn(text, host, port)))
      response.on('error', () => resolve(undefined))
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(undefined))
  })
}

/**
 * @param {string} text what /json/list answered
 * @param {string} host
 * @param {number} port
 */
function addressIn (text, host, port) {
  try {
    const { id, type } = JSON.parse(text)[0]
    const at = host.includes(':') ? `[${host}]` : host
    return type === 'node' && /^[\w-]+$/.test(id) ? `ws://${at}:${port}/${id}` : undefined
  } catch {
    return undefined
  }
}

/** @param {readonly Listening[]} sockets */
async function firstInspector (sockets) {
  for (const { host, port } of sockets) {
    const url = await askFor(host, port)
    if (url) return { url, port }
  }
  return undefined
}

/**
 * An inspector that is open already is asked at the port that it was told only:
 * others are the app's, which would answer with its own pages.
 *
 * @param {TargetProcess} target
 * @param {number | undefined} port that the user told
 */
function findOpen (target, port) {
  const told = target.inspector()
  const own = target.listening().filter(socket => socket.own)
  const wanted = port ?? told.port
  const anywhere = port === undefined && told.open && told.port === 0
  return firstInspector(own.filter(socket => anywhere ? isLoopback(socket) : socket.port === wanted))
}

/** @param {Listening} socket */
function isLoopback ({ host }) {
  return host.startsWith('127.') || host === '::1' || /^(0:){7}1$/.test(host)
}

/**
 * @param {TargetProcess} target
 * @param {number} port where its inspector would open; 0 is any
 */
async function waitForPort (target, port) {
  const end = Date.now() + TAKEN_MS
  while (port !== 0 && target.listening().some(socket => socket.port === port && isLoopback(socket))) {
    if (Date.now() > end) {
      throw refused(`process ${target.pid} would open its inspector on port ${port}, which is taken: free it, or start the process with --inspect-port=0`)
    }
    await sleep(10 * POLL_MS)
  }
}

/**
 * @param {TargetProcess} target
 * @returns {Promise<{ url: string, port: number }>}
 */
async function openBySignal (target) {
  const before = new Set(target.listening().map(socket => socket.inode))
  try {
    process.kill(target.pid, 'SIGUSR1')
  } catch {
    throw refused(`process ${target.pid} has ended`)
  }
  for (const end = Date.now() + OPEN_MS; Date.now() < end; await sleep(POLL_MS)) {
    const found = await firstInspector(target.listening().filter(socket => socket.own && !before.has(socket.inode)))
    if (found) return found
    if (!target.alive()) throw refused(`process ${target.pid} ended before its inspector opened`)
  }
  if (target.stopped()) throw refused(`process ${target.pid} is stopped: kill -CONT ${target.pid} lets it run on`)
  throw refused(`process ${target.pid} opened no inspector within ${OPEN_MS / 1000} s: it may have a SIGUSR1 listener of its own, or the inspector open on another port (--inspect-port PORT)`)
}

/** One connection to an inspector. */
class Session {
  #socket
  #last = 0
  /** @type {Map<number, (answer: any) => void>} */
  #waiting = new Map()
  /** @type {Map<string, () => void>} */
  #listeners = new Map()

  /**
   * @param {WebSocket} socket connected
   * @param {TargetProcess} target
   * @param {boolean} ours whether the inspector was opened by us, and is to be closed
   */
  constructor (socket, target, ours) {
    this.#socket = socket
    this.target = target
    this.ours = ours
    /** @type {Promise<void>} */
    this.closed = new Promise(resolve => socket.once('close', () => resolve()))
    this.closed.then(() => this.#answerAll())
    socket.on('message', data => this.#receive(String(data)))
    socket.on('error', () => socket.terminate())
  }

  /**
   * @param {TargetProcess} target
   * @param {number | undefined} port
   * @returns {Promise<Session>} with nothing said yet
   */
  static async open (target, port) {
    const open = await findOpen(target, port)
    if (!open) {
      checkSigusr1(target)
      await waitForPort(target, target.inspector().port)
    }
    const { url } = open ?? await openBySignal(target)
    const socket = new WebSocket(url, { perMessageDeflate: false, handshakeTimeout: ANSWER_MS })
    return new Promise((resolve, reject) => {
      socket.once('error', () => reject(refused(`process ${target.pid} does not let us connect to its inspector`)))
      socket.once('open', () => resolve(new Session(socket, target, !open)))
    })
  }

  /** @param {string} text */
  #receive (text) {
    const message = JSON.parse(text)
    if (message.id === undefined) return this.#listeners.get(message.method)?.()
    this.#waiting.get(message.id)?.(message)
    this.#waiting.delete(message.id)
  }

  #answerAll () {
    const answers = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const answer of answers) answer({ gone: true })
  }

  /**
   * @param {string} event
   * @param {() => void} action
   */
  on (event, action) {
    this.#listeners.set(event, action)
  }

  /**
   * @param {string} method
   * @param {object} [params]
   * @param {number} [ms] time that the answer may take
   * @returns {Promise<any>} the result
   */
  async call (method, params = {}, ms = ANSWER_MS) {
    const id = ++this.#last
    /** @type {Promise<any>} */
    const answered = new Promise(resolve => this.#waiting.set(id, resolve))
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ id, method, params }))
    else this.#answerAll()
    const timer = new AbortController()
    const late = sleep(ms, { late: true }, { signal: timer.signal }).catch(() => ({ late: true }))
    const { result, error, gone, late: isLate } = await Promise.race([answered, late])
    timer.abort()
    if (gone) throw refused(`process ${this.target.pid} has ended, or its inspector was closed`)
    if (isLate) throw refused(`process ${this.target.pid} does not answer its inspector within ${ms / 1000} s: it is busy, or stopped`)
    if (error) throw new Error(`${method}: ${error.message}`)
    return result
  }

  /**
   * Runs a function over there. It stands alone: nothing of ours is in its reach.
   *
   * @template A, R
   * @param {(argument: A, require: NodeRequire) => R} body
   * @param {A} argument
   * @param {number} [ms]
   * @returns {Promise<R>} a copy of what it returned
   */
  async evaluate (body, argument, ms) {
    const { result, exceptionDetails } = await this.call('Runtime.evaluate', expression(body, argument), ms)
    if (!exceptionDetails) return result.value
    const { exception, text } = exceptionDetails
    throw refused(`process ${this.target.pid} cannot be sampled: ${(exception?.description ?? text).split('\n')[0]}`)
  }

  /** Has the inspector stay open for a while. */
  async keep () {
    if (this.ours) await this.evaluate(keepOpen, KEEP_MS)
  }

  /** Leaves the inspector as it was found. */
  async close () {
    if (this.ours && this.#socket.readyState === WebSocket.OPEN) {
      // There is no answer: it closes this connection too. A process that is
      // busy now does it when it comes to it.
      this.#socket.send(JSON.stringify({ id: ++this.#last, method: 'Runtime.evaluate', params: expression(closeInspector, null) }))
      await Promise.race([this.closed, sleep(HTTP_MS, undefined, { ref: false })])
    }
    this.#socket.close()
    await Promise.race([this.closed, sleep(HTTP_MS / 4, undefined, { ref: false })])
    this.#socket.terminate()
  }
}

/**
 * @param {Function} body
 * @param {unknown} argument
 */
function expression (body, argument) {
  return {
    expression: `(${body})(${JSON.stringify(argument)}, require)`,
    includeCommandLineAPI: true,
    returnByValue: true,
    silent: true
  }
}

module.exports = { Session, KEEP_MS }
