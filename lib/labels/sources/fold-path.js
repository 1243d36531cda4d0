'use strict'

const { exec, indexOf, slice } = require('../../common/node-originals.js')

/** Characters of a folded path: a label has at most 128 bytes. */
const MAX_LENGTH = 120
const ID = ':id'

const NUMBER = /^\d+$/
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i
const HEX = /^(?=.*\d)[\da-f]{8,}$/i
/** Letters and digits mixed, as in ULIDs and CUIDs. */
const TOKEN = /^(?=[^\d]*\d)(?=[^a-z]*[a-z])[\da-z]{20,}$/i
/** Base64 for URLs, perhaps with dots as in JSON web tokens; texts with hyphens have no capitals. */
const BASE64 = /^(?=[^\d]*\d)(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])[\w.=~-]{20,}$/
const WITH_EXTENSION = /^(.+)(\.[a-z]\w{0,5})$/i

/** @param {string} text @returns {boolean} */
function isId (text) {
  return exec(NUMBER, text) !== null || exec(UUID, text) !== null || exec(HEX, text) !== null ||
    exec(TOKEN, text) !== null || exec(BASE64, text) !== null
}

/**
 * @param {string} segment of a path
 * @returns {string}
 */
function foldSegment (segment) {
  if (segment === '') return segment
  const named = exec(WITH_EXTENSION, segment)
  if (named !== null && isId(named[1])) return ID + named[2]
  return isId(segment) ? ID : segment
}

/**
 * @param {string} url
 * @returns {number} where its path ends
 */
function endOfPath (url) {
  for (let i = 0; i < url.length; i++) {
    if (url[i] === '?' || url[i] === '#') return i
  }
  return url.length
}

/**
 * @param {string} url as in a request line
 * @returns {number} where its path begins: a proxy's has scheme and host
 */
function startOfPath (url) {
  if (url[0] === '/') return 0
  const host = indexOf(url, '://')
  const path = host < 0 ? -1 : indexOf(url, '/', host + 3)
  return path < 0 ? 0 : path
}

/**
 * @param {string} url of a request
 * @returns {string} its path, where `:id` stands for each segment that is an id: a number, a UUID,
 *   hexadecimal digits or a token
 */
function foldPath (url) {
  const end = endOfPath(url)
  let folded = ''
  let from = startOfPath(url)
  while (from < end) {
    const slash = indexOf(url, '/', from)
    const to = slash < 0 || slash > end ? end : slash
    folded += foldSegment(slice(url, from, to))
    if (to < end) folded += '/'
    if (folded.length > MAX_LENGTH) return `${slice(folded, 0, MAX_LENGTH)}…`
    from = to + 1
  }
  return folded
}

module.exports = { foldPath }
