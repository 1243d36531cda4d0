'use strict'

const path = require('node:path')
const binding = require('../common/native.js')
const { oneLine } = require('../common/errors.js')
const { monotonic } = require('../common/node-originals.js')
const { Files } = require('./files.js')
const { lookUp } = require('./map-file.js')
const { BUNDLED, factsOf } = require('./in-memory.js')
const { scriptPath } = require('./paths.js')

/** Time limit for all maps of one profile; later files keep their generated positions. */
const MAX_MS = 5000
const AT_ONCE = 4
/** Maximum characters of a map, generated file or source that is read in this process. */
const MAX_HERE = 1024 * 1024
/** Numbers per frame: id, indices of its file and name, line, column, line of the call. */
const ROW = 6
const MAX_WARNINGS = 3
/** Maximum characters of source texts in a profile, for its listing. */
const MAX_CONTENT = 32 * 1024 * 1024

/**
 * @typedef {import('../common/native.js').Handle} Handle
 * @typedef {import('./map-file.js').LookupResult} LookupResult
 * @typedef {import('./source-map.js').Position & { frame: number }} Frame
 * @typedef {{ script: string, place: number, facts?: import('./in-memory.js').Facts }} Script `place`: index of
 *   the file in files(); `script`: its path
 */

/** The frames of a profile, by file. */
class Frames {
  /** @type {Map<number, number[]>} by file, the start of its rows */
  #starts = new Map()
  #rows
  #names

  /**
   * @param {Handle} profile
   * @param {readonly string[]} files
   * @param {readonly Script[]} scripts
   */
  constructor (profile, files, scripts) {
    const needed = new Uint8Array(files.length)
    for (const { place } of scripts) needed[place] = 1
    const { rows, names } = binding.core().places(profile, needed)
    this.#rows = rows
    this.#names = names
    for (let at = 0; at < rows.length; at += ROW) {
      const known = this.#starts.get(rows[at + 1])
      if (known) known.push(at)
      else this.#starts.set(rows[at + 1], [at])
    }
  }

  /**
   * @param {number} file its index
   * @returns {Frame[]}
   */
  of (file) {
    const rows = this.#rows
    return (this.#starts.get(file) ?? []).map(at => (
      { frame: rows[at], name: this.#names[rows[at + 2]], line: rows[at + 3], column: rows[at + 4], call: rows[at + 5] }
    ))
  }
}

/** The time limit is exceeded. */
class TimedOut extends Error {}

/** Mapped positions of a profile's files, and warnings about maps. */
class Maps {
  /** @type {Map<number, LookupResult>} by the file's index in files() */
  results = new Map()
  /** @type {string[]} */
  warnings = []
  #timedOut = 0
  #contentBudget = MAX_CONTENT
  /** @type {Map<string, Script[]>} */
  #guesses = new Map()
  #until = monotonic() + MAX_MS
  #frames
  #options

  /**
   * @param {() => Frames} frames
   * @param {Options} options
   */
  constructor (frames, options) {
    this.#frames = frames
    this.#options = options
  }

  /** @param {readonly Script[]} scripts */
  async find (scripts) {
    const { roots } = this.#options
    const files = new Files({ roots, max: MAX_HERE })
    const queue = [...scripts]
    /** @type {Script[]} */
    const tooLarge = []
    const work = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) await this.#load(next, files, tooLarge)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    if (tooLarge.length > 0) await this.#loadInChild(tooLarge)
    const left = [...files.outside].filter(file => files.outside.has(`${file}.map`)).length
    if (left > 0) this.warnings.push(`${left} ${left > 1 ? 'files have' : 'file has'} a source map outside of the folders that may be read; add one with --source-root DIR`)
    if (this.#timedOut > 0) this.warnings.push(`reading source maps took longer than ${MAX_MS / 1000} s: ${this.#timedOut} ${this.#timedOut > 1 ? 'files keep their' : 'file keeps its'} generated positions`)
    this.#dropGuesses()
  }

