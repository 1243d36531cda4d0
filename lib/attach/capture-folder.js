'use strict'

/**
 * The folder to which an attached process writes its captures. If root attaches to another user's
 * process, that user owns the folder, inside one of root's that nobody else can change. It is
 * accessed by its descriptor and plain names, so that links cannot lead elsewhere, and only regular
 * files of that user are read.
 */

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { STATUS, CliError, reason } = require('../common/errors.js')

/** @typedef {{ uid: number, gid: number }} Owner */

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = fs.constants
/** A socket's path may have 107 bytes; the folder's own name needs some of them. */
const MAX_PARENT_LENGTH = 80
/** Maximum names in the folder: a process leaves two at a time. */
const MAX_NAMES = 1000
const MAX_BYTES = 2 ** 30
const TRIES = 5
const CAPTURES = 'captures'
const SOCKET = 'attached'

/**
 * @param {number} descriptor of a folder
 * @param {string} [name] in it
 * @returns {string} a path that stays valid when the folder is renamed
 */
function pathIn (descriptor, name) {
  const folder = `/proc/self/fd/${descriptor}`
  return name === undefined ? folder : `${folder}/${name}`
}

/** @param {string} folder */
function openFolder (folder) {
  return fs.openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
}

/**
 * @param {number} descriptor of a folder
 * @returns {{ names: string[], all: boolean }} the first of its names; `all`: whether there are no more
 */
function namesIn (descriptor) {
  /** @type {string[]} */
  const names = []
  const folder = fs.opendirSync(pathIn(descriptor))
  try {
    for (let entry; (entry = folder.readSync()) !== null;) {
      if (names.length === MAX_NAMES) return { names, all: false }
      names.push(entry.name)
    }
  } finally {
    folder.closeSync()
  }
  return { names, all: true }
}

class AttachFolder {
  #top
  #inner
  #owner
  /** @type {string} */
  #path

  /**
   * @param {Owner} owner of the process
   * @param {string} [parent]
   */
  constructor (owner, parent = os.tmpdir().length > MAX_PARENT_LENGTH ? '/tmp' : os.tmpdir()) {
    this.#owner = owner
    try {
      this.#path = fs.mkdtempSync(path.join(parent, 'shap-flame-')) // mode 0700
    } catch (error) {
      throw new CliError(STATUS.CANNOT_WRITE, `cannot create a folder for captures in ${parent}: ${reason(error)}; set TMPDIR to use another`)
    }
    this.#top = this.#inner = openFolder(this.#path)
    if (owner.uid === process.geteuid?.()) return
    try {
      this.#inner = this.#makeInner()
    } catch (error) {
      this.remove()
      throw error instanceof CliError ? error : new CliError(STATUS.CANNOT_WRITE, `cannot create a folder for captures in ${parent}: ${reason(error)}`)
    }
  }

  /** @returns {number} a descriptor of the other user's folder */
  #makeInner () {
    const { uid } = fs.fstatSync(this.#top)
    if (uid !== process.geteuid?.()) throw new CliError(STATUS.CANNOT_WRITE, `${this.#path} belongs to another user, who may replace what is in it; set TMPDIR to use another`)
    fs.mkdirSync(pathIn(this.#top, CAPTURES), 0o700)
    const inner = openFolder(pathIn(this.#top, CAPTURES))
    fs.fchownSync(inner, this.#owner.uid, this.#owner.gid)
    fs.fchmodSync(this.#top, 0o711)
    return inner
  }

  /** Where the process writes. */
  get captures () {
    return this.#inner === this.#top ? this.#path : path.join(this.#path, CAPTURES)
  }

  /** Where the process connects. */
  get socket () {
    return path.join(this.#path, SOCKET)
  }

  /** Gives the socket to the process's user. */
  giveSocket () {
    const socket = pathIn(this.#top, SOCKET)
    fs.chmodSync(socket, 0o600)
    if (this.#inner !== this.#top) fs.lchownSync(socket, this.#owner.uid, this.#owner.gid)
  }

  /**
   * @param {number} pid
   * @returns {Buffer | undefined} its capture, if there is one
   */
  read (pid) {
    const form = new RegExp(`^${pid}-\\d{1,20}-0\\.shfc$`)
    const { names, all } = namesIn(this.#inner)
    const captures = names.filter(name => form.test(name))
    if (!all || captures.length > 1) throw new Error(`the folder for captures holds files that process ${pid}'s sampler did not write`)
    return captures.length === 0 ? undefined : this.#readOne(captures[0])
  }

  /** @param {string} name */
  #readOne (name) {
    const descriptor = fs.openSync(pathIn(this.#inner, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    try {
      const { uid, size } = this.#statCapture(descriptor, name)
      if (uid !== this.#owner.uid) throw new Error(`the capture ${name} belongs to another user`)
      const bytes = Buffer.alloc(size)
      let at = 0
      for (let n; at < size && (n = fs.readSync(descriptor, bytes, at, size - at, at)) > 0;) at += n
      return bytes.subarray(0, at)
    } finally {
      fs.closeSync(descriptor)
    }
  }

  /**
   * @param {number} descriptor
   * @param {string} name
   */
  #statCapture (descriptor, name) {
    const stat = fs.fstatSync(descriptor)
    if (!stat.isFile()) throw new Error(`the capture ${name} is not a regular file`)
    if (stat.size > MAX_BYTES) throw new Error(`the capture ${name} is too large: ${stat.size} bytes`)
    return stat
  }

  /**
   * Removes the folder and the files in it, but no folders in it.
   * @returns {string | undefined} a message if it could not be removed
   */
  remove () {
    if (this.#top < 0) return undefined
    try {
      // A new checkpoint may appear before rmdir.
      for (let tries = 1; !this.#tryRemove(tries === TRIES); tries++);
      return undefined
    } catch (error) {
      const { code } = /** @type {NodeJS.ErrnoException} */ (error)
      // Others may have emptied the temporary folder.
      if (code === 'ENOENT') return undefined
      return `the folder ${this.#path} was not removed: ${code === 'ENOTEMPTY' ? 'it holds files of others' : reason(error)}`
    } finally {
      for (const descriptor of new Set([this.#inner, this.#top])) fs.closeSync(descriptor)
      this.#top = this.#inner = -1
    }
  }

  /** @param {boolean} last */
  #tryRemove (last) {
    try {
      this.#empty()
      if (this.#inner !== this.#top) fs.rmdirSync(pathIn(this.#top, CAPTURES))
      fs.rmSync(pathIn(this.#top, SOCKET), { force: true })
      fs.rmdirSync(this.#path)
      return true
    } catch (error) {
      if (last || /** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOTEMPTY') throw error
      return false
    }
  }

  #empty () {
    for (const name of namesIn(this.#inner).names) {
      try {
        fs.unlinkSync(pathIn(this.#inner, name))
      } catch {
        // A folder: rmdir fails.
      }
    }
  }
}

module.exports = { AttachFolder }
