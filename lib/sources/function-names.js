'use strict'

/**
 * Finds a function's name in its source. V8 reports where a function begins, which is after its
 * name: the mapping there belongs to a parameter or to code around it. So a name is taken only from
 * the mapping of the token that named the function, or from the source text where it begins.
 */

const { ClassNames, classesOf, WORD } = require('./class-names.js')

const WHOLE_WORD = new RegExp(`^#?${WORD}$`, 'u')
const WORD_HERE = new RegExp(`^#?${WORD}`, 'u')
const NAMED = new RegExp(`^(?:export\\s+)?(?:default\\s+)?(?:async\\s+|abstract\\s+)?(?:function\\s*\\*?|class)\\s*(${WORD})`, 'u')
const BEGINS = new RegExp(`^(?:async\\b|function\\b|class\\b|[(<]|${WORD}\\s*=>)`, 'u')
const MODIFIERS = '(?:(?:export|declare|const|let|var|public|private|protected|readonly|static|override|accessor)\\s+)*'
/** `const name: Type = ` or a field's `name = `, if that is all before a function. */
const ASSIGNED = new RegExp(`^\\s*${MODIFIERS}(#?${WORD})\\s*[?!]?\\s*(?::.*)?=\\s*$`, 'u')
/** Tokens between a name and the start of its function, from right to left. */
const BETWEEN = ['', '*', 'function', 'async', '=', ':']
const CONSTRUCTOR_OR_FIELD = /(?:\bconstructor|[{};])\s*$/
const LEAD_IN = 32
const CLASS_LEAD_IN = 100000
/** Maximum spaces between a name and its function, and characters of a line that are searched. */
const MAX_SPACE = 256
const MAX_LINE = 2048
const MAX_NAME = 1024
/** Keywords that may be in the position of a name. */
const NO_NAME = new Set(('abstract accessor async await break case catch class const constructor continue debugger declare default delete do else enum export extends ' +
  'false finally for function if implements import in instanceof interface let namespace new null override private protected public readonly return static ' +
  'super switch this throw true try type typeof var void while with yield').split(' '))
