'use strict'

/** Opens, finds, uses and closes the inspector of another process. */

const http = require('node:http')
const { setTimeout: sleep } = require('node:timers/promises')
const WebSocket = require('ws')
const { objectOf, parseObject, shortText } = require('./validate-answers.js')
const { expressionOf, closeInspector, keepOpen } = require('./remote-functions.js')
const { checkSigusr1, isLoopback, refused } = require('./proc-info.js')

/** @typedef {import('./proc-info.js').TargetProcess} TargetProcess */
/** @typedef {import('./proc-info.js').Listening} Listening */

const OPEN_MS = 5000
const ANSWER_MS = 10000
const HTTP_MS = 2000
/** How long to wait for a port that another process uses. */
const PORT_WAIT_MS = 3000
const POLL_MS = 20
/** An inspector that we opened closes itself after this time without a message. */
const KEEP_MS = 5000
/** How long to wait for an inspector to close. */
const CLOSE_WAIT_MS = 1500
/** Maximum size of answers: the list of targets, a message, a message that may contain a profile. */
const LIST_BYTES = 1 << 16
const MESSAGE_BYTES = 1 << 23
const PROFILE_BYTES = 1 << 29

/**
 * @param {string} host
 * @param {number} port
 * @returns {Promise<string | undefined>} its WebSocket URL; undefined if no inspector answers
 */
function findDebuggerUrl (host, port) {
  return new Promise(resolve => {
    const request = http.get({ host, port, path: '/json/list', agent: false }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', part => {
        text += part
        if (text.length > LIST_BYTES) request.destroy()
      })
      response.on('end', () => resolve(parseUrl(text, host, port)))
      response.on('error', () => resolve(undefined))
      response.on('close', () => resolve(undefined))
    })
    const timeout = setTimeout(() => request.destroy(), HTTP_MS)
    request.on('error', () => resolve(undefined))
    request.on('close', () => {
      clearTimeout(timeout)
      resolve(undefined)
    })
  })
}

/**
 * @param {string} text the answer to /json/list
 * @param {string} host
 * @param {number} port
 */
function parseUrl (text, host, port) {
  try {
    const { id, type } = JSON.parse(text)[0]
    const at = host.includes(':') ? `[${host}]` : host
    return type === 'node' && /^[\w-]{1,100}$/.test(id) ? `ws://${at}:${port}/${id}` : undefined
  } catch {
    return undefined
  }
}

/** @param {readonly Listening[]} sockets */
async function firstInspector (sockets) {
  for (const { host, port } of sockets) {
    const url = await findDebuggerUrl(host, port)
    if (url) return { url, port }
  }
  return undefined
}

/**
 * Finds an inspector that is already open. Only its configured port is tried: the others belong to the
 * app's servers.
 *
 * @param {TargetProcess} target
 * @param {number | undefined} port from the user
 */
function findOpen (target, port) {
  const configured = target.inspector()
  const own = target.listening().filter(socket => socket.own)
  const expectedPort = port ?? configured.port
  const anywhere = port === undefined && configured.open && configured.port === 0
  return firstInspector(own.filter(socket => anywhere ? isLoopback(socket) : socket.port === expectedPort))
}

/**
 * @param {TargetProcess} target
 * @param {number} port where its inspector would open; 0: any
 */
async function waitForPort (target, port) {
  const end = Date.now() + PORT_WAIT_MS
  while (port !== 0 && target.listening().some(socket => socket.port === port && isLoopback(socket))) {
    if (Date.now() > end) {
      throw refused(`process ${target.pid} would open its inspector on port ${port}, which is in use: free the port, or start the process with --inspect-port=0`)
    }
    await sleep(10 * POLL_MS)
  }
}

/**
 * @param {TargetProcess} target
 * @param {ReadonlySet<string>} before inodes of sockets that already listened
 */
function newInspector (target, before) {
  return firstInspector(target.listening().filter(socket => socket.own && !before.has(socket.inode)))
}

/**
 * @param {TargetProcess} target
 * @param {ReadonlySet<string>} before inodes of sockets that already listen
 * @returns {Promise<{ url: string, port: number }>}
 */
