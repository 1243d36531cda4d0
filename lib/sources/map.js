'use strict'

const path = require('node:path')
const { fileURLToPath } = require('node:url')
const { FlattenMap, traceSegment, decodedMappings } = require('@jridgewell/trace-mapping')
const { MapError, exists, textOf, decoded } = require('./find.js')
const { functionName } = require('./names.js')

/** Folders above a generated file in which a bundler's `./src/a.ts` is looked for. */
const MOST_FOLDERS = 12
/** Lines in which the first statement of a function is looked for. */
const BODY_LINES = 3
const MOST_HEAD = 256

/**
 * @typedef {{ name: string, line: number, column: number }} Position 1-based, as V8 has it
 * @typedef {{ name: string, file: string, line: number, column: number }} Place
 * @typedef {import('@jridgewell/trace-mapping').TraceMap} TraceMap
 * @typedef {readonly number[]} Segment column, source, line, column, name
 */

/**
 * @param {string} text
 * @param {string} place
 * @returns {TraceMap}
 */
function parseMap (text, place) {
  /** @type {any} */
  let json
  try {
    json = JSON.parse(text.replace(/^\)\]\}'[^\n]*\n/, ''))
  } catch {
    throw new MapError('its source map is no valid JSON')
  }
  if (json === null || typeof json !== 'object' || Array.isArray(json)) throw new MapError('its source map is no object')
  if (json.version !== 3) throw new MapError(`its source map is of version ${JSON.stringify(json.version)?.slice(0, 20)}, only 3 is known`)
  const maps = Array.isArray(json.sections) ? json.sections.map((/** @type {any} */ section) => section?.map) : [json]
  for (const one of maps) {
    if (typeof one?.mappings !== 'string' || !Array.isArray(one.sources)) throw new MapError('its source map has no mappings or no sources')
    if (!/^[A-Za-z\d+/,;]*$/.test(one.mappings)) throw new MapError('its source map cannot be decoded')
  }
  try {
    const map = new FlattenMap(json, place)
    decodedMappings(map)
    return map
  } catch {
    throw new MapError('its source map cannot be decoded')
  }
}

/**
 * @param {string} source
 * @returns {string} without the scheme and host that bundlers put in front
 */
function withoutScheme (source) {
  return source.replace(/^[a-z][a-z\d+.-]*:(\/\/[^/]*\/)?/i, '').replace(/\?[^/]*$/, '').replace(/^(\.\/)+/, '')
}

/** One generated file and its map. */
class FileMap {
  /** @type {(string | undefined)[]} path of each source that is used */
  #paths = []
  /** @type {(string[] | undefined)[]} */
  #lines = []
  /** @type {string[] | undefined} */
  #code
  #map
  #found

  /**
   * @param {string} file the generated file, as an absolute path
   * @param {import('./find.js').Found} found
   */
  constructor (file, found) {
    /** The generated file. */
    this.file = file
    this.#found = found
    this.#map = parseMap(found.text, found.place)
  }

  /** Whether the file is itself a source of the map: its positions are mapped already. */
  get isSource () {
    const { resolvedSources, sources } = this.#map
    if (resolvedSources.includes(this.file)) return true
    if (!this.#found.here) return false
    return sources.some(source => {
      const tail = withoutScheme(source ?? '').replace(/^(\.\.?\/)+/, '')
      return tail.includes('/') && this.file.endsWith(`/${tail}`)
    })
  }

  /**
   * @param {Position[]} positions
   * @param {string} cwd of the profiled process
   * @returns {Promise<(Place | undefined)[]>} each one's, nothing where it has no source
   */
  async places (positions, cwd) {
    const { names } = this.#map
    const found = positions.map(position => this.#segment(position))
    const whole = found.every(Boolean)
    if (names.length > 0 || !whole) await this.#readCode()
    const heads = whole ? found : found.map((segment, at) => segment ?? this.#first(positions[at]))
    for (const index of new Set(heads.map(segment => segment?.[1] ?? -1))) await this.#useSource(index, cwd)
    return positions.map((position, at) => this.#place(position, heads[at], found[at] !== undefined))
  }

  /**
   * @param {number} index
   * @param {string} cwd
   */
  async #useSource (index, cwd) {
    const { names, sources, resolvedSources } = this.#map
    if (!sources[index]) return
    this.#paths[index] = (await this.#pathOf(resolvedSources[index], cwd)).replace(/^\/(?=[A-Za-z]:\/)/, '')
    if (names.length > 0) this.#lines[index] = (await this.#textOf(index))?.split('\n')
  }

  async #readCode () {
    const { code, codePath } = this.#found
    const text = code ?? (codePath && await textOf(codePath))
    this.#code = text ? text.split(/\r\n|[\n\r\u2028\u2029]/) : undefined
  }

  /** @param {number} index */
  async #textOf (index) {
    const inMap = this.#map.sourcesContent?.[index]
    const file = this.#paths[index]
    return typeof inMap === 'string' ? inMap : file && path.isAbsolute(file) ? textOf(file) : undefined
  }

  /**
   * @param {string} source
   * @param {string} cwd
   * @returns {Promise<string>}
   */
  async #pathOf (source, cwd) {
    if (/^file:/i.test(source)) {
      try {
        return fileURLToPath(source)
      } catch {
        return withoutScheme(source)
      }
    }
    if (/^[a-z][a-z\d+.-]+:/i.test(source)) return this.#bundled(withoutScheme(source), cwd)
    const { place, here } = this.#found
    const local = here && path.resolve(path.dirname(here), path.relative(path.dirname(place), source))
    const candidates = [local, local && decoded(local), source, decoded(source)]
    for (const candidate of candidates) if (candidate && await exists(candidate)) return candidate
    return source
  }

