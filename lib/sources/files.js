'use strict'

/**
 * What is read of generated files, maps and sources. Their paths come from a profile, which may
 * be another's: no device, no pipe, nothing below /proc, and where roots are given nothing
 * that lies elsewhere.
 */

const fs = require('node:fs')
const path = require('node:path')
const { liesBelow } = require('./paths.js')

/** No generated file, map or source that is larger is read. */
const MAX_BYTES = 64 * 1024 * 1024
/** Where no program has its files; shared memory may be somebody's folder for temporary ones. */
const SPECIAL = /^\/(?:proc|sys|dev(?!\/shm\/))(?:\/|$)/
/** A pipe in a file's place is not waited for. */
const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = fs.constants

/** More is to be read than this process takes on itself. */
class TooLarge extends Error {}

/**
 * @param {string} folder
 * @returns {string[]} its real path; nothing where there is none
 */
function realFolder (folder) {
  try {
    return [fs.realpathSync(folder)]
  } catch {
    return []
  }
}

/** Files of this machine, as far as they may be read. */
class Files {
  /**
   * @param {object} [options]
   * @param {readonly string[]} [options.roots] real paths of folders; absent: files may lie anywhere
   * @param {number} [options.max] bytes of a file that is read as a whole; a larger one is Heavy
   */
  constructor ({ roots, max = MAX_BYTES } = {}) {
    this.roots = roots
    this.max = max
    /** @type {Set<string>} files that are there, but below no root */
    this.outside = new Set()
  }

  /**
   * @param {string} file
   * @returns {Promise<boolean>} where links are followed, it is their end that counts
   */
  async #mayRead (file) {
    if (!path.isAbsolute(file) || SPECIAL.test(path.normalize(file))) return false
    try {
      const real = await fs.promises.realpath(file)
      if (SPECIAL.test(real)) return false
      if (!this.roots || this.roots.some(root => liesBelow(real, root))) return true
      if ((await fs.promises.stat(real)).isFile()) this.outside.add(file)
    } catch {
      // It is not there, or not for us.
    }
    return false
  }

  /**
   * @param {string} file
   * @returns {Promise<number>} bytes of a regular file, -1 of anything else
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
   * What is a pipe or a device by now is not read either.
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
   * @returns {Promise<string | undefined>} nothing where it is no file, cannot be read or is too large
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
 * @returns {string | undefined} the folder above it whose package.json or pnpm-workspace.yaml makes it
 *   one of a workspace: what packages share lies there
 */
function workspaceOf (folder) {
  for (let at = path.dirname(folder); at !== path.dirname(at); at = path.dirname(at)) {
    if (fs.existsSync(path.join(at, 'pnpm-workspace.yaml'))) return at
    try {
      if (JSON.parse(fs.readFileSync(path.join(at, 'package.json'), 'utf8')).workspaces) return at
    } catch {
      // There is none, or it is no JSON.
    }
  }
  return undefined
}

/**
 * @param {readonly string[]} folders that somebody named
 * @param {string} cwd the working folder; empty where there is none
 * @returns {string[]} real paths of all folders below which files are read
 */
function rootsOf (folders, cwd) {
  const own = cwd ? [cwd, workspaceOf(cwd) ?? cwd] : []
  return [...new Set([...folders, ...own].flatMap(realFolder))]
}

module.exports = { Files, TooLarge, rootsOf, MAX_BYTES }
