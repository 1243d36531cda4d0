'use strict'

/**
 * Reads generated files, maps and sources. Their paths come from a profile, which may be untrusted: no
 * devices, no pipes, nothing in /proc, and with roots nothing outside of them.
 */

const fs = require('node:fs')
const path = require('node:path')
const { liesBelow } = require('./paths.js')

/** Maximum size of a generated file, map or source. */
const MAX_BYTES = 64 * 1024 * 1024
/** Special file systems; /dev/shm may hold temporary files. */
const SPECIAL = /^\/(?:proc|sys|dev(?!\/shm\/))(?:\/|$)/
/** Opening a pipe must not block. */
const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = fs.constants

/** The file is too large for this process. */
class TooLarge extends Error {}

/**
 * @param {string} folder
 * @returns {string[]} its real path; empty if it does not exist
 */
function realFolder (folder) {
  try {
    return [fs.realpathSync(folder)]
  } catch {
    return []
  }
}

/** Files of this machine that may be read. */
class Files {
  /**
   * @param {object} [options]
   * @param {readonly string[]} [options.roots] real paths of folders; undefined: anywhere
   * @param {number} [options.max] bytes of a file that is read whole; a larger one throws TooLarge
   */
  constructor ({ roots, max = MAX_BYTES } = {}) {
    this.roots = roots
    this.max = max
    /** @type {Set<string>} existing files outside of the roots */
    this.outside = new Set()
  }

  /**
   * @param {string} file
   * @returns {Promise<boolean>} whether the file, after links, may be read
   */
  async #mayRead (file) {
    if (!path.isAbsolute(file) || SPECIAL.test(path.normalize(file))) return false
    try {
      const real = await fs.promises.realpath(file)
      if (SPECIAL.test(real)) return false
      if (!this.roots || this.roots.some(root => liesBelow(real, root))) return true
      if ((await fs.promises.stat(real)).isFile()) this.outside.add(file)
    } catch {
      // Absent, or not readable.
    }
    return false
  }

  /**
   * @param {string} file
   * @returns {Promise<number>} bytes of a regular file; -1 otherwise
   */
  async sizeOf (file) {
    if (!await this.#mayRead(file)) return -1
    try {
      const stat = await fs.promises.stat(file)
      return stat.isFile() ? stat.size : -1
    } catch {
      return -1
    }
  }

  /** @param {string} file */
  async exists (file) {
    return await this.sizeOf(file) >= 0
  }

  /**
   * Checks again: the file may have been replaced by a pipe or device.
   * @template T
   * @param {string} file
   * @param {(handle: fs.promises.FileHandle, size: number) => Promise<T>} read
   * @returns {Promise<T>}
   */
  async #opened (file, read) {
    const handle = await fs.promises.open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY)
    try {
      const stat = await handle.stat()
      if (!stat.isFile()) throw new Error('it is not a regular file')
      return await read(handle, stat.size)
    } finally {
      await handle.close()
    }
  }

  /**
   * @param {string} file that sizeOf() knows
   * @returns {Promise<string>}
   */
  async read (file) {
    return this.#opened(file, async (handle, size) => {
      if (size > MAX_BYTES) throw new Error('it is larger than 64 MiB')
      if (size > this.max) throw new TooLarge()
      return (await handle.readFile('utf8')).replace(/^\uFEFF/, '')
    })
  }

  /**
   * @param {string} file
   * @returns {Promise<string | undefined>} undefined if it is not a file, not readable or too large
   */
  async textOf (file) {
    const size = await this.sizeOf(file)
    if (size < 0 || size > MAX_BYTES) return undefined
    try {
      return await this.read(file)
    } catch (error) {
      if (error instanceof TooLarge) throw error
      return undefined
    }
  }

  /**
   * @param {string} file that sizeOf() knows
   * @param {number} bytes
   * @returns {Promise<string>} its end
   */
  async tailOf (file, bytes) {
    return this.#opened(file, async (handle, size) => {
      const length = Math.min(size, bytes)
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length)
      return buffer.toString('utf8', 0, bytesRead)
    })
  }
}

/**
 * @param {string} folder
 * @returns {string | undefined} the root of the workspace that it belongs to, by package.json or
 *   pnpm-workspace.yaml
 */
function workspaceOf (folder) {
  for (let at = path.dirname(folder); at !== path.dirname(at); at = path.dirname(at)) {
    if (fs.existsSync(path.join(at, 'pnpm-workspace.yaml'))) return at
    try {
      if (JSON.parse(fs.readFileSync(path.join(at, 'package.json'), 'utf8')).workspaces) return at
    } catch {
      // Absent, or not JSON.
    }
  }
  return undefined
}

/**
 * @param {readonly string[]} folders named by the user
 * @param {string} cwd the working folder; empty: none
 * @returns {string[]} real paths of all folders in which files may be read
 */
function rootsOf (folders, cwd) {
  const own = cwd ? [cwd, workspaceOf(cwd) ?? cwd] : []
  return [...new Set([...folders, ...own].flatMap(realFolder))]
}

module.exports = { Files, TooLarge, rootsOf, MAX_BYTES }
