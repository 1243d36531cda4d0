'use strict'

/** Names of files as frames, comments and maps have them: paths, URLs, those of Windows. */

const path = require('node:path')
const { fileURLToPath } = require('node:url')

/** Longer than any path. */
const MAX_PATH = 4096
const DRIVE = /^[A-Za-z]:[\\/]/
const SCHEME = /^[a-z][a-z\d+.-]+:/i

/** @param {string} text */
function decoded (text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** @param {string} url */
function withoutQuery (url) {
  return url.replace(/[?#].*$/s, '')
}

/** @param {string} text */
function hasScheme (text) {
  return SCHEME.test(text)
}

/**
 * @param {string} url that begins with file:
 * @returns {string | undefined}
 */
function pathOfUrl (url) {
  try {
    return fileURLToPath(url)
  } catch {
    return undefined
  }
}

/**
 * @param {string} file as a frame has it
 * @returns {string | undefined} the path of what may be generated JavaScript
 */
function scriptPath (file) {
  if (file.length > MAX_PATH) return undefined
  // What runs a module anew gives it another query; of a path it can be a part of the name.
  const plain = file.startsWith('file:') ? withoutQuery(file) : file
  const name = plain.slice(Math.max(plain.lastIndexOf('/'), plain.lastIndexOf('\\')) + 1)
  if (!/\.[cm]?jsx?$/i.test(name) && name.includes('.')) return undefined
  if (path.isAbsolute(plain)) return path.normalize(plain)
  // As file: URLs have it: a folder of maps may be of a program that ran on Windows.
  if (DRIVE.test(plain)) return `/${plain.replaceAll('\\', '/')}`
  return plain.startsWith('file:///') ? pathOfUrl(plain) : undefined
}

/**
 * @param {string} url
 * @param {string} rest
 * @returns {string} `..` does not lead out of a host
 */
function joinUrl (url, rest) {
  const [, head, folder] = /** @type {RegExpExecArray} */ (/^([a-z][a-z\d+.-]+:(?:\/\/[^/]*)?)(.*)$/is.exec(url))
  return `${head}${path.posix.join('/', folder, rest)}`
}

/**
 * Maps say URLs, but what writes them puts paths there as they are: a `#` or a `%` is mostly one of
 * a folder's name, a backslash one of Windows.
 *
 * @param {string} source
 * @param {string} root the map's sourceRoot
 * @param {string} folder in which the map is
 * @returns {string} a path, or an address with a scheme
 */
function resolveSource (source, root, folder) {
  if (hasScheme(source)) return source
  const own = source.replaceAll('\\', '/')
  if (DRIVE.test(own)) return own
  if (own.startsWith('/')) return path.posix.normalize(own)
  if (hasScheme(root)) return joinUrl(root, own)
  const base = root.replaceAll('\\', '/')
  return DRIVE.test(base) ? path.posix.join(base, own) : path.resolve(folder, base, own)
}

/**
 * @param {string} file
 * @returns {string | undefined} the folder of the package that it lies in
 */
function packageFolder (file) {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/s.exec(file)?.[0]
}

/**
 * What a package was built from is the package's, wherever it lay on its author's machine.
 * @param {string} source
 * @param {string} file that was generated of it
 * @returns {string} below the package's folder, where the file is in one and the source in none
 */
function inPackage (source, file) {
  const folder = packageFolder(file)
  if (folder === undefined || packageFolder(`${source}/`) !== undefined) return source
  const above = folder.slice(0, folder.indexOf('/node_modules/') + 1)
  const rest = above && source.startsWith(above) ? source.slice(above.length) : source.replace(/^[A-Za-z]:(?=\/)/, '')
  return path.join(folder, path.posix.join('/', rest))
}

/**
 * @param {string} file
 * @param {string} folder both absolute and normalized
 * @returns {boolean}
 */
function liesBelow (file, folder) {
  return file === folder || file.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}

module.exports = { liesBelow, decoded, withoutQuery, hasScheme, pathOfUrl, scriptPath, resolveSource, inPackage, packageFolder, MAX_PATH }
