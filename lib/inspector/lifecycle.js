'use strict'

/**
 * Checkpoints and the capture at exit of a thread that node:inspector samples. Signals are not
 * handled: the app could see a listener, and a busy loop could no longer be interrupted. There the
 * last checkpoint is used.
 */

const { closeSync, constants, openSync, renameSync, rmSync } = require('node:fs')
const path = require('node:path')
const { oneLine, reason } = require('../common/errors.js')
const { clearTimeout, monotonic, setTimeout, writeSync } = require('../common/node-originals.js')
const { log } = require('../common/log.js')

/** Milliseconds between checks of the memory that samples take, without checkpoints. */
const MIN_BETWEEN_MS = 5000
/** Milliseconds until the first checkpoint. */
const FIRST_MS = 800
/** Checkpoints take at most 1/200 of the time. */
const PAUSES_BETWEEN = 200

/**
 * @typedef {object} ExitCaptureOptions
 * @property {string} dir
 * @property {Record<string, string>} meta
 * @property {number} thread
 * @property {number} [every] minimum milliseconds between checkpoints; undefined: none
 * @property {boolean} fixed always use that time, whatever checkpoints cost
 */

/**
 * Writes to a temporary name first: a reader sees the whole file or none.
 * @param {string} file
 * @param {Uint8Array} bytes
 */
function writeAtomic (file, bytes) {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants
  const temporary = `${file}~`
  const fd = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  try {
    try {
      // Node's writeFileSync() calls fs.writeSync, which the app may have replaced.
      for (let at = 0; at < bytes.byteLength;) at += writeSync(fd, bytes, at)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

class Lifecycle {
  /** @type {ExitCaptureOptions & { file: string } | undefined} */
  #options
  /** @type {NodeJS.Timeout | undefined} */
  #timer
  #capture
  #stop
  #memoryLimited = false
  #ended = false
  #failed = ''

  /**
   * @param {(meta: Record<string, string>) => Uint8Array | undefined} capture
   * @param {() => void} stop the sampling
   */
  constructor (capture, stop) {
    this.#capture = capture
    this.#stop = stop
  }

  /** @param {ExitCaptureOptions} options */
  enableExitCapture (options) {
    const file = path.join(options.dir, `${process.pid}-${Date.now()}-${options.thread}.shfc`)
    this.#options = { ...options, file }
    process.on('exit', () => this.#end())
  }

  /** @param {boolean} memoryLimited whether the memory of samples must be checked */
  start (memoryLimited) {
    this.#memoryLimited = memoryLimited
    this.#schedule()
  }

  stop () {
    clearTimeout(this.#timer)
  }

  /** @param {number} [pause] milliseconds of the last checkpoint */
  #schedule (pause) {
    const { every = 0, fixed = false } = this.#options ?? {}
    clearTimeout(this.#timer)
    if (!every && !this.#memoryLimited) return
    const min = every || MIN_BETWEEN_MS
    const wait = pause === undefined ? Math.min(min, FIRST_MS) : fixed ? min : Math.max(min, pause * PAUSES_BETWEEN)
    this.#timer = setTimeout(() => this.#checkpoint(), Math.min(wait, 2 ** 31 - 1))
    this.#timer.unref()
  }

  #checkpoint () {
    const begun = monotonic()
    if (this.#options?.every) this.#write('running')
    else this.#checkMemory()
    this.#schedule(monotonic() - begun)
  }

  #checkMemory () {
    try {
      this.#capture({})
    } catch {
      // The next capture reports the error.
    }
  }

  /** @param {string} state */
  #write (state) {
    if (!this.#options) return
    const { file, meta } = this.#options
    try {
      const bytes = this.#capture({ ...meta, state })
      if (bytes) writeAtomic(file, bytes)
      this.#failed = ''
    } catch (error) {
      const why = oneLine(reason(error))
      if (why !== this.#failed) log(`no profile of process ${process.pid}, cannot write ${file}: ${why}`)
      this.#failed = why
    }
  }

  #end () {
    if (this.#ended) return
    this.#ended = true
    this.#write('ended')
    this.#stop()
  }
}

module.exports = { Lifecycle }
