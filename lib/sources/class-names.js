'use strict'

/** Positions of classes in a text, which is scanned only once. */

const WORD = '[\\p{ID_Start}$_][\\p{ID_Continue}$]*'
const MAX_WORD = 256
/** Only the start of a line is searched for a class. */
const MAX_LINE = 1024
const CLASS = new RegExp(`^(\\s{0,256})(?:export\\s+|default\\s+|declare\\s+|abstract\\s+){0,4}(?:class\\s+(${WORD})|(?:const|let|var)\\s+(${WORD})\\s*=\\s*class\\b)`, 'u')

/** @param {number} code of a character */
function isWord (code) {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 36 || code === 95 || code > 127
}

/** @param {number} code */
function isSpace (code) {
  return code === 32 || (code >= 9 && code <= 13)
}

/**
 * @param {string} text
 * @param {number} at after `class`
 * @returns {number} where the class's name begins; -1: no name follows
 */
function nameAfter (text, at) {
  let begin = at
  while (begin < text.length && begin - at < MAX_WORD && isSpace(text.charCodeAt(begin))) begin++
  return begin > at && isWord(text.charCodeAt(begin)) ? begin : -1
}

/**
 * @param {string} text
 * @param {number} at where `class` begins
 * @returns {{ begin: number, end: number } | undefined} the word of `word = class`
 */
function nameBefore (text, at) {
  const min = Math.max(0, at - MAX_WORD)
  let end = at
  while (end > min && isSpace(text.charCodeAt(end - 1))) end--
  if (text[end - 1] !== '=') return undefined
  end--
  while (end > min && isSpace(text.charCodeAt(end - 1))) end--
  let begin = end
  while (begin > min && isWord(text.charCodeAt(begin - 1))) begin--
  return begin < end && text[begin - 1] !== '.' ? { begin, end } : undefined
}

/**
 * @param {string} text
 * @param {(name: string, at: number) => void} found called with each class's name and its position
 */
function eachClass (text, found) {
  for (let at = text.indexOf('class'); at >= 0; at = text.indexOf('class', at + 5)) {
    const whole = !isWord(text.charCodeAt(at - 1)) && !isWord(text.charCodeAt(at + 5))
    if (!whole) continue
    const begin = nameAfter(text, at + 5)
    let end = begin
    while (begin >= 0 && end - begin < MAX_WORD && end < text.length && isWord(text.charCodeAt(end))) end++
    if (begin >= 0) found(text.slice(begin, end), begin)
    const front = nameBefore(text, at)
    if (front) found(text.slice(front.begin, front.end), front.begin)
  }
}

/** The names of classes in a line of a generated file. */
class ClassNames {
  /** @type {Map<string, number[]> | undefined} */
  #places
  #text

  /** @param {string} text */
  constructor (text) {
    this.#text = text
  }

  /**
   * @param {string} name
   * @param {number} from
   * @param {number} to
   * @returns {number} position of the last class name in [from, to); -1: none
   */
  last (name, from, to) {
    if (!this.#places) {
      /** @type {Map<string, number[]>} */
      const places = new Map()
      eachClass(this.#text, (word, at) => {
        const known = places.get(word)
        if (known) known.push(at)
        else places.set(word, [at])
      })
      for (const list of places.values()) list.sort((a, b) => a - b)
      this.#places = places
    }
    const list = this.#places.get(name) ?? []
    let low = 0
    let high = list.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (list[middle] < to) low = middle + 1
      else high = middle
    }
    return low > 0 && list[low - 1] >= from ? list[low - 1] : -1
  }
}

/** @param {string} line */
function indentOf (line) {
  let indent = 0
  while (indent < line.length && isSpace(line.charCodeAt(indent))) indent++
  return indent
}

/**
 * @typedef {object} Head
 * @property {number} row 0-based
 * @property {number} indent
 * @property {string} name
 * @property {Head | undefined} outer the nearest above it that is indented less
 */

/** The classes of a source; indentation decides which class a line is in. */
class Classes {
  /** @type {Head[]} by row */
  #heads = []
  /** @type {Map<string, number>} first row of each class name */
  #first = new Map()
  #lines

  /** @param {string[]} lines */
  constructor (lines) {
    this.#lines = lines
    for (const [row, line] of lines.entries()) {
      if (!line.includes('class')) continue
      eachClass(line, name => { if (!this.#first.has(name)) this.#first.set(name, row) })
      const found = CLASS.exec(line.slice(0, MAX_LINE))
      if (!found) continue
      const indent = found[1].length
      this.#heads.push({ row, indent, name: found[2] ?? found[3], outer: outside(this.#heads.at(-1), indent) })
    }
  }

  /**
   * @param {string} name
   * @param {number} row
   * @returns {boolean} whether a class of that name begins in or above this row
   */
  has (name, row) {
    return (this.#first.get(name) ?? Infinity) <= row
  }

  /**
   * @param {number} row
   * @returns {string | undefined} the class that begins in or contains this row
   */
  around (row) {
    let low = 0
    let high = this.#heads.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#heads[middle].row <= row) low = middle + 1
      else high = middle
    }
    const last = this.#heads[low - 1]
    return last?.row === row ? last.name : outside(last, indentOf(this.#lines[row]))?.name
  }
}

/**
 * @param {Head | undefined} head
 * @param {number} indent
 * @returns {Head | undefined} the nearest head, from `head` upwards, that is indented less
 */
function outside (head, indent) {
  let at = head
  while (at && at.indent >= indent) at = at.outer
  return at
}

/** @type {WeakMap<string[], Classes>} */
const known = new WeakMap()

/**
 * @param {string[]} lines of a source
 * @returns {Classes} cached
 */
function classesOf (lines) {
  const made = known.get(lines) ?? new Classes(lines)
  known.set(lines, made)
  return made
}

module.exports = { ClassNames, classesOf, WORD }
