'use strict'

/**
 * Code that was compiled in memory, as TypeScript's runners do, stands under its source's name at
 * places that are no source's. Where no map says which, its file is named as generated.
 */

const path = require('node:path')
const { ClassNames } = require('./class-names.js')
const { bareName, tokenOf } = require('./function-names.js')

/** Node runs these itself too, at their own places: it puts spaces for types. */
const TYPED = /\.[cm]?tsx?$/i
const BUNDLED = /^webpack:\/\//
const GENERATED_SUFFIX = ' [generated]'

/** @typedef {import('./source-map.js').Position} Position */

/**
 * @typedef {object} Facts what V8 knew of a script
 * @property {number} length of its text, in UTF-16 units
 * @property {string} [url] of its map, a data: URL
 */

/**
 * @param {readonly string[]} list as the core has it
 * @returns {Map<string, Facts>} by the script's name
 */
function factsOf (list) {
  /** @type {Map<string, Facts>} */
  const facts = new Map()
  for (let at = 0; at + 1 < list.length; at += 2) {
    const [name, text] = [list[at], list[at + 1]]
    const end = text.indexOf('\n')
    facts.set(name, { length: Number(text.slice(0, end)), url: text.slice(end + 1) || undefined })
  }
  return facts
}

/**
 * @param {string[]} lines of the file
 * @param {Position} position
 * @returns {boolean} whether a function of that name begins there; true where it has none
 */
function standsThere (lines, { name, line, column }) {
  const bare = bareName(name)
  if (bare === '' || name.startsWith('<') || name.startsWith('(') || line < 1 || column < 1) return true
  const text = lines[line - 1]
  if (text === undefined) return false
  const last = bare.slice(bare.lastIndexOf('.') + 1)
  return tokenOf(last, text, column - 1, new ClassNames(text)) >= 0 || /^\s*(?:static\s+)?\{?\s*$/.test(text.slice(0, column - 1)) || lines.some(one => one.includes(`class ${last}`))
}

/**
 * @param {string} file an absolute path
 * @param {Facts | undefined} facts
 * @param {() => Position[]} positions of its functions
 * @param {import('./files.js').Files} files
 * @returns {Promise<boolean>} whether what ran under this name was another text than the file's
 */
async function isGenerated (file, facts, positions, files) {
  // So webpack calls what it hands to eval: a source's name, at places of its own.
  if (BUNDLED.test(file)) return facts !== undefined
  if (!path.isAbsolute(file) || (!facts && !TYPED.test(file))) return false
  const size = await files.sizeOf(file)
  if (size < 0 || size === facts?.length) return false
  const text = await files.textOf(file)
  if (text === undefined) return false
  if (facts) return text.length !== facts.length
  const lines = text.split('\n')
  return !positions().every(position => standsThere(lines, position))
}

module.exports = { factsOf, isGenerated, BUNDLED, GENERATED_SUFFIX }
