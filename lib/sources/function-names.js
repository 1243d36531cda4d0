'use strict'

/**
 * What a function is called in its source. V8 says where a function begins, which
 * is behind its name: the mapping there belongs to a parameter, or to what is
 * around it. So a name is taken only from the mapping of the very token that named
 * the function, or from the words at the place in the source that it begins at.
 */

const { ClassNames, classesOf, WORD } = require('./class-names.js')

const WHOLE_WORD = new RegExp(`^#?${WORD}$`, 'u')
const WORD_HERE = new RegExp(`^#?${WORD}`, 'u')
const NAMED = new RegExp(`^(?:export\\s+)?(?:default\\s+)?(?:async\\s+|abstract\\s+)?(?:function\\s*\\*?|class)\\s*(${WORD})`, 'u')
const BEGINS = new RegExp(`^(?:async\\b|function\\b|class\\b|[(<]|${WORD}\\s*=>)`, 'u')
const MODIFIERS = '(?:(?:export|declare|const|let|var|public|private|protected|readonly|static|override|accessor)\\s+)*'
/** `const name: Type = ` or `name = ` of a field, as all that stands in front of a function. */
const ASSIGNED = new RegExp(`^\\s*${MODIFIERS}(#?${WORD})\\s*[?!]?\\s*(?::.*)?=\\s*$`, 'u')
/** What may stand between a name and the place where its function begins, from behind. */
const BETWEEN = ['', '*', 'function', 'async', '=', ':']
const CONSTRUCTOR_OR_FIELD = /(?:\bconstructor|[{};])\s*$/
const LEAD_IN = 32
const CLASS_LEAD_IN = 100000
/** Spaces that may stand between a name and what is named, and letters of a line that are looked at. */
const MAX_SPACE = 256
const MAX_LINE = 2048
const MAX_NAME = 1024
/** Words that stand where a name may: in front of it, or in its place. */
const NO_NAME = new Set(('abstract accessor async await break case catch class const constructor continue debugger declare default delete do else enum export extends ' +
  'false finally for function if implements import in instanceof interface let namespace new null override private protected public readonly return static ' +
  'super switch this throw true try type typeof var void while with yield').split(' '))
/** What follows a name where a function or a class is given it. */
const GIVEN = /^\s{0,256}(?:[(<=:?!{]|extends\b|implements\b)/

/**
 * @param {string} name what V8 calls it
 * @returns {{ kind: string, bare: string }} `get ` or `set `, and the name
 */
function split (name) {
  const kind = /^[gs]et (?=.)/.exec(name)?.[0] ?? ''
  return { kind, bare: name.slice(kind.length) }
}

/**
 * Of a constructor, and of the initializers of fields: V8s let them begin at the
 * class's brace or at the first field, and name them as the class.
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
 * @returns {number} where its name stands; -1 where it is not at hand
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
 * @param {number} token where it stands
 * @param {(column: number, last: boolean) => string | undefined} nameAt of the token that begins there
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
 * @returns {string | undefined} the class that it is indented in, unless `bare` is a class of the source
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
  // All of a bundle that is its own source may be one line.
  const text = lines[line]?.slice(0, column + MAX_LINE)
  if (text === undefined || column > MAX_LINE) return undefined
  const here = text.slice(column)
  if (bare !== '' && text.split(/[^\p{ID_Continue}$]+/u).includes(bare)) return undefined
  const named = NAMED.exec(here)
  if (named) return named[1]
  return BEGINS.test(here) ? ASSIGNED.exec(text.slice(0, column))?.[1] : undefined
}

/**
 * Of a map without names: the word that stands where the mapping of a name leads to.
 * @param {string | undefined} text a line of the source
 * @param {number} column
 * @returns {string | undefined} nothing where no function or class is given a name there
 */
function wordAt (text, column) {
  const here = text?.slice(column, column + MAX_LINE) ?? ''
  const word = WORD_HERE.exec(here)?.[0]
  if (word === undefined || word.length > MAX_NAME || NO_NAME.has(word)) return undefined
  return GIVEN.test(here.slice(word.length)) ? word : undefined
}

/**
 * @param {object} site
 * @param {string} site.name what V8 calls the function; empty for an anonymous one
 * @param {string} [site.code] the line of the generated file
 * @param {number} site.column where the function begins in it, 0-based
 * @param {(column: number, last: boolean) => string | undefined} site.nameAt the map's name of exactly
 *   that column; `last`: of `a.b` it is b's
 * @param {ClassNames} [site.classes] of that line
 * @param {number} site.mapped the column of the mapping that was used
 * @param {string[]} [site.source] lines of the source
 * @param {{ line: number, column: number }} site.at the place in the source, 0-based
 * @returns {string} the name; V8's own where the source's cannot be told for sure
 */
function functionName ({ name, code, column, nameAt, classes, mapped, source, at }) {
  if (name.startsWith('<') || name === '(off-heap)') return name
  const { kind, bare } = split(name)
  if (bare !== '') {
    // Without the text, a token that ends right in front can be no other.
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

/** @param {string} name what V8 calls a function @returns {string} without `get ` and `set ` */
function bareName (name) {
  return split(name).bare
}

module.exports = { functionName, wordAt, bareName, tokenOf }
