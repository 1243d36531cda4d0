'use strict'

const { EXTENSIONS, formatOf } = require('../formats.js')
const binding = require('../common/native.js')
const { coded, ofFile } = require('../common/errors.js')
const { asExpression, checkFlag, checkObject, checkRows, checkText, checkWhole, checkWord } = require('./validate.js')
const { defaultOutput } = require('../common/memory-limits.js')
const { TYPES, GROUPS, FORMATS } = require('../options.js')
const { workingFolder } = require('../common/metadata.js')
const { labelOfGroup } = require('../common/option-parsers.js')
const { keysOf, maskOf, keyText, labelRows } = require('./labels.js')
const { checkWriteOptions } = require('./validate-write-options.js')

/** @typedef {import('../common/native.js').Handle} Handle */
/** @typedef {import('./validate-write-options.js').WriteOptions} WriteOptions */

/**
 * What other modules need of a profile, and users of the library do not.
 *
 * @typedef {object} Internals
 * @property {(profile: Profile) => Handle} handle
 * @property {(profile: Profile) => string} preferred the default type, if the profile has it
 * @property {(profile: Profile) => readonly string[] | undefined} roots of files that may be read
 * @property {(profile: Profile, roots: readonly string[]) => void} confine restricts which of the
 *   files that the profile names may be read; `roots`: real paths of folders
 * @property {(profile: Profile, cwd: string, minSeconds?: number) => string[]} leaks lines of text; `minSeconds`: of
 *   sampling without which nothing is judged
 * @property {(profile: Profile, type?: string) => string} typeOr checks a type
 * @property {(profile: Profile, options: WriteOptions) => object} writerOptions for the core
 */

/** @type {Internals} */
let internals

/** A profile of heap allocations in native memory, released by free() or on garbage collection. */
class Profile {
  /** @type {Handle | undefined} */
  #handle
  #preferred
  /** @type {readonly string[] | undefined} */
  #roots

