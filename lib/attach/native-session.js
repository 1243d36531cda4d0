'use strict'

const fs = require('node:fs')
const net = require('node:net')
const path = require('node:path')
const { once } = require('node:events')
const { setTimeout: sleep } = require('node:timers/promises')
const { version } = require('../common/metadata.js')
const { shortText } = require('./validate-answers.js')
const { refused } = require('./proc-info.js')

/** @typedef {import('./remote-functions.js').Facts} Facts */
/** @typedef {import('./remote-functions.js').AttachRequest} AttachRequest */
/** @typedef {import('./remote-functions.js').Started} Started */

/** The module that begins sources of labels. */
const LABEL_SOURCES = path.join(__dirname, '..', 'labels', 'sources', 'index.js')
const CONNECT_MS = 5000
/** Timeouts for the process to return to its event loop, and to capture. */
const BEGIN_MS = 10000
const CAPTURE_MS = 120000
const CHECKPOINT_MS = 5000
/** The answer has two short lines. */
const MAX_TEXT = 1000

/** @param {number} ms */
function timeout (ms) {
  return sleep(ms, true, { ref: false })
}

/**
 * Our sampler in another process. It stops when our end of the socket closes, however we exit. The
 * inspector is needed only to start it.
 */
class NativeSession {
  #server
  #text = ''
  /** @type {net.Socket | undefined} */
  #socket
  /** @type {() => void} */
  #onChange = () => {}
  /** @type {() => void} */
  #onClose = () => {}

  /** @param {import('./capture-folder.js').AttachFolder} folder for the captures */
  constructor (folder) {
    this.folder = folder
    this.#server = net.createServer(socket => this.#accept(socket))
    /** @type {Promise<void>} resolves when the process has closed the socket: it has exited, or captured */
    this.done = new Promise(resolve => { this.#onClose = resolve })
  }

  /** @param {net.Socket} socket */
  #accept (socket) {
    if (this.#socket) return socket.destroy()
    this.#socket = socket
    this.#server.close()
    socket.setEncoding('utf8')
    socket.on('data', part => {
      this.#text += part
      if (this.#text.length > MAX_TEXT) socket.destroy()
      this.#onChange()
    })
    socket.on('error', () => {})
    socket.on('close', () => this.#onClose())
    this.#onChange()
  }

  /**
   * @param {() => boolean} condition
   * @param {number} ms
   * @returns {Promise<boolean>} whether the condition became true
   */
  async #until (condition, ms) {
    const timedOut = timeout(ms)
    while (!condition()) {
      /** @type {Promise<void>} */
      const change = new Promise(resolve => { this.#onChange = resolve })
      if (await Promise.race([change, this.done, timedOut]) === true || this.#socket?.destroyed) return condition()
    }
    return true
  }

  /**
   * @param {{ abi: string, file: string }[]} samplers
   * @param {Omit<AttachRequest['how'], 'thread'>} how
   * @param {boolean} inuse whether an in-use type is shown
   * @param {string[]} labels sources of labels
   * @returns {Promise<Omit<AttachRequest, 'pid' | 'keepMs'>>} the request
   *   for attachSelf(); from now on its sampler can connect
   */
  async request (samplers, how, inuse, labels) {
    const { socket, captures } = this.folder
    this.#server.listen(socket)
    await once(this.#server, 'listening')
    this.folder.giveSocket()
    return {
      platform: process.platform,
      arch: process.arch,
      samplers: samplers.map(({ abi, file }) => ({ abi, file, key: `${version} ${fs.statSync(file).mtimeMs} ${file}` })),
      how: { ...how, thread: 0 },
      flags: [],
      inuse,
      ...(labels.length > 0 ? { labels: { file: LABEL_SOURCES, names: labels } } : {}),
      serve: { dir: captures, socket, gc: false, thread: 0, every: CHECKPOINT_MS }
    }
  }

  /**
   * @param {Facts} facts
   * @param {Started} started
   * @returns {Promise<{ limits: string[], unloadable?: string }>} types that are not sampled, or why the sampler did not load
   */
  async confirmStart ({ about: { pid }, profiled }, { code, message, unknown, why, offheap, labels }) {
    const text = shortText(message ?? code)
    if (code === 'ERR_SHAP_FLAME_RUNNING') throw refused(ownerReason(pid, profiled))
    if (code === 'ERR_DLOPEN_FAILED') return { limits: [], unloadable: `process ${pid} cannot load the sampler, ${text}` }
    if (code) throw refused(`process ${pid} cannot load the sampler: ${text}`)
    if (!await this.#until(() => this.#socket !== undefined, CONNECT_MS)) {
      throw refused(`process ${pid} cannot access the folder ${this.folder.captures}; set TMPDIR to use another`)
    }
    const known = unknown === 'alloc' ? 'only memory in use is known here' : 'memory in use is not known here, only allocations'
    return {
      limits: [
        ...(unknown ? [`${known}: ${shortText(why)}`] : []),
        ...(offheap ? [`Buffers and ArrayBuffers are not sampled: ${shortText(offheap)}`] : []),
        ...(labels ? [shortText(labels)] : [])
      ]
    }
  }

  /**
   * Has the process write its capture and stop sampling.
   * @param {boolean} gc
   * @returns {Promise<'captured' | 'busy' | 'ended'>} `busy`: it does not return to its event loop
   */
  async capture (gc) {
    this.#socket?.write(gc ? 'g' : 'c')
    if (!await this.#until(() => this.#text !== '', BEGIN_MS)) return this.#socket?.destroyed ? 'ended' : 'busy'
    if (!await this.#until(() => this.#text.split('\n').length > 2, CAPTURE_MS)) return this.#socket?.destroyed ? 'ended' : 'busy'
    const answer = this.#text.split('\n')[1]
    if (answer !== 'ok') throw refused(`no profile: ${shortText(answer)}`)
    return 'captured'
  }

  /** Stops sampling in the process. */
  release () {
    this.#server.close()
    this.#socket?.destroy()
  }
}

/**
 * @param {number} pid
 * @param {boolean} profiled
 */
function ownerReason (pid, profiled) {
  const who = profiled ? 'the shap-flame that started it' : 'another profiler or another shap-flame attach'
  return `process ${pid} is already sampled by ${who}`
}

module.exports = { NativeSession, ownerReason }
