'use strict'

const path = require('node:path')
const { fileURLToPath } = require('node:url')
const { reason } = require('../common/errors.js')
const { TooLarge, MAX_BYTES } = require('./files.js')
const { decoded, withoutQuery } = require('./paths.js')

/** The comment is searched in the end of a file, unless its last line is longer. */
const TAIL_BYTES = 4096
const MAX_LABEL = 200

/** Why a map is not used; `missing`: the file names a map that does not exist. */
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

/** @typedef {import('./files.js').Files} Files */

/**
 * @typedef {object} FoundMap
 * @property {string} text the map's JSON
 * @property {string} place path of the map on the profiled machine, to which its sources are relative
 * @property {string} [here] its path on this machine, if the map is not beside its file
 * @property {string} [code] the generated file's text, if it was read
 * @property {string} [codePath] path of the generated file, if it exists
 * @property {boolean} guessed found only by the file's name
 * @property {string} label where the map is, for messages
 */

/**
 * @param {string} text the end of a file
 * @returns {string | undefined} the URL in its last comment
 */
function commentIn (text) {
  const at = text.lastIndexOf('sourceMappingURL=')
  if (at < 2) return undefined
  const opens = /\/[/*][#@][ \t]*$/.test(text.slice(Math.max(0, at - 16), at))
  const url = /^sourceMappingURL=([^\s'"`]+)/.exec(text.slice(at))?.[1].replace(/\*\/$/, '')
  return opens && url && !url.includes('${') ? url : undefined
}

/**
 * @param {Files} files
 * @param {string} file
 * @returns {Promise<{ url?: string, code?: string } | undefined>} undefined if the file does not exist
 */
async function readComment (files, file) {
  const size = await files.sizeOf(file)
  if (size < 0) return undefined
  try {
    const tail = await files.tailOf(file, TAIL_BYTES)
    const url = commentIn(tail)
    // The last line is longer: an inline map, or a bundle of one line.
    const cut = size > tail.length && !tail.trimEnd().includes('\n')
    if (url !== undefined || !cut) return { url }
    if (size > MAX_BYTES) return {}
    const code = await files.textOf(file)
    return { code, url: code && commentIn(code) }
  } catch (error) {
    if (error instanceof TooLarge) throw error
    return {}
  }
}

/**
 * @param {Buffer} bytes
 * @param {string} parameters of a data: URL
 */
function inCharset (bytes, parameters) {
  const name = /;\s*charset=["']?([\w.:-]+)/i.exec(parameters)?.[1]
  if (name === undefined || /^(?:utf-?8|us-ascii)$/i.test(name)) return bytes.toString()
  try {
    return new TextDecoder(name).decode(bytes)
  } catch {
    return bytes.toString()
  }
}

/**
 * @param {string} url
 * @param {number} max characters
 * @returns {string}
 */
function decodeData (url, max) {
  if (url.length > max) throw new TooLarge()
  const comma = url.indexOf(',')
  if (comma < 0) throw new MapError('its inline source map has no data')
  const data = url.slice(comma + 1)
  const parameters = url.slice(0, comma)
  if (!/;\s*base64\s*(?:;|$)/i.test(parameters)) return decoded(data)
  return inCharset(Buffer.from(data.includes('%') ? decoded(data) : data, 'base64'), parameters)
}

/**
 * @param {Files} files
 * @param {string} file
 * @param {string} label
 * @returns {Promise<string>}
 */
async function readMap (files, file, label) {
  const name = label.length > MAX_LABEL ? `${label.slice(0, MAX_LABEL)}…` : label
  const size = await files.sizeOf(file)
  if (size < 0) {
    const elsewhere = files.outside.has(file)
    throw new MapError(elsewhere ? `its source map ${name} is outside of the folders that may be read` : `its source map ${name} is missing`, !elsewhere)
  }
  if (size > MAX_BYTES) throw new MapError(`its source map ${name} is larger than 64 MiB`)
  try {
    return await files.read(file)
  } catch (error) {
    if (error instanceof TooLarge) throw error
    throw new MapError(`its source map ${name} cannot be read: ${reason(error)}`)
  }
}

/**
 * @param {Files} files
 * @param {string} url from a comment
 * @param {string} file the file with the comment, on this machine
 * @returns {Promise<{ text: string, mapPath: string, label: string }>}
 */
async function follow (files, url, file) {
  if (/^data:/i.test(url)) return { text: decodeData(url, files.max), mapPath: file, label: 'inline' }
  if (/^https?:/i.test(url)) throw new MapError('its source map is a web address, which is not fetched', true)
  if (/^file:/i.test(url)) {
    const mapPath = filePath(url)
    return { text: await readMap(files, mapPath, mapPath), mapPath, label: mapPath }
  }
  const plain = path.resolve(path.dirname(file), url)
  const mapPath = await files.exists(plain) ? plain : path.resolve(path.dirname(file), decoded(withoutQuery(url)))
  return { text: await readMap(files, mapPath, path.basename(mapPath)), mapPath, label: mapPath }
}

/** @param {string} url */
function filePath (url) {
  try {
    return fileURLToPath(url)
  } catch {
    throw new MapError('the address of its source map is not a valid file: URL', true)
  }
}

/**
 * @param {string} file
 * @returns {string[]} suffixes of its path, longest first; for a file of a package only those with its name
 */
function tailsOf (file) {
  const parts = file.split('/').filter(Boolean)
  const min = parts.lastIndexOf('node_modules') >= 0 ? parts.lastIndexOf('node_modules') : parts.length - 1
  return parts.slice(0, min + 1).map((_, at) => parts.slice(at).join('/'))
}

/**
 * @param {Files} files
 * @param {string} file
 * @param {string} folder
 * @returns {Promise<FoundMap | undefined>} a map from a folder of maps, possibly of another machine
 */
async function findIn (files, file, folder) {
  for (const tail of tailsOf(file)) {
    const copy = path.resolve(folder, tail)
    const guessed = !tail.includes('/')
    const place = path.join(path.dirname(file), `${path.basename(file)}.map`)
    if (await files.exists(`${copy}.map`)) {
      const codePath = await files.exists(copy) ? copy : file
      return { text: await readMap(files, `${copy}.map`, `${copy}.map`), place, here: `${copy}.map`, codePath, guessed, label: `${copy}.map` }
    }
    const comment = copy === file ? undefined : await readComment(files, copy)
    if (!comment?.url) continue
    const { text, mapPath, label } = await follow(files, comment.url, copy)
    return { text, place: path.resolve(path.dirname(file), path.relative(path.dirname(copy), mapPath)), here: mapPath, code: comment.code, codePath: copy, guessed, label }
  }
  return undefined
}

/**
 * @param {Files} files
 * @param {string} file an absolute path of a generated file
 * @param {string} [folder] of maps, searched first
 * @returns {Promise<FoundMap | undefined>} undefined if the file has no map
 */
async function findMap (files, file, folder) {
  const found = folder === undefined ? undefined : await findIn(files, file, folder)
  if (found) return found
  const comment = await readComment(files, file)
  // Records the map too, for the warning about files outside of the roots.
  if (!comment && files.outside.has(file)) await files.exists(`${file}.map`)
  if (!comment) return undefined
  const { url, code } = comment
  if (url) {
    const { text, mapPath, label } = await follow(files, url, file)
    return { text, place: mapPath, code, codePath: file, guessed: false, label }
  }
  const beside = `${file}.map`
  if (!await files.exists(beside)) return undefined
  return { text: await readMap(files, beside, beside), place: beside, code, codePath: file, guessed: false, label: beside }
}

module.exports = { findMap, decodeData, MapError }
