'use strict'

/**
 * Code that was compiled in memory, for example by TypeScript runners, has its source's name but
 * positions of the generated text. Without a map its file is marked as generated.
 */

const path = require('node:path')

/** Node also runs these itself at original positions: it replaces types by spaces. */
const TYPED = /\.[cm]?tsx?$/i
const BUNDLED = /^webpack:\/\//
const GENERATED_SUFFIX = ' [generated]'

/** @typedef {import('./source-map.js').Position} Position */

/**
 * @typedef {object} Facts what V8 knew about a script
 * @property {number} length of its text, in UTF-16 units
 * @property {string} [url] of its map, a data: URL
 */

/**
 * @param {readonly string[]} list from the core
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
 * @returns {boolean} whether a function of that name begins there; true for functions without a name
 */
function standsThere (lines, { name, line, column }) {
  // Loaded late: most programs run no code that a compiler made in memory.
  const { ClassNames } = require('./class-names.js')
  const { bareName, tokenOf } = require('./function-names.js')
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
 * @returns {Promise<boolean>} whether the code that ran under this name differs from the file
 */
async function isGenerated (file, facts, positions, files) {
  // webpack passes such code to eval: a source's name with generated positions.
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
