'use strict'

const path = require('node:path')
const { reason } = require('../common/errors.js')
const { TooLarge } = require('./files.js')
const { findMap, decodeData, MapError } = require('./find-map.js')
const { isGenerated, GENERATED_SUFFIX } = require('./in-memory.js')

/**
 * @typedef {import('./source-map.js').Position} Position
 * @typedef {import('./source-map.js').Place} Place
 * @typedef {import('./files.js').Files} Files
 *
 * @typedef {object} Job a generated file and positions in it
 * @property {string} script its path
 * @property {import('./in-memory.js').Facts} [facts] what V8 knew about it
 * @property {string} [folder] of maps
 * @property {string} cwd of the profiled process
 * @property {Position[]} positions
 *
 * @typedef {object} LookupResult
 * @property {(Place | undefined | null)[]} [places] of each position; undefined: there is no map
 * @property {[string, string][]} [contents] sources that are not files here, with their texts
 * @property {string} [guessed] the map, if it was found only by the file's name
 * @property {string} [warning] why the map is not used
 * @property {boolean} [tooLarge] too large for this process
 */

/**
 * @param {Job} job
 * @param {Files} files
 * @returns {Promise<import('./find-map.js').FoundMap | undefined>}
 */
async function mapOf ({ script, facts, folder }, files) {
  const url = facts?.url
  if (url === undefined) return findMap(files, script, folder)
  return { text: decodeData(url, files.max), place: script, code: await textThatRan(script, facts, files), guessed: false, label: 'inline' }
}

/**
 * @param {string} script
 * @param {import('./in-memory.js').Facts | undefined} facts
 * @param {Files} files
 * @returns {Promise<string | undefined>} the file's text, if it is as long as the text that V8 compiled
 */
async function textThatRan (script, facts, files) {
  if (!facts || !path.isAbsolute(script) || await files.sizeOf(script) < facts.length) return undefined
  const text = await files.textOf(script)
  return text?.length === facts.length ? text : undefined
}

/**
 * @param {string} script
 * @param {Position[]} positions
 * @param {LookupResult['places']} places undefined: not in the map, as for code that a compiler adds
 */
function markGenerated (script, positions, places) {
  return places?.map((place, at) => place ?? { ...positions[at], file: script + GENERATED_SUFFIX })
}

/**
 * @param {Omit<Job, 'positions'>} job
 * @param {() => Position[]} positions called if there is a map
 * @param {Files} files
 * @param {() => void} [check] throws if the time limit is exceeded
 * @returns {Promise<LookupResult>}
 */
async function lookUp (job, positions, files, check) {
  const { script, cwd, facts } = job
  try {
    if (facts?.url === undefined && await isGenerated(script, facts, positions, files)) {
      return { places: positions().map(position => ({ ...position, file: script + GENERATED_SUFFIX })) }
    }
    const found = await mapOf({ ...job, positions: [] }, files)
    if (!found) return {}
    if (found.text.length > files.max) return { tooLarge: true }
    // Loaded with the first map: most programs have none.
    const { FileMap } = require('./source-map.js')
    const map = new FileMap(script, found, files)
    // A map's own source is not generated, unless it was compiled in memory.
    if (facts?.url === undefined && map.isSource) return {}
    const mapped = await map.places(positions(), cwd, check)
    // In memory the generated code has its source's name: positions that the map omits are in no source.
    const places = map.isSource ? markGenerated(script, positions(), mapped) : mapped
    return { places, contents: await map.contents(), guessed: found.guessed ? found.label : undefined }
  } catch (error) {
    if (error instanceof TooLarge) return { tooLarge: true }
    // Packages often name maps that they do not ship.
    if (error instanceof MapError && error.missing && script.includes('/node_modules/')) return {}
    return { warning: error instanceof MapError ? error.message : `its source map cannot be used: ${reason(error)}` }
  }
}

module.exports = { lookUp }
