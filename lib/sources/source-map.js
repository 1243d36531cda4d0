'use strict'

const path = require('node:path')
const { traceSegment, decodedMappings } = require('@jridgewell/trace-mapping')
const { ClassNames } = require('./class-names.js')
const { functionName, wordAt, bareName } = require('./function-names.js')
const { parseMap } = require('./parse-map.js')
const { decoded, hasScheme, inPackage, liesBelow, packageFolder, pathOfUrl, MAX_PATH } = require('./paths.js')

/** Maximum folders above a generated file in which a bundler's `./src/a.ts` is searched. */
const MAX_FOLDERS = 12
/** Maximum lines in which the first statement of a function is searched. */
const BODY_LINES = 3
const MAX_HEAD = 256
/** Names this short are probably from a minifier. */
const SHORT_NAME = 3

/**
 * @typedef {{ name: string, line: number, column: number, call: number }} Position of a function and, in it, of
 *   a call; 1-based, from V8; a call of 0 is unknown
 * @typedef {{ name: string, file: string, line: number, column: number, call: number }} Place
 * @typedef {readonly number[]} Segment column, source, line, column, name
 */

/**
 * @param {string} source
 * @returns {string} without a bundler's scheme and host
 */
function withoutScheme (source) {
  return source.replace(/^[a-z][a-z\d+.-]*:(\/\/[^/]*\/)?/i, '').replace(/\?[^/]*$/, '').replace(/^(\.\/)+/, '')
}

/**
 * @param {readonly Segment[]} segments of a line, in order
 * @param {number} column
 * @returns {number} of the first with a source at or after this column; as many as there are: none
 */
function segmentFrom (segments, column) {
  let low = 0
  let high = segments.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (segments[middle][0] < column) low = middle + 1
    else high = middle
  }
  while (low < segments.length && segments[low].length === 1) low++
  return low
}

/** @param {Position} a @param {Position} b */
function sameFunction (a, b) {
  return a.name === b.name && a.line === b.line && a.column === b.column
}

/** @param {string} name */
function isShort (name) {
  return name !== '' && name.slice(name.lastIndexOf('.') + 1).length <= SHORT_NAME
}

/** One generated file and its map. */
class FileMap {
  /** @type {(string | undefined)[]} path of each used source */
  #paths = []
  /** @type {(string[] | undefined)[]} of each used source, if names are searched */
  #lines = []
  /** @type {string[] | undefined} */
  #code
  /** @type {Map<number, ClassNames>} by line of the generated file */
  #classes = new Map()
  #named = false
  /** @type {Segment | undefined | null} null: not searched yet */
  #top = null
  #map
  #sources
  #found
  #files

  /**
   * @param {string} file the generated file, as an absolute path
   * @param {import('./find-map.js').FoundMap} found
   * @param {import('./files.js').Files} files
   */
  constructor (file, found, files) {
    /** The generated file. */
    this.file = file
    this.#found = found
    this.#files = files
    const { map, sources } = parseMap(found.text, path.dirname(found.place))
    this.#map = map
    this.#sources = sources
  }

  /** Whether the file is itself a source of the map: its positions need no mapping. */
  get isSource () {
    if (this.#sources.includes(this.file)) return true
    if (!this.#found.here) return false
    return this.#sources.some(source => {
      const tail = withoutScheme(source ?? '').replace(/^(\.\.?\/)+/, '')
      return tail.includes('/') && this.file.endsWith(`/${tail}`)
    })
  }