async function openBySignal (target, before) {
  checkSigusr1(target)
  const unsent = target.signal('SIGUSR1')
  if (unsent) throw refused(unsent)
  for (const end = Date.now() + OPEN_MS; Date.now() < end; await sleep(POLL_MS)) {
    const found = await newInspector(target, before)
    if (found) return found
    if (!target.alive()) throw refused(`process ${target.pid} ended before its inspector opened`)
  }
  if (target.stopped()) throw refused(`process ${target.pid} is stopped: resume it with kill -CONT ${target.pid}; its inspector then opens and stays open`)
  throw refused(`process ${target.pid} opened no inspector within ${OPEN_MS / 1000} s: it may handle SIGUSR1 itself, or have its inspector on another port (--inspect-port PORT); a busy process opens it later, and it stays open`)
}

/**
 * @param {TargetProcess} target
 * @param {string} url
 * @param {number} max bytes of one message
 * @returns {Promise<WebSocket>} connected
 */
function connect (target, url, max) {
  const socket = new WebSocket(url, { perMessageDeflate: false, handshakeTimeout: ANSWER_MS, maxPayload: max })
  return new Promise((resolve, reject) => {
    socket.once('error', () => reject(refused(`process ${target.pid} refused the connection to its inspector`)))
    socket.once('open', () => resolve(socket))
  })
}

/**
 * @typedef {object} Opened an inspector that we opened and must close
 * @property {number} port
 * @property {ReadonlySet<string>} before inodes of sockets that already listened
 */

/** One connection to an inspector. */
class DebuggerSession {
  #socket
  #url
  #opened
  #last = 0
  /** Why we closed the connection, if we did. */
  #failure = ''
  /** @type {Map<number, (answer: Record<string, any>) => void>} */
  #pending = new Map()
  /** @type {Map<string, () => void>} */
  #listeners = new Map()