  /** @param {Script} script */
  #jobOf ({ script, facts }) {
    const { folder, cwd } = this.#options
    return { script, facts, folder, cwd }
  }

  /**
   * @param {Script} script
   * @param {Files} files
   * @param {Script[]} tooLarge
   */
  async #load (script, files, tooLarge) {
    let timedOut = monotonic() > this.#until
    const check = () => {
      timedOut = monotonic() > this.#until
      if (timedOut) throw new TimedOut()
    }
    const result = timedOut ? {} : await lookUp(this.#jobOf(script), () => this.#frames().of(script.place), files, check)
    if (timedOut) this.#timedOut++
    else if (result.tooLarge) tooLarge.push(script)
    else this.#accept(script, result)
  }

  /** @param {Script[]} scripts */
  async #loadInChild (scripts) {
    const { lookUpInChild } = require('./map-reader.js')
    const jobs = scripts.map(script => ({ ...this.#jobOf(script), positions: this.#frames().of(script.place) }))
    const all = await lookUpInChild(jobs, this.#options.roots, this.#until)
    for (const [at, result] of all.entries()) {
      if (result) this.#accept(scripts[at], result)
      else this.#timedOut++
    }
  }

  /**
   * @param {Script} script
   * @param {LookupResult} result
   */
  #accept (script, result) {
    if (result.warning !== undefined) this.warnings.push(`${oneLine(script.script)}: ${result.warning}`)
    if (!result.places) return
    const contents = (result.contents ?? []).filter(([, text]) => (this.#contentBudget -= text.length) >= 0)
    this.results.set(script.place, { ...result, contents })
    if (result.guessed !== undefined) this.#guesses.set(result.guessed, [...this.#guesses.get(result.guessed) ?? [], script])
  }

  /** A map that was guessed for two files is used for neither. */
  #dropGuesses () {
    for (const [label, scripts] of this.#guesses) {
      if (scripts.length < 2) continue
      for (const { place } of scripts) this.results.delete(place)
      this.warnings.push(`${label} may belong to ${scripts.map(({ script }) => script).sort().join(' or to ')}: not used`)
    }
  }
}

/**
 * @param {string[]} warnings
 * @returns {string[]} a few lines
 */
function fewWarnings (warnings) {
  const lines = [...warnings].sort()
  if (lines.length <= MAX_WARNINGS + 1) return lines
  return [...lines.slice(0, MAX_WARNINGS), `${lines.length - MAX_WARNINGS} more files have source maps that cannot be used`]
}

/** Texts without duplicates, in the core's format. */
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
 * @returns {Buffer} in the core's format
 */
function contentBytes (contents) {
  return Buffer.from(contents.flatMap(pair => pair.map(text => `${text.replaceAll('\0', '')}\0`)).join(''))
}

/**
 * @param {readonly string[]} files
 * @param {Map<string, import('./in-memory.js').Facts>} known
 * @param {string} cwd
 * @returns {Script[]} the files that may be generated
 */
function scriptsOf (files, known, cwd) {
  return files.flatMap((file, place) => {
    const facts = known.get(file)
    // Code from eval is in no file; its sources are the program's.
    if (facts?.url !== undefined) return [{ script: path.isAbsolute(file) ? file : path.join(cwd || path.sep, 'eval'), place, facts }]
    if (facts && BUNDLED.test(file)) return [{ script: file, place, facts }]
    const script = scriptPath(file) ?? (/\.[cm]?tsx?$/i.test(file) && path.isAbsolute(file) ? file : undefined)
    return script === undefined ? [] : [{ script, place, facts }]
  })
}

/**
 * @typedef {object} Options
 * @property {string} [folder] of maps, searched first
 * @property {string} cwd of the profiled process
 * @property {readonly string[]} [roots] real paths of the folders in which files may be read; undefined: anywhere
 */

/**
 * Maps the frames of generated files to their sources.
 *
 * @param {Handle} profile
 * @param {Options} options
 * @returns {Promise<{ profile: Handle | undefined, warnings: string[] }>} a new profile;
 *   undefined if nothing was mapped
 */
async function mapProfile (profile, options) {
  const files = binding.core().files(profile)
  const scripts = scriptsOf(files, factsOf(binding.core().scripts(profile)), options.cwd)
  /** @type {Frames | undefined} */
  let cache
  const frames = () => cache ??= new Frames(profile, files, scripts)
  const found = new Maps(frames, options)
  await found.find(scripts)
  const texts = new Texts()
  /** @type {number[]} */
  const rows = []
  /** @type {[string, string][]} */
  const contents = []
  for (const [file, { places = [], contents: more = [] }] of found.results) {
    const own = frames().of(file)
    for (const [at, place] of places.entries()) {
      if (place) rows.push(own[at].frame, texts.place(place.file), texts.place(place.name), place.line, place.column, place.call)
    }
    for (const one of more) contents.push(one)
  }
  const warnings = fewWarnings(found.warnings)
  if (rows.length === 0) return { profile: undefined, warnings }
  return { profile: await binding.core().remap(profile, Int32Array.from(rows), texts.bytes, contentBytes(contents)), warnings }
}

module.exports = { mapProfile }
