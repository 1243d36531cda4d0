'use strict'

const fs = require('node:fs')
const path = require('node:path')
const { fileURLToPath } = require('node:url')
const { reason } = require('../errors.js')

/** No generated file, map or source that is larger is read. */
const MOST_BYTES = 64 * 1024 * 1024
/** Where the comment is looked for: the end of a file, unless its last line is longer. */
const TAIL_BYTES = 4096

/** Why a map is left out, in a few words; `missing`: there is none where the file says. */
class MapError extends Error {
  /**
   * @param {string} message
   * @param {boolean} [missing]
   */
  constructor (message, missing = false) {
    super(message)
    this.missing = missing
  }
}

/**
 * @typedef {object} Found
 * @property {string} text the map's JSON
 * @property {string} place the file that its sources are relative to, on the profiled machine
 * @property {string} [here] the same on this machine, where the map is not beside its file
 * @property {string} [code] the generated file's text, where it was read whole
 * @property {string} [codePath] where the generated file is, if it is anywhere
 * @property {boolean} guessed found by no more than the last part of a path
 * @property {string} label where the map is, for messages
 */

/**
 * @param {string} file
 * @returns {Promise<number>} bytes of a regular file, -1 of anything else: no pipe is waited for
 */
async function sizeOf (file) {
  try {
    const stat = await fs.promises.stat(file)
    return stat.isFile() ? stat.size : -1
  } catch {
    return -1
  }
}

/** @param {string} file */
async function exists (file) {
  return await sizeOf(file) >= 0
}

/**
 * @param {string} file
 * @returns {Promise<string | undefined>} nothing where it is no file, cannot be read or is too large
 */
async function textOf (file) {
  const size = await sizeOf(file)
  if (size < 0 || size > MOST_BYTES) return undefined
  try {
    return (await fs.promises.readFile(file, 'utf8')).replace(/^\uFEFF/, '')
  } catch {
    return undefined
  }
}

/**
 * @param {string} file
 * @param {number} size
 */
async function tailOf (file, size) {
  const handle = await fs.promises.open(file)
  try {
    const length = Math.min(size, TAIL_BYTES)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}

/**
 * @param {string} text the end of a file
 * @returns {string | undefined} what its last comment names
 */
function commentIn (text) {
  const at = text.lastIndexOf('sourceMappingURL=')
  if (at < 2) return undefined
  const opens = /\/[/*][#@][ \t]*$/.test(text.slice(Math.max(0, at - 16), at))
  const url = /^sourceMappingURL=([^\s'"`]+)/.exec(text.slice(at))?.[1].replace(/\*\/$/, '')
  return opens && url && !url.includes('${') ? url : undefined
}

/**
 * @param {string} file
 * @returns {Promise<{ url?: string, code?: string } | undefined>} nothing where there is no such file
 */
async function readComment (file) {
  const size = await sizeOf(file)
  if (size < 0) return undefined
  try {
    const tail = await tailOf(file, size)
    const url = commentIn(tail)
    // An inline map is a line longer than this; so is a bundle of one line.
    const cut = size > tail.length && !tail.trimEnd().includes('\n')
    if (url !== undefined || !cut) return { url }
    if (size > MOST_BYTES) return {}
    const code = await textOf(file)
    return { code, url: code && commentIn(code) }
  } catch {
    return {}
  }
}

/**
 * @param {string} url
 * @returns {string}
 */
function decodeData (url) {
  const comma = url.indexOf(',')
  if (comma < 0) throw new MapError('its inline source map has no data')
  const data = url.slice(comma + 1)
  if (/;base64$/i.test(url.slice(0, comma))) return Buffer.from(data, 'base64').toString()
  return decoded(data)
}

/** @param {string} text */
function decoded (text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * @param {string} file
 * @param {string} label
 * @returns {Promise<string>}
 */
async function readMap (file, label) {
  const size = await sizeOf(file)
  if (size < 0) throw new MapError(`its source map ${label} is not there`, true)
  if (size > MOST_BYTES) throw new MapError(`its source map ${label} is larger than 64 MiB`)
  try {
    return await fs.promises.readFile(file, 'utf8')
  } catch (error) {
    throw new MapError(`its source map ${label} cannot be read: ${reason(error)}`)
  }
}

/**
 * @param {string} url what a comment names
 * @param {string} file the file with the comment, on this machine
 * @returns {Promise<{ text: string, mapPath: string, label: string }>}
 */
async function follow (url, file) {
  if (/^data:/i.test(url)) return { text: decodeData(url), mapPath: file, label: 'inline' }
  if (/^https?:/i.test(url)) throw new MapError('its source map is at a web address, which is not fetched', true)
  if (/^file:/i.test(url)) {
    const mapPath = fileURLToPath(url)
    return { text: await readMap(mapPath, mapPath), mapPath, label: mapPath }
  }
  const plain = path.resolve(path.dirname(file), url)
  const mapPath = await exists(plain) ? plain : path.resolve(path.dirname(file), decoded(url.replace(/[?#].*$/, '')))
  return { text: await readMap(mapPath, path.basename(mapPath)), mapPath, label: mapPath }
}

/**
 * @param {string} file
 * @returns {string[]} ends of its path, the longest first; of a package only those that name it
 */
function tailsOf (file) {
  const parts = file.split('/').filter(Boolean)
  const least = parts.lastIndexOf('node_modules') >= 0 ? parts.lastIndexOf('node_modules') : parts.length - 1
  return parts.slice(0, least + 1).map((_, at) => parts.slice(at).join('/'))
}

/**
 * @param {string} file
 * @param {string} folder
 * @returns {Promise<Found | undefined>} a map from a folder of maps, which may be another machine's
 */
async function findIn (file, folder) {
  for (const tail of tailsOf(file)) {
    const copy = path.resolve(folder, tail)
    const guessed = !tail.includes('/')
    const place = path.join(path.dirname(file), `${path.basename(file)}.map`)
    if (await exists(`${copy}.map`)) {
      const codePath = await exists(copy) ? copy : file
      return { text: await readMap(`${copy}.map`, `${copy}.map`), place, here: `${copy}.map`, codePath, guessed, label: `${copy}.map` }
    }
    const comment = copy === file ? undefined : await readComment(copy)
    if (!comment?.url) continue
    const { text, mapPath, label } = await follow(comment.url, copy)
    return { text, place: path.resolve(path.dirname(file), path.relative(path.dirname(copy), mapPath)), here: mapPath, code: comment.code, codePath: copy, guessed, label }
  }
  return undefined
}

/**
 * @param {string} file an absolute path of a generated file
 * @param {string} [folder] of maps; it is looked at first
 * @returns {Promise<Found | undefined>} nothing where the file has no map
 */
async function findMap (file, folder) {
  const found = folder === undefined ? undefined : await findIn(file, folder)
  if (found) return found
  const comment = await readComment(file)
  if (!comment) return undefined
  const { url, code } = comment
  if (url) {
    const { text, mapPath, label } = await follow(url, file)
    return { text, place: mapPath, code, codePath: file, guessed: false, label }
  }
  const beside = `${file}.map`
  if (!await exists(beside)) return undefined
  return { text: await readMap(beside, beside), place: beside, code, codePath: file, guessed: false, label: beside }
}

module.exports = { findMap, exists, textOf, decoded, MapError }
