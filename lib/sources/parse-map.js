'use strict'

const { FlattenMap, decodedMappings } = require('@jridgewell/trace-mapping')
const { MapError } = require('./find-map.js')
const { resolveSource } = require('./paths.js')

/** Maximum lines of a generated file: a section at a later line would need as many empty rows. */
const MAX_LINES = 1000000

/** @typedef {import('@jridgewell/trace-mapping').TraceMap} TraceMap */

/**
 * @param {string} text
 * @returns {any}
 */
function parseJson (text) {
  try {
    // Without a byte order mark, and the line that prevents browsers from running it as a script.
    return JSON.parse(text.replace(/^\uFEFF?(?:\)\]\}[^\n]*\n)?\uFEFF?/, ''))
  } catch {
    throw new MapError('its source map is not valid JSON')
  }
}

/** @param {any} section */
function isPlaced (section) {
  const { line, column } = section?.offset ?? {}
  return Number.isSafeInteger(line) && Number.isSafeInteger(column) && line >= 0 && column >= 0 && line <= MAX_LINES
}

/**
 * @param {any} json
 * @returns {any[]} the map itself, or the maps of its sections
 */
function partsOf (json) {
  if (json === null || typeof json !== 'object' || Array.isArray(json)) throw new MapError('its source map is not an object')
  if (json.version !== 3) throw new MapError(`its source map has version ${JSON.stringify(json.version)?.slice(0, 20)}; only 3 is supported`)
  const parts = Array.isArray(json.sections) ? json.sections.map((/** @type {any} */ section) => section?.map) : [json]
  for (const one of parts) {
    if (typeof one?.mappings !== 'string' || !Array.isArray(one.sources)) throw new MapError('its source map has no mappings or no sources')
    if (!/^[A-Za-z\d+/,;]*$/.test(one.mappings)) throw new MapError('its source map cannot be decoded')
  }
  if (json.sections && !json.sections.every(isPlaced)) throw new MapError('its source map cannot be decoded')
  return parts
}

/**
 * Resolves sources here: the decoder would treat them as URLs, in which `#` ends the path.
 * @param {any[]} parts
 * @param {string} folder in which the map is
 * @returns {string[]} their paths; the maps get indices into it
 */
function takeSources (parts, folder) {
  /** @type {string[]} */
  const paths = []
  for (const part of parts) {
    const root = typeof part.sourceRoot === 'string' ? part.sourceRoot : ''
    part.sources = part.sources.map((/** @type {unknown} */ source) => (
      typeof source === 'string' && source !== '' ? String(paths.push(resolveSource(source, root, folder)) - 1) : null
    ))
    part.sourceRoot = undefined
  }
  return paths
}

/**
 * @param {string} text
 * @param {string} folder in which the map is, on the profiled machine
 * @returns {{ map: TraceMap, sources: (string | undefined)[] }} paths of its sources, or URLs
 */
function parseMap (text, folder) {
  const json = parseJson(text)
  const parts = partsOf(json)
  const paths = takeSources(parts, folder)
  try {
    const map = new FlattenMap(json)
    decodedMappings(map)
    return { map, sources: map.sources.map(at => at === null || at === '' ? undefined : paths[Number(at)]) }
  } catch {
    throw new MapError('its source map cannot be decoded')
  }
}

module.exports = { parseMap }