  /**
   * @param {WebSocket} socket connected
   * @param {string} url
   * @param {TargetProcess} target
   * @param {Opened | undefined} opened undefined: it was already open, and stays open
   */
  constructor (socket, url, target, opened) {
    this.#socket = socket
    this.#url = url
    this.#opened = opened
    this.target = target
    /** @type {Promise<void>} */
    this.closed = new Promise(resolve => socket.once('close', () => resolve()))
    this.closed.then(() => this.#rejectPending())
    socket.on('message', data => this.#receive(String(data)))
    socket.on('error', error => this.#fail(/** @type {NodeJS.ErrnoException} */ (error).code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 'its answer is too large' : ''))
  }

  /**
   * @param {TargetProcess} target
   * @param {number | undefined} port
   * @returns {Promise<DebuggerSession>}
   */
  static async open (target, port) {
    const open = await findOpen(target, port)
    if (!open) await waitForPort(target, target.inspector().port)
    if (open) return new DebuggerSession(await connect(target, open.url, MESSAGE_BYTES), open.url, target, undefined)
    const before = new Set(target.listening().map(socket => socket.inode))
    const { url, port: openedPort } = await openBySignal(target, before)
    return new DebuggerSession(await connect(target, url, MESSAGE_BYTES), url, target, { port: openedPort, before })
  }

  /** @returns {Promise<DebuggerSession>} a new connection that accepts profiles; this one is closed */
  async forProfiles () {
    const socket = await connect(this.target, this.#url, PROFILE_BYTES)
    this.#socket.close()
    return new DebuggerSession(socket, this.#url, this.target, this.#opened)
  }

  /** How long the inspector stays open without a message; 0: always. */
  get keepMs () {
    return this.#opened ? KEEP_MS : 0
  }

  /** @param {string} why */
  #fail (why) {
    this.#failure ||= why
    this.#socket.terminate()
  }

  /** @param {string} text */
  #receive (text) {
    const message = parseObject(text)
    if (!message) return this.#fail('its answer is not a message of an inspector')
    if (message.id === undefined) return this.#listeners.get(message.method)?.()
    this.#pending.get(message.id)?.(message)
    this.#pending.delete(message.id)
  }

  #rejectPending () {
    const answers = [...this.#pending.values()]
    this.#pending.clear()
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
   * @param {number} [ms] timeout
   * @returns {Promise<Record<string, any>>} the result
   */
  async call (method, params = {}, ms = ANSWER_MS) {
    const id = ++this.#last
    /** @type {Promise<Record<string, any>>} */
    const answered = new Promise(resolve => this.#pending.set(id, resolve))
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ id, method, params }))
    else this.#rejectPending()
    const timer = new AbortController()
    const timeout = sleep(ms, { timeout: true }, { signal: timer.signal }).catch(() => ({ timeout: true }))
    const answer = /** @type {Record<string, any>} */ (await Promise.race([answered, timeout]))
    timer.abort()
    const { pid } = this.target
    if (answer.gone && this.#failure) throw refused(`process ${pid} cannot be sampled: ${this.#failure}`)
    if (answer.gone) throw refused(`process ${pid} has ended, or its inspector was closed`)
    if (answer.timeout) throw refused(`process ${pid} did not answer within ${ms / 1000} s: it is busy or stopped`)
    const { result, error } = answer
    if (error) throw new Error(`${method}: ${shortText(objectOf(error)?.message ?? 'an error without a message')}`)
    const object = objectOf(result)
    if (!object) throw refused(`process ${pid} cannot be sampled: its answer to ${method} is not a result of an inspector`)
    return object
  }

  /**
   * Runs a function in the other process.
   *
   * @template A
   * @param {(argument: A, require: NodeRequire) => unknown} body of remote-functions.js
   * @param {A} argument
   * @param {number} [ms]
   * @returns {Promise<unknown>} a copy of its result; not validated
   */
  async evaluate (body, argument, ms) {
    const { result, exceptionDetails } = await this.call('Runtime.evaluate', evaluation(body, argument), ms)
    if (!exceptionDetails) return objectOf(result)?.value
    const { exception, text } = objectOf(exceptionDetails) ?? {}
    const message = String(objectOf(exception)?.description ?? text).split('\n')[0]
    throw refused(`process ${this.target.pid} cannot be sampled: ${shortText(message)}`)
  }

  /**
   * Keeps the inspector open for a while.
   * @param {number} ms
   */
  async keep (ms) {
    if (this.#opened) await this.evaluate(keepOpen, ms)
  }

  /** The process is exiting and waits for us to disconnect: nothing may run in it any more. */
  leave () {
    this.#opened = undefined
  }

  /** Closes the inspector if we opened it, and the connection. */
  async close () {
    if (this.#opened && this.#socket.readyState === WebSocket.OPEN) {
      // There is no answer, because this connection is closed too. A busy process does it later.
      this.#socket.send(JSON.stringify({ id: ++this.#last, method: 'Runtime.evaluate', params: evaluation(closeInspector, null) }))
      await Promise.race([this.closed, sleep(HTTP_MS, undefined, { ref: false })])
    }
    this.#socket.close()
    await Promise.race([this.closed, sleep(HTTP_MS / 4, undefined, { ref: false })])
    this.#socket.terminate()
  }

  /**
   * Checks that the inspector that we closed is closed; if not, asks once more.
   * @returns {Promise<string | undefined>} a warning if it is still open
   */
  async stillOpenNote () {
    const { target } = this
    if (!this.#opened || await this.#isGone(this.#opened)) return undefined
    const { port } = this.#opened
    const url = (await firstInspector(this.#listening(this.#opened)))?.url
    const retry = url && await connect(target, url, MESSAGE_BYTES).then(socket => new DebuggerSession(socket, url, target, this.#opened), () => undefined)
    if (retry) await retry.close()
    if (await this.#isGone(this.#opened)) return undefined
    return `the inspector of process ${target.pid} is still open on port ${port}: until it closes, every local user can run code in the process`
  }

  /** @param {Opened} opened */
  #listening ({ port, before }) {
    return this.target.listening().filter(socket => socket.own && socket.port === port && !before.has(socket.inode))
  }

  /** @param {Opened} opened */
  async #isGone (opened) {
    for (const end = Date.now() + CLOSE_WAIT_MS; Date.now() < end; await sleep(5 * POLL_MS)) {
      if (this.#listening(opened).length === 0 || !this.target.alive()) return true
    }
    return false
  }
}

/**
 * @param {Function} body
 * @param {unknown} argument
 */
function evaluation (body, argument) {
  return { expression: expressionOf(body, argument), includeCommandLineAPI: true, returnByValue: true, silent: true }
}

module.exports = { ANSWER_MS, DebuggerSession }