/** What follows the name of a function or class. */
const GIVEN = /^\s{0,256}(?:[(<=:?!{]|extends\b|implements\b)/

/**
 * @param {string} name from V8
 * @returns {{ kind: string, bare: string }} `get `, `set ` or empty, and the name
 */
function split (name) {
  const kind = /^[gs]et (?=.)/.exec(name)?.[0] ?? ''
  return { kind, bare: name.slice(kind.length) }
}

/**
 * Whether it is a constructor or a field initializer. V8 lets these begin at the class's brace or first
 * field, and names them after the class.
 * @param {string} line
 * @param {number} column
 */
function isOfClass (line, column) {
  if (line[column] === '{') return true
  return CONSTRUCTOR_OR_FIELD.test(line.slice(Math.max(0, column - LEAD_IN), column)) && !/^class\b/.test(line.slice(column, column + 6))
}

/**
 * @param {string} bare
 * @param {string} line of the generated file
 * @param {number} column where the function begins, 0-based
 * @param {ClassNames} classes of that line
 * @returns {number} position of its name; -1: not found
 */
function tokenOf (bare, line, column, classes) {
  let end = column
  const min = Math.max(0, column - MAX_SPACE)
  for (const word of BETWEEN) {
    if (line.startsWith(word, end - word.length)) end -= word.length
    while (end > min && /\s/.test(line[end - 1])) end--
    const begin = end - bare.length
    if (begin >= 0 && line.startsWith(bare, begin) && (begin === 0 || !/[\w$.#]/.test(line[begin - 1]))) return begin
  }
  const own = /^class\s+/.exec(line.slice(column, column + 64))
  if (own && line.startsWith(bare, column + own[0].length)) return column + own[0].length
  if (!isOfClass(line, column)) return -1
  return classes.last(bare, Math.max(0, column - CLASS_LEAD_IN), column)
}

/**
 * @param {string} bare `name`, or `exports.name` as V8 infers it
 * @param {number} token its position
 * @param {(column: number, last: boolean) => string | undefined} nameAt the map's name of a token
 * @returns {string | undefined}
 */
function fromMap (bare, token, nameAt) {
  if (token < 0) return undefined
  let at = token
  let renamed = false
  const parts = bare.split('.').map((part, index, all) => {
    const name = nameAt(at, index === all.length - 1)
    at += part.length + 1
    if (name === undefined || name.length > MAX_NAME || !WHOLE_WORD.test(name)) return part
    renamed = true
    return name
  })
  return renamed ? parts.join('.') : undefined
}

/**
 * @param {string} bare
 * @param {string[]} lines of the source
 * @param {number} row of a constructor or a field, 0-based
 * @returns {string | undefined} the class that contains the row, unless `bare` is a class of the source
 */
function classAround (bare, lines, row) {
  if (lines[row] === undefined) return undefined
  const classes = classesOf(lines)
  return classes.has(bare, row) ? undefined : classes.around(row)
}

/**
 * @param {string} bare
 * @param {string[]} lines of the source
 * @param {{ line: number, column: number }} at 0-based
 * @returns {string | undefined}
 */
function fromSource (bare, lines, { line, column }) {
  // The source may be a bundle of one line.
  const text = lines[line]?.slice(0, column + MAX_LINE)
  if (text === undefined || column > MAX_LINE) return undefined
  const here = text.slice(column)
  if (bare !== '' && text.split(/[^\p{ID_Continue}$]+/u).includes(bare)) return undefined
  const named = NAMED.exec(here)
  if (named) return named[1]
  return BEGINS.test(here) ? ASSIGNED.exec(text.slice(0, column))?.[1] : undefined
}

/**
 * For a map without names: the word in the source that a name is mapped to.
 * @param {string | undefined} text a line of the source
 * @param {number} column
 * @returns {string | undefined} undefined if it is not the name of a function or class
 */
function wordAt (text, column) {
  const here = text?.slice(column, column + MAX_LINE) ?? ''
  const word = WORD_HERE.exec(here)?.[0]
  if (word === undefined || word.length > MAX_NAME || NO_NAME.has(word)) return undefined
  return GIVEN.test(here.slice(word.length)) ? word : undefined
}

/**
 * @param {object} site
 * @param {string} site.name from V8; empty for an anonymous function
 * @param {string} [site.code] the line of the generated file
 * @param {number} site.column where the function begins in it, 0-based
 * @param {(column: number, last: boolean) => string | undefined} site.nameAt the map's name at
 *   exactly that column; `last`: the last part of `a.b`
 * @param {ClassNames} [site.classes] of that line
 * @param {number} site.mapped the column of the mapping that was used
 * @param {string[]} [site.source] lines of the source
 * @param {{ line: number, column: number }} site.at the place in the source, 0-based
 * @returns {string} the name in the source if it is certain, else V8's
 */
function functionName ({ name, code, column, nameAt, classes, mapped, source, at }) {
  if (name.startsWith('<') || name === '(off-heap)') return name
  const { kind, bare } = split(name)
  if (bare !== '') {
    // Without the text, only a token that ends directly before the function is certain.
    const token = code === undefined ? column - bare.length : tokenOf(bare, code, column, classes ?? new ClassNames(code))
    const mappedName = fromMap(bare, token, nameAt)
    if (mappedName !== undefined) return kind + mappedName
  }
  if (!source || code === undefined) return name
  if (bare !== '' && isOfClass(code, column)) return classAround(bare, source, at.line) ?? name
  const before = code.slice(Math.max(0, column - LEAD_IN), column)
  const lead = /(?:\basync\s+)?\bfunction\s*\*?\s*$/.exec(before)
  const begins = mapped === column || (lead !== null && mapped >= column - lead[0].length)
  const sourceName = begins ? fromSource(bare, source, at) : undefined
  return sourceName === undefined ? name : kind + sourceName
}

/** @param {string} name from V8 @returns {string} without `get ` and `set ` */
function bareName (name) {
  return split(name).bare
}

module.exports = { functionName, wordAt, bareName, tokenOf }
