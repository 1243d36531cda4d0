'use strict'

const path = require('node:path')
const { fileURLToPath } = require('node:url')
const binding = require('../binding.js')
const { oneLine, reason } = require('../errors.js')
const { findMap, MapError } = require('./find.js')

/** All maps of one profile: what takes longer keeps its generated positions. */
const MOST_MS = 5000
const AT_ONCE = 8
/** Frames of a row: its id, the places of its file and its name, line, column. */
const ROW = 5
const MOST_WARNINGS = 3
/** Texts of sources that a profile keeps for its listing. */
const MOST_CONTENT = 32 * 1024 * 1024

/** @typedef {import('../binding.js').Handle} Handle */

/**
 * @param {string} file as a frame has it
 * @returns {string | undefined} the path of what may be generated JavaScript
 */
function scriptPath (file) {
  const name = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1)
  if (!/\.[cm]?jsx?$/i.test(name) && name.includes('.')) return undefined
  if (path.isAbsolute(file)) return path.normalize(file)
  // As file: URLs have it: a folder of maps may be of a program that ran on Windows.
  if (/^[A-Za-z]:[\\/]/.test(file)) return `/${file.replaceAll('\\', '/')}`
  if (!file.startsWith('file:///')) return undefined
  try {
    return fileURLToPath(file)
  } catch {
    return undefined
  }
}

/** The maps of a profile's files, and what was wrong with some. */
class Maps {
  /** @type {Map<number, import('./map.js').FileMap>} by the file's place in files() */
  maps = new Map()
  /** @type {string[]} */
  warnings = []
  #ended = false
  #late = 0
  /** @type {Map<string, { place: number, file: string }[]>} */
  #guesses = new Map()
  #folder

  /** @param {string} [folder] of maps */
  constructor (folder) {
    this.#folder = folder
  }

  /** @param {string[]} files */
  async find (files) {
    const queue = files.flatMap((file, place) => {
      const script = scriptPath(file)
      return script === undefined ? [] : [{ script, place }]
    })
    const work = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) await this.#load(next.script, next.place)
    }
    /** @type {NodeJS.Timeout | undefined} */
    let timer
    const time = new Promise(resolve => { timer = setTimeout(resolve, MOST_MS) })
    await Promise.race([Promise.all(Array.from({ length: AT_ONCE }, work)), time])
    clearTimeout(timer)
    this.#ended = true
    this.#late += queue.splice(0).length
    if (this.#late > 0) this.warnings.push(`reading source maps took longer than ${MOST_MS / 1000} s: ${this.#late} files keep their generated positions`)
    this.#dropGuesses()
  }

  /**
   * @param {string} script
   * @param {number} place
   */
  async #load (script, place) {
    try {
      const found = await findMap(script, this.#folder)
      if (!found) return
      if (this.#ended) return
      // Loaded where the first map is: most programs have none.
      const { FileMap } = require('./map.js')
      const map = new FileMap(script, found)
      if (map.isSource) return
      this.maps.set(place, map)
      if (found.guessed) this.#guesses.set(found.label, [...this.#guesses.get(found.label) ?? [], { place, file: script }])
    } catch (error) {
      // Packages name maps that they do not ship.
      if (error instanceof MapError && error.missing && script.includes('/node_modules/')) return
      this.warn(script, error)
    }
  }

  /**
   * @param {string} script
   * @param {unknown} error
   */
  warn (script, error) {
    const why = error instanceof MapError ? error.message : `its source map cannot be used: ${reason(error)}`
    this.warnings.push(`${oneLine(script)}: ${why}`)
  }

  /** One map in a folder cannot be that of two files: neither is mapped. */
  #dropGuesses () {
    for (const [label, files] of this.#guesses) {
      if (files.length < 2) continue
      for (const { place } of files) this.maps.delete(place)
      this.warnings.push(`${label} may be of ${files.map(({ file }) => file).sort().join(' or of ')}: it is left out`)
    }
  }
}

/**
 * @param {string[]} warnings
 * @returns {string[]} a few lines
 */
function fewWarnings (warnings) {
  const lines = [...warnings].sort()
  if (lines.length <= MOST_WARNINGS + 1) return lines
  return [...lines.slice(0, MOST_WARNINGS), `${lines.length - MOST_WARNINGS} more files have source maps that cannot be used`]
}

/** Texts, each once, as the core takes them. */
class Texts {
  /** @type {Map<string, number>} */
  #places = new Map()

  /** @param {string} text */
  place (text) {
    const known = this.#places.get(text)
    if (known !== undefined) return known
    this.#places.set(text, this.#places.size)
    return this.#places.size - 1
  }

  get bytes () {
    return Buffer.from([...this.#places.keys()].map(text => `${text.replaceAll('\0', '')}\0`).join(''))
  }
}

/**
 * @param {[string, string][]} contents
 * @returns {Buffer} as many as are allowed
 */
function contentBytes (contents) {
  let room = MOST_CONTENT
  const kept = contents.filter(([, text]) => (room -= text.length) >= 0)
  return Buffer.from(kept.flatMap(pair => pair.map(text => `${text.replaceAll('\0', '')}\0`)).join(''))
}

/**
 * @typedef {import('./map.js').Position & { frame: number }} Frame
 *
 * @param {Handle} profile
 * @param {string[]} files
 * @param {Maps} found
 * @returns {Map<number, Frame[]>} the frames of each file that has a map
 */
function framesOf (profile, files, { maps }) {
  const wanted = Uint8Array.from(files, (_, place) => Number(maps.has(place)))
  const { rows, names } = binding.core().places(profile, wanted)
  /** @type {Map<number, Frame[]>} */
  const byFile = new Map([...maps.keys()].map(place => [place, []]))
  for (let at = 0; at < rows.length; at += ROW) {
    byFile.get(rows[at + 1])?.push({ frame: rows[at], name: names[rows[at + 2]], line: rows[at + 3], column: rows[at + 4] })
  }
  return byFile
}

/**
 * Looks the frames of generated files up in their source maps.
 *
 * @param {Handle} profile
 * @param {{ folder?: string, cwd: string }} options `cwd`: of the profiled process
 * @returns {Promise<{ profile: Handle | undefined, warnings: string[] }>} a new profile; none where
 *   nothing is mapped
 */
async function mapProfile (profile, { folder, cwd }) {
  const files = binding.core().files(profile)
  const found = new Maps(folder)
  await found.find(files)
  const texts = new Texts()
  /** @type {number[]} */
  const rows = []
  /** @type {[string, string][]} */
  const contents = []
  for (const [file, frames] of found.maps.size > 0 ? framesOf(profile, files, found) : []) {
    const map = /** @type {import('./map.js').FileMap} */ (found.maps.get(file))
    try {
      const places = await map.places(frames, cwd)
      for (const [at, place] of places.entries()) {
        if (place) rows.push(frames[at].frame, texts.place(place.file), texts.place(place.name), place.line, place.column)
      }
      contents.push(...await map.contents())
    } catch (error) {
      found.warn(map.file, error)
    }
  }
  const warnings = fewWarnings(found.warnings)
  if (rows.length === 0) return { profile: undefined, warnings }
  return { profile: await binding.core().remap(profile, Int32Array.from(rows), texts.bytes, contentBytes(contents)), warnings }
}

module.exports = { mapProfile }