  /**
   * @param {Position[]} positions
   * @param {string} cwd of the profiled process
   * @param {() => void} [check] throws if the time limit is exceeded
   * @returns {Promise<(Place | undefined)[]>} one for each position; undefined: not in the map
   */
  async places (positions, cwd, check = () => {}) {
    const found = positions.map(position => this.#segment(position))
    const whole = found.every(Boolean)
    this.#named = this.#map.names.length > 0 || positions.some(({ name }) => isShort(bareName(name)))
    if (this.#named || !whole) await this.#readCode()
    const heads = whole ? found : found.map((segment, at) => segment ?? this.#first(positions[at]))
    for (const index of new Set(heads.map(segment => segment?.[1] ?? -1))) {
      check()
      await this.#useSource(index, cwd)
    }
    check()
    /** @type {Omit<Place, 'call'> | undefined} */
    let place
    return positions.map((position, at) => {
      // The calls of a function follow each other.
      if (at === 0 || !sameFunction(position, positions[at - 1])) place = this.#place(position, heads[at], found[at] !== undefined)
      return place && { ...place, call: this.#call(position, heads[at]?.[1] ?? -1) }
    })
  }

  /**
   * The line of a call is that of the first mapping on its generated line, inside of the function.
   * @param {Position} position
   * @param {number} source the function's
   * @returns {number} 0: unknown
   */
  #call ({ line, column, call }, source) {
    if (call < 1 || call < line) return 0
    const segments = decodedMappings(this.#map)[call - 1] ?? []
    const from = call === line ? column - 1 : 0
    let at = segmentFrom(segments, from)
    const [, first, mapped] = segments.at(at) ?? []
    if (first !== source || mapped === undefined) return 0
    // In minified code all lines of the function, and of others, are on this one.
    for (; call === line && at < segments.length; at++) {
      const [, other, row] = segments[at]
      if (other !== undefined && (other !== source || row !== mapped)) return 0
    }
    return mapped + 1
  }

  /**
   * @param {number} index
   * @param {string} cwd
   */
  async #useSource (index, cwd) {
    const source = this.#sources[index]
    if (source === undefined) return
    const file = (await this.#pathOf(source, cwd)).replace(/^\/(?=[A-Za-z]:\/)/, '')
    if (file.length > MAX_PATH) return
    this.#paths[index] = file
    if (this.#named) this.#lines[index] = (await this.#textOf(index))?.split('\n')
  }

  async #readCode () {
    const { code, codePath } = this.#found
    const text = code ?? (codePath && await this.#files.textOf(codePath))
    this.#code = text ? text.split(/\r\n|[\n\r\u2028\u2029]/) : undefined
  }

  /** @param {number} index */
  async #textOf (index) {
    const inMap = this.#map.sourcesContent?.[index]
    const file = this.#paths[index]
    return typeof inMap === 'string' ? inMap : file && path.isAbsolute(file) ? this.#files.textOf(file) : undefined
  }

  /**
   * @param {string} source
   * @param {string} cwd
   * @returns {Promise<string>}
   */
  async #pathOf (source, cwd) {
    if (/^file:/i.test(source)) return this.#kept(pathOfUrl(source) ?? withoutScheme(source))
    if (hasScheme(source)) return this.#kept(await this.#bundled(withoutScheme(source), cwd))
    const { place, here } = this.#found
    const local = here && path.resolve(path.dirname(here), path.relative(path.dirname(place), source))
    const candidates = [local, local && decoded(local), source, decoded(source)]
    for (const candidate of candidates) if (candidate && await this.#files.exists(candidate)) return this.#kept(candidate)
    return this.#kept(source)
  }

  /** @param {string} source */
  #kept (source) {
    return inPackage(source, this.file)
  }

  /**
   * A bundler's path is relative to a folder that is not in the map.
   * @param {string} source
   * @param {string} cwd
   */
  async #bundled (source, cwd) {
    if (path.isAbsolute(source) || source.startsWith('webpack/')) return source
    const top = packageFolder(this.file)
    let folder = path.dirname(this.#found.here ?? this.file)
    for (let i = 0; i < MAX_FOLDERS; i++) {
      const candidate = path.join(folder, source)
      if (await this.#files.exists(candidate)) return candidate
      if (folder === top || folder === path.dirname(folder)) break
      folder = path.dirname(folder)
    }
    return cwd && top === undefined && liesBelow(this.file, cwd) ? path.join(cwd, source) : source
  }

  /**
   * @param {Position} position
   * @returns {Segment | undefined} with a source
   */
  #segment ({ name, line, column }) {
    // The top-level code begins before any mapping.
    if (line === 1 && column <= 1 && name === '') return this.#whole()
    if (line < 1) return undefined
    const segment = traceSegment(this.#map, line - 1, Math.max(0, column - 1))
    return segment && segment.length > 1 ? segment : undefined
  }

  /**
   * The top level of a bundle is shown as that of its entry, which comes last.
   * @returns {Segment | undefined}
   */
  #whole () {
    if (this.#top !== null) return this.#top
    const lines = decodedMappings(this.#map)
    this.#top = undefined
    for (let i = lines.length - 1; i >= 0 && !this.#top; i--) {
      const last = [...lines[i]].reverse().find(segment => segment.length > 1)
      if (last) this.#top = [0, /** @type {number} */ (last[1]), 0, 0]
    }
    return this.#top
  }

  /**
   * The first statement of a function whose head has no mapping, as for a compiled `async` function.
   * @param {Position} position
   * @returns {Segment | undefined}
   */
  #first ({ line, column }) {
    if (!this.#code || line < 1) return undefined
    const lines = decodedMappings(this.#map)
    let between = ''
    for (let row = line - 1; row < line - 1 + BODY_LINES && between.length <= MAX_HEAD; row++) {
      const from = row === line - 1 ? column - 1 : 0
      const segments = lines[row] ?? []
      const next = segments.at(segmentFrom(segments, from))
      between += (this.#code[row] ?? '').slice(from, Math.min(next ? next[0] : Infinity, from + MAX_HEAD)) + ' '
      if (next) return /^\([\w$\s,]*\)\s*(=>\s*)?\{\s*$/.test(between) ? next : undefined
    }
    return undefined
  }

  /**
   * @param {Position} position
   * @param {Segment | undefined} segment
   * @param {boolean} own whether the segment is of the position itself
   * @returns {Omit<Place, 'call'> | undefined}
   */
  #place (position, segment, own) {
    if (!segment) return undefined
    const [mapped, source, line, column] = /** @type {[number, number, number, number]} */ (/** @type {unknown} */ (segment))
    const file = this.#paths[source]
    if (file === undefined || line < 0 || column < 0) return undefined
    const place = { file, line: line + 1, column: column + 1 }
    if (!own || !this.#named) return { ...place, name: position.name }
    const name = functionName({
      name: position.name,
      code: this.#code?.[position.line - 1],
      column: position.column - 1,
      nameAt: (at, last) => this.#nameAt(position.line - 1, at, last),
      classes: this.#classesOf(position.line - 1),
      mapped,
      source: this.#lines[source],
      at: { line, column }
    })
    return { ...place, name }
  }

  /** @param {number} row of the generated file */
  #classesOf (row) {
    const known = this.#classes.get(row) ?? new ClassNames(this.#code?.[row] ?? '')
    this.#classes.set(row, known)
    return known
  }

  /**
   * @param {number} line
   * @param {number} column
   * @param {boolean} last of the parts of a name
   * @returns {string | undefined}
   */
  #nameAt (line, column, last) {
    const segment = column < 0 ? null : traceSegment(this.#map, line, column)
    if (!segment || segment[0] !== column || segment.length < 4) return undefined
    if (segment.length === 5) return this.#map.names[segment[4]]
    const [, source, row, at] = /** @type {[number, number, number, number]} */ (segment)
    return last && this.#map.names.length === 0 ? wordAt(this.#lines[source]?.[row], at) : undefined
  }

  /**
   * @returns {Promise<[string, string][]>} the used sources that are not files here, with their texts
   */
  async contents () {
    /** @type {[string, string][]} */
    const texts = []
    for (const [index, file] of this.#paths.entries()) {
      const text = this.#map.sourcesContent?.[index]
      if (file !== undefined && typeof text === 'string' && !(path.isAbsolute(file) && await this.#files.exists(file))) texts.push([file, text])
    }
    return texts
  }
}

module.exports = { FileMap }