  /**
   * A bundler's path is relative to a folder that the map does not tell.
   * @param {string} source
   * @param {string} cwd
   */
  async #bundled (source, cwd) {
    if (path.isAbsolute(source) || source.startsWith('webpack/')) return source
    let folder = path.dirname(this.#found.here ?? this.file)
    for (let i = 0; i < MOST_FOLDERS; i++) {
      const candidate = path.join(folder, source)
      if (await exists(candidate)) return candidate
      if (folder === path.dirname(folder)) break
      folder = path.dirname(folder)
    }
    return cwd && this.file.startsWith(`${cwd}/`) ? path.join(cwd, source) : source
  }

  /**
   * @param {Position} position
   * @returns {Segment | undefined} with a source
   */
  #segment ({ name, line, column }) {
    // The whole file's own code begins in front of any mapping.
    if (line === 1 && column <= 1 && name === '') return this.#whole()
    if (line < 1) return undefined
    const segment = traceSegment(this.#map, line - 1, Math.max(0, column - 1))
    return segment && segment.length > 1 ? segment : undefined
  }

  /**
   * The top level: of a bundle it is shown as its entry's, which comes last.
   * @returns {Segment | undefined}
   */
  #whole () {
    const lines = decodedMappings(this.#map)
    for (let i = lines.length - 1; i >= 0; i--) {
      const last = lines[i].filter(segment => segment.length > 1).at(-1)
      if (last) return [0, /** @type {number} */ (last[1]), 0, 0]
    }
    return undefined
  }

  /**
   * Of a function whose head has no mapping, as of what `async` was made into:
   * its first statement's.
   * @param {Position} position
   * @returns {Segment | undefined}
   */
  #first ({ line, column }) {
    if (!this.#code || line < 1) return undefined
    const head = this.#code.slice(line - 1, line - 1 + BODY_LINES).join('\n').slice(column - 1, column - 1 + MOST_HEAD)
    if (!/^\([\w$\s,]*\)\s*(=>\s*)?\{/.test(head)) return undefined
    const lines = decodedMappings(this.#map)
    let between = ''
    for (let row = line - 1; row < line - 1 + BODY_LINES; row++) {
      const text = this.#code[row] ?? ''
      const from = row === line - 1 ? column - 1 : 0
      const next = (lines[row] ?? []).find(segment => segment.length > 1 && segment[0] >= from)
      between += text.slice(from, next ? next[0] : undefined) + ' '
      if (next) return /^\([\w$\s,]*\)\s*(=>\s*)?\{\s*$/.test(between) ? next : undefined
    }
    return undefined
  }

  /**
   * @param {Position} position
   * @param {Segment | undefined} segment
   * @param {boolean} own whether it is of the position itself
   * @returns {Place | undefined}
   */
  #place (position, segment, own) {
    if (!segment) return undefined
    const [mapped, source, line, column] = /** @type {[number, number, number, number]} */ (/** @type {unknown} */ (segment))
    const file = this.#paths[source]
    if (file === undefined || line < 0 || column < 0) return undefined
    const place = { file, line: line + 1, column: column + 1 }
    if (!own || this.#map.names.length === 0) return { ...place, name: position.name }
    const name = functionName({
      name: position.name,
      code: this.#code?.[position.line - 1],
      column: position.column - 1,
      nameAt: at => this.#nameAt(position.line - 1, at),
      mapped,
      source: this.#lines[source],
      at: { line, column }
    })
    return { ...place, name }
  }

  /**
   * @param {number} line
   * @param {number} column
   * @returns {string | undefined}
   */
  #nameAt (line, column) {
    const segment = column < 0 ? null : traceSegment(this.#map, line, column)
    return segment && segment[0] === column && segment.length === 5 ? this.#map.names[segment[4]] : undefined
  }

  /**
   * @returns {Promise<[string, string][]>} the used sources that are no files here, with their texts
   */
  async contents () {
    /** @type {[string, string][]} */
    const texts = []
    for (const [index, file] of this.#paths.entries()) {
      const text = this.#map.sourcesContent?.[index]
      if (file !== undefined && typeof text === 'string' && !(path.isAbsolute(file) && await exists(file))) texts.push([file, text])
    }
    return texts
  }
}

module.exports = { FileMap }
