'use strict'

/**
 * What a function is called in its source. V8 says where a function begins, which
 * is behind its name: the mapping there belongs to a parameter, or to what is
 * around it. So a name is taken only from the mapping of the very token that named
 * the function, or from the words at the place in the source that it begins at.
 */

const WORD = '[\\p{ID_Start}$_][\\p{ID_Continue}$]*'
const WHOLE_WORD = new RegExp(`^#?${WORD}$`, 'u')
const NAMED = new RegExp(`^(?:export\\s+)?(?:default\\s+)?(?:async\\s+|abstract\\s+)?(?:function\\s*\\*?|class)\\s*(${WORD})`, 'u')
const BEGINS = new RegExp(`^(?:async\\b|function\\b|class\\b|[(<]|${WORD}\\s*=>)`, 'u')
const MODIFIERS = '(?:(?:export|declare|const|let|var|public|private|protected|readonly|static|override|accessor)\\s+)*'
/** `const name: Type = ` or `name = ` of a field, as all that stands in front of a function. */
const ASSIGNED = new RegExp(`^\\s*${MODIFIERS}(#?${WORD})\\s*[?!]?\\s*(?::.*)?=\\s*$`, 'u')
const CLASS = new RegExp(`^(\\s*)(?:export\\s+|default\\s+|declare\\s+|abstract\\s+)*(?:class\\s+(${WORD})|(?:const|let|var)\\s+(${WORD})\\s*=\\s*class\\b)`, 'u')
/** What may stand between a name and the place where its function begins, from behind. */
const BETWEEN = ['', '*', 'function', 'async', '=', ':']
const CONSTRUCTOR_OR_FIELD = /(?:\bconstructor|[{};])\s*$/
const LEAD_IN = 32
const CLASS_LEAD_IN = 100000

/** @param {string} text */
function escaped (text) {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

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
 * @returns {number} where its name stands; -1 where it is not at hand
 */
function tokenOf (bare, line, column) {
  let end = column
  for (const word of BETWEEN) {
    if (line.startsWith(word, end - word.length)) end -= word.length
    while (end > 0 && /\s/.test(line[end - 1])) end--
    const begin = end - bare.length
    if (begin >= 0 && line.startsWith(bare, begin) && (begin === 0 || !/[\w$.#]/.test(line[begin - 1]))) return begin
  }
  const own = /^class\s+/.exec(line.slice(column, column + 64))
  if (own && line.startsWith(bare, column + own[0].length)) return column + own[0].length
  if (!isOfClass(line, column)) return -1
  const far = line.slice(Math.max(0, column - CLASS_LEAD_IN), column)
  const word = escaped(bare)
  const all = [...far.matchAll(new RegExp(`\\bclass\\s+(?=${word}[\\s{])|(?<![\\w$.])(?=${word}\\s*=\\s*class\\b)`, 'g'))]
  const last = all.at(-1)
  return last ? column - far.length + last.index + last[0].length : -1
}

/**
 * @param {string} bare `name`, or `exports.name` as V8 infers it
 * @param {number} token where it stands
 * @param {(column: number) => string | undefined} nameAt of the token that begins there
 * @returns {string | undefined}
 */
function fromMap (bare, token, nameAt) {
  if (token < 0) return undefined
  let at = token
  let renamed = false
  const parts = bare.split('.').map(part => {
    const name = nameAt(at)
    at += part.length + 1
    if (name === undefined || !WHOLE_WORD.test(name)) return part
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
  const own = new RegExp(`\\b${escaped(bare)}\\s*=\\s*class\\b|\\bclass\\s+${escaped(bare)}(?![\\w$])`)
  if (lines[row] === undefined || lines.slice(0, row + 1).some(line => own.test(line))) return undefined
  const indent = /^\s*/.exec(lines[row])?.[0].length ?? 0
  for (let at = row; at >= 0; at--) {
    const found = CLASS.exec(lines[at])
    if (found && (at === row || found[1].length < indent)) return found[2] ?? found[3]
  }
  return undefined
}

/**
 * @param {string} bare
 * @param {string[]} lines of the source
 * @param {{ line: number, column: number }} at 0-based
 * @returns {string | undefined}
 */
function fromSource (bare, lines, { line, column }) {
  const text = lines[line]
  if (text === undefined) return undefined
  const here = text.slice(column)
  if (bare !== '' && text.split(/[^\p{ID_Continue}$]+/u).includes(bare)) return undefined
  const named = NAMED.exec(here)
  if (named) return named[1]
  return BEGINS.test(here) ? ASSIGNED.exec(text.slice(0, column))?.[1] : undefined
}

/**
 * @param {object} site
 * @param {string} site.name what V8 calls the function; empty for an anonymous one
 * @param {string} [site.code] the line of the generated file
 * @param {number} site.column where the function begins in it, 0-based
 * @param {(column: number) => string | undefined} site.nameAt the map's name of exactly that column
 * @param {number} site.mapped the column of the mapping that was used
 * @param {string[]} [site.source] lines of the source
 * @param {{ line: number, column: number }} site.at the place in the source, 0-based
 * @returns {string} the name; V8's own where the source's cannot be told for sure
 */
function functionName ({ name, code, column, nameAt, mapped, source, at }) {
  if (name.startsWith('<') || name === '(off-heap)') return name
  const { kind, bare } = split(name)
  if (bare !== '') {
    // Without the text, a token that ends right in front can be no other.
    const token = code === undefined ? column - bare.length : tokenOf(bare, code, column)
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

module.exports = { functionName }
