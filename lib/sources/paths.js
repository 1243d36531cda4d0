'use strict'

/** File names in frames, comments and maps: paths, URLs and Windows paths. */

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
 * @param {string} file of a frame
 * @returns {string | undefined} its path, if it may be generated JavaScript
 */
function scriptPath (file) {
  if (file.length > MAX_PATH) return undefined
  // In a URL a query may follow the path; in a path ? is part of the name.
  const plain = file.startsWith('file:') ? withoutQuery(file) : file
  const name = plain.slice(Math.max(plain.lastIndexOf('/'), plain.lastIndexOf('\\')) + 1)
  if (!/\.[cm]?jsx?$/i.test(name) && name.includes('.')) return undefined
  if (path.isAbsolute(plain)) return path.normalize(plain)
  // As in file: URLs: a folder of maps may be of a program that ran on Windows.
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
 * Maps should contain URLs, but tools write plain paths: `#` and `%` are usually part of a name, and a
 * backslash comes from Windows.
 *
 * @param {string} source
 * @param {string} root the map's sourceRoot
 * @param {string} folder in which the map is
 * @returns {string} a path, or a URL
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
 * @returns {string | undefined} the folder of its package
 */
function packageFolder (file) {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/s.exec(file)?.[0]
}

/**
 * Moves sources of a package, which may be named as on its author's machine, into the package.
 * @param {string} source
 * @param {string} file generated from it
 * @returns {string} below the package's folder, if the file is in one and the source is not
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
