'use strict'

const fs = require('node:fs')
const net = require('node:net')
const path = require('node:path')
const { once } = require('node:events')
const { setTimeout: sleep } = require('node:timers/promises')
const { oneLine } = require('../errors.js')
const { metaOf, version } = require('../process-meta.js')
const { startNative } = require('./over-there.js')
const { refused } = require('./process.js')

/** @typedef {import('./inspector.js').Session} Session */
/** @typedef {ReturnType<typeof import('./over-there.js').describe>} Facts */

/** @typedef {{ interval: number, depth: number, maxMemory: number }} How */

const CONNECT_MS = 5000
/** Longest time in which the process comes back to its event loop, and in which it captures. */
const BEGIN_MS = 10000
const CAPTURE_MS = 120000
const CHECKPOINT_MS = 5000

/** @param {number} ms */
function late (ms) {
  return sleep(ms, true, { ref: false })
}

/**
 * Our sampler in another process. It is there for as long as our end of a socket
 * is open: however we end, it stops. The inspector is needed to start it only.
 */
class NativeSampling {
  #server
  #text = ''
  /** @type {net.Socket | undefined} */
  #socket
  /** @type {() => void} */
  #heard = () => {}
  /** @type {() => void} */
  #gone = () => {}

  /** @param {string} folder for the captures */
  constructor (folder) {
    this.folder = folder
    this.#server = net.createServer(socket => this.#accept(socket))
    /** @type {Promise<void>} when the process has let go of the socket: it has ended, or captured */
    this.over = new Promise(resolve => { this.#gone = resolve })
  }

  /** @param {net.Socket} socket */
  #accept (socket) {
    if (this.#socket) return socket.destroy()
    this.#socket = socket
    this.#server.close()
    socket.setEncoding('utf8')
    socket.on('data', part => {
      this.#text += part
      this.#heard()
    })
    socket.on('error', () => {})
    socket.on('close', () => this.#gone())
    this.#heard()
  }

  /**
   * @param {() => boolean} held
   * @param {number} ms
   * @returns {Promise<boolean>} whether it came to be
   */
  async #until (held, ms) {
    const out = late(ms)
    while (!held()) {
      /** @type {Promise<void>} */
      const heard = new Promise(resolve => { this.#heard = resolve })
      if (await Promise.race([heard, this.over, out]) === true || this.#socket?.destroyed) return held()
    }
    return true
  }

  /**
   * @param {Session} session
   * @param {Facts} facts
   * @param {string} file the sampler's binary for that process
   * @param {How} how
   * @param {boolean} inuse whether an in-use type is what will be shown
   * @returns {Promise<{ unknown?: string, unloadable?: string }>} what cannot be told, or why it cannot be loaded
   */
  async start (session, facts, file, how, inuse) {
    const { pid } = session.target
    const socket = path.join(this.folder, 'attached')
    this.#server.listen(socket)
    await once(this.#server, 'listening')
    // The folder is closed to others. Where we are root it is the process's own.
    fs.chmodSync(socket, 0o666)
    if (process.getuid?.() === 0) {
      const { uid, gid } = session.target.owner()
      fs.chownSync(this.folder, uid, gid)
    }
    const { mtimeMs } = fs.statSync(file)
    const { code, message, unknown, why } = await session.evaluate(startNative, {
      file,
      key: `${version} ${mtimeMs} ${file}`,
      how: { ...how, thread: 0 },
      inuse,
      serve: { dir: this.folder, socket, meta: metaOf(facts.about, facts.cwd, 0), gc: false, thread: 0, every: CHECKPOINT_MS }
    })
    if (code === 'ERR_SHAP_FLAME_RUNNING') throw refused(whoSamples(pid, facts.profiled))
    if (code === 'ERR_DLOPEN_FAILED') return { unloadable: `process ${pid} cannot load the sampler, ${oneLine(message ?? code)}` }
    if (code) throw refused(`process ${pid} cannot load the sampler: ${oneLine(message ?? code)}`)
    if (!await this.#until(() => this.#socket !== undefined, CONNECT_MS)) {
      throw refused(`process ${pid} does not reach the folder ${this.folder}; TMPDIR names another place`)
    }
    if (!unknown) return {}
    const known = unknown === 'alloc' ? 'only what is in use is known here' : 'in use is not known here, only what was allocated'
    return { unknown: `${known}: ${why}` }
  }

  /**
   * Has the capture written, and the sampling ended.
   * @param {boolean} gc
   * @returns {Promise<'captured' | 'busy' | 'ended'>} `busy`: it does not come back to its event loop
   */
  async capture (gc) {
    this.#socket?.write(gc ? 'g' : 'c')
    if (!await this.#until(() => this.#text !== '', BEGIN_MS)) return this.#socket?.destroyed ? 'ended' : 'busy'
    if (!await this.#until(() => this.#text.split('\n').length > 2, CAPTURE_MS)) return this.#socket?.destroyed ? 'ended' : 'busy'
    const answer = this.#text.split('\n')[1]
    if (answer !== 'ok') throw refused(`no profile: ${answer}`)
    return 'captured'
  }

  /** Lets the process go: it stops sampling. */
  release () {
    this.#server.close()
    this.#socket?.destroy()
  }
}

/**
 * @param {number} pid
 * @param {boolean} profiled
 */
function whoSamples (pid, profiled) {
  const who = profiled ? 'by the shap-flame that started it' : 'by another profiler, or by another shap-flame attach'
  return `process ${pid} is sampled already, ${who}`
}

module.exports = { NativeSampling, whoSamples }