  static {
    internals = {
      handle: profile => profile.#native,
      preferred: profile => profile.#preferred,
      roots: profile => profile.#roots,
      confine (profile, roots) { profile.#roots = roots },
      leaks: (profile, cwd, minSeconds) => binding.core().leaks(profile.#native, cwd, minSeconds).split('\n').filter(Boolean),
      typeOr: (profile, type) => profile.#typeOr(type),
      writerOptions: (profile, options) => profile.#writerOptions(options)
    }
  }

  /**
   * @param {Handle} handle owned by this object from now on
   * @param {{ type?: string, roots?: readonly string[] }} [options] `type`: the default type;
   *   `roots`: real paths of the folders in which files that it names may be read; undefined: anywhere
   */
  constructor (handle, { type = 'inuse_space', roots } = {}) {
    this.#handle = handle
    this.#preferred = type
    this.#roots = roots
  }

  /** @returns {Handle} */
  get #native () {
    if (this.#handle === undefined) throw coded('FREED', 'the profile was freed')
    return this.#handle
  }

  get meta () {
    return binding.core().meta(this.#native)
  }

  get sources () {
    return binding.core().sources(this.#native)
  }

  get types () {
    return binding.core().types(this.#native)
  }

  /** The keys of labels. */
  get labels () {
    return keysOf(binding.core().labels(this.#native))
  }

  get counts () {
    return binding.core().counts(this.#native)
  }

  /** Used where no type is given. */
  get defaultType () {
    const { types } = this
    const candidates = [this.#preferred, 'inuse_space', 'alloc_space', ...types]
    return candidates.find(type => types.includes(type)) ?? 'alloc_space'
  }

  /**
   * @param {string} [type]
   * @returns {string}
   */
  #typeOr (type) {
    if (type === undefined) return this.defaultType
    checkWord('type', type, TYPES)
    if (this.types.includes(type)) return type
    throw coded('UNKNOWN_TYPE', `the profile has no ${type}, only ${this.types.join(', ') || 'no types'}`)
  }

  /** @param {string} [type] */
  total (type) {
    return binding.core().total(this.#native, this.#typeOr(type))
  }

  /** @param {string} [type] */
  error (type) {
    return binding.core().error(this.#native, this.#typeOr(type))
  }

  /**
   * @param {number} [rows] 0: all
   * @param {string} [type]
   * @param {{ callers?: boolean }} [options]
   */
  top (rows = 10, type, options = {}) {
    checkRows(rows)
    checkObject('options', options)
    const { callers = false } = options
    checkFlag('callers', callers)
    return binding.core().top(this.#native, this.#typeOr(type), rows || Infinity, callers)
  }

  /** The working folder of the profiled process; empty if several processes had different ones. */
  get #cwd () {
    const { cwd = '' } = this.meta
    return cwd.includes('; ') ? '' : cwd
  }

  /**
   * @param {WriteOptions} options
   * @returns {object} options for the core's writers, without undefined ones
   */
  #writerOptions (options) {
    const cwd = options.cwd ?? (this.#cwd || workingFolder())
    const sourceRoots = this.#roots?.map(root => `${root}\0`).join('')
    const maxMemory = options.maxMemory ?? defaultOutput()
    const all = { ...options, type: this.#typeOr(options.type), maxMemory, cwd, sourceRoots }
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  }

  /**
   * @param {string} format
   * @param {WriteOptions} [options]
   * @returns {Promise<Buffer>}
   */
  async encode (format, options = {}) {
    checkWord('format', format, FORMATS)
    checkWriteOptions(format, options)
    return binding.core().encode(this.#native, format, this.#writerOptions(options))
  }

  /** @param {WriteOptions} [options] */
  toFolded (options) {
    return this.encode('folded', options)
  }

  /** @param {WriteOptions} [options] */
  toPprof (options) {
    return this.encode('pprof', options)
  }

  /** @param {WriteOptions} [options] */
  toListing (options) {
    return this.encode('listing', options)
  }

  /** @param {WriteOptions} [options] */
  toMarkdown (options) {
    return this.encode('markdown', options)
  }

  /**
   * Not called toJSON: a logger that stringifies a profile must not encode it.
   * @param {WriteOptions} [options]
   */
  toJson (options) {
    return this.encode('json', options)
  }

  /** @param {WriteOptions} [options] */
  toSVG (options) {
    return this.encode('svg', options)
  }

  /** @param {WriteOptions} [options] */
  toHeapprofile (options) {
    return this.encode('heapprofile', options)
  }

  /**
   * @param {string} path `-` is stdout, and needs a format
   * @param {WriteOptions & { format?: string }} [given]
   * @returns {Promise<void>}
   */
  async write (path, given = {}) {
    checkText('path', path)
    checkObject('options', given)
    const { format = formatOf(path), ...options } = given
    if (format === undefined) throw coded('FORMAT', `${path}: unknown file extension; use one of ${EXTENSIONS.map(({ extension }) => extension).join(' ')}, or pass { format }`)
    checkWord('format', format, FORMATS)
    checkWriteOptions(format, options)
    try {
      await binding.core().write(this.#native, format, this.#writerOptions(options), path)
    } catch (error) {
      throw /** @type {{ errno?: unknown }} */ (error).errno ? ofFile(error, path) : error
    }
  }

  /**
   * Replaces generated positions by those of the sources.
   * @param {string} [folder] of maps, searched before those beside the files
   * @returns {Promise<string[]>} a few lines about maps that could not be used
   */
  async mapSources (folder) {
    if (folder !== undefined) checkText('folder', folder)
    // Loaded late: an app that is only sampled does not need it.
    const { mapProfile } = require('../sources/apply.js')
    const { profile, warnings } = await mapProfile(this.#native, { folder, cwd: this.#cwd, roots: this.#roots })
    if (profile) {
      this.free()
      this.#handle = profile
    }
    return warnings
  }

  /**
   * @param {Promise<Handle>} made
   * @returns {Promise<Profile>}
   */
  async #derive (made) {
    return new Profile(await made, { type: this.#preferred, roots: this.#roots })
  }

  /**
   * @param {{ focus?: RegExp | string, ignore?: RegExp | string, hide?: RegExp | string, where?: object, olderThan?: number }} options
   * @returns {Promise<Profile>}
   */
  async filter (options) {
    checkObject('options', options)
    const frames = binding.core().frames(this.#native)
    /** @type {{ focus?: Uint8Array, ignore?: Uint8Array, hide?: Uint8Array, labels?: Uint8Array, olderThan?: number }} */
    const masks = options.where === undefined ? {} : { labels: maskOf(binding.core().labels(this.#native), options.where) }
    if (options.olderThan !== undefined) {
      checkWhole('olderThan', options.olderThan, 1, 1e9)
      masks.olderThan = options.olderThan
    }
    for (const key of /** @type {const} */ (['focus', 'ignore', 'hide'])) {
      const value = options[key]
      if (value === undefined) continue
      const expression = asExpression(key, value)
      masks[key] = Uint8Array.from(frames, frame => Number(expression.test(frame)))
    }
    return this.#derive(binding.core().filter(this.#native, masks))
  }

  /**
   * @param {string} by
   * @returns {Promise<Profile>}
   */
  async group (by) {
    const key = typeof by === 'string' ? labelOfGroup(by) : undefined
    if (key !== undefined) {
      const how = { roots: keyText('group', key), leaves: '', alone: true }
      return this.#derive(binding.core().labelFrames(this.#native, how))
    }
    checkWord('group', by, GROUPS)
    return this.#derive(binding.core().group(this.#native, by))
  }

  /**
   * @param {{ root?: string | string[], leaf?: string | string[] }} keys
   * @returns {Promise<Profile>} with frames `KEY: value` above and below its stacks
   */
  async labelFrames (keys) {
    checkObject('keys', keys)
    const how = { roots: keyText('root', keys.root), leaves: keyText('leaf', keys.leaf) }
    return this.#derive(binding.core().labelFrames(this.#native, how))
  }

  /**
   * @param {string} key of a label
   * @param {string} [type] by which the rows are sorted
   * @returns {import('./labels.js').LabelRow[]}
   */
  by (key, type) {
    checkText('key', key)
    const shown = this.#typeOr(type), core = binding.core()
    const sums = Object.fromEntries(this.types.map(one => [one, core.labelSums(this.#native, one)]))
    return labelRows(core.labels(this.#native), key, sums, shown)
  }

  /**
   * @param {number} percent
   * @param {string} [type]
   * @returns {Promise<Profile>}
   */
  async prune (percent, type) {
    if (typeof percent !== 'number' || !(percent >= 0 && percent <= 100)) throw coded('ARGUMENT', `percent must be a number from 0 to 100, got ${String(percent)}`)
    return this.#derive(binding.core().prune(this.#native, this.#typeOr(type), percent))
  }

  /** Whether diff() made it. */
  get isDifference () {
    return this.sources.some(source => source.side !== undefined)
  }

  /**
   * The functions of a difference, the largest change of self first.
   * @param {number} [rows] 0: all
   * @param {string} [type]
   * @param {{ callers?: boolean }} [options]
   */
  changes (rows = 10, type, options = {}) {
    checkRows(rows)
    checkObject('options', options)
    const { callers = false } = options
    checkFlag('callers', callers)
    if (!this.isDifference) throw coded('ARGUMENT', 'changes() needs a difference, which diff() makes')
    return binding.core().changes(this.#native, this.#typeOr(type), rows || Infinity, callers)
  }

  /** Releases the memory; a freed profile can no longer be used. */
  free () {
    if (this.#handle === undefined) return
    binding.core().free(this.#handle)
    this.#handle = undefined
  }
}

module.exports = { Profile, internals }
