'use strict'

const { EXTENSIONS, formatOf } = require('../formats.js')
const binding = require('../common/native.js')
const { coded, ofFile } = require('../common/errors.js')
const { asExpression, checkFlag, checkObject, checkRows, checkText, checkWord } = require('./validate.js')
const { defaultOutput } = require('../common/memory-limits.js')
const { TYPES, GROUPS, FORMATS } = require('../options.js')
const { workingFolder } = require('../common/metadata.js')
const { BY_LABEL, keysOf, maskOf, keyText, labelRows } = require('./labels.js')
const { checkWriteOptions } = require('./validate-write-options.js')

/** @typedef {import('../common/native.js').Handle} Handle */
/** @typedef {import('./validate-write-options.js').WriteOptions} WriteOptions */

/** A profile of heap allocations in native memory, released by free() or on garbage collection. */
class Profile {
  /** @type {Handle | undefined} */
  #handle
  #preferred
  /** @type {readonly string[] | undefined} */
  #roots

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

  /**
   * Restricts which of the files that the profile names may be read.
   * @param {Profile} profile
   * @param {readonly string[]} roots real paths of folders
   */
  static confine (profile, roots) {
    profile.#roots = roots
  }

  /**
   * @param {readonly Profile[]} profiles
   * @returns {readonly string[] | undefined} the roots of a profile made from all of them
   */
  static #commonRoots (profiles) {
    const confined = profiles.flatMap(profile => profile.#roots ? [profile.#roots] : [])
    return confined.length > 0 ? [...new Set(confined.flat())] : undefined
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
   * Measures an output, before gzip.
   * @param {Profile} profile
   * @param {string} format
   * @param {WriteOptions} options
   * @param {number} max
   * @returns {Promise<number>} bytes, or any number above `max`
   */
  static measure (profile, format, options, max) {
    return binding.core().measure(profile.#native, format, profile.#writerOptions(options), max)
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
   * @param {{ focus?: RegExp | string, ignore?: RegExp | string, hide?: RegExp | string, where?: object }} options
   * @returns {Promise<Profile>}
   */
  async filter (options) {
    checkObject('options', options)
    const frames = binding.core().frames(this.#native)
    /** @type {{ focus?: Uint8Array, ignore?: Uint8Array, hide?: Uint8Array, labels?: Uint8Array }} */
    const masks = options.where === undefined ? {} : { labels: maskOf(binding.core().labels(this.#native), options.where) }
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
    if (typeof by === 'string' && by.startsWith(BY_LABEL)) {
      const how = { roots: keyText('group', by.slice(BY_LABEL.length)), leaves: '', alone: true }
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

  /**
   * Marks a profile for one last merge or diff, which then takes less memory.
   * @param {Profile} profile its stacks can no longer be read
   */
  static consume (profile) {
    binding.core().consume(profile.#native)
  }

  /**
   * @param {{ profile: Profile, root?: string }[]} inputs
   * @returns {Promise<Profile>}
   */
  static async merged (inputs) {
    const type = inputs.length > 0 ? inputs[0].profile.#preferred : undefined
    const native = inputs.map(({ profile, root = '' }) => ({ profile: profile.#native, root }))
    const roots = Profile.#commonRoots(inputs.map(({ profile }) => profile))
    return new Profile(await binding.core().merge(native), { type, roots })
  }

  /**
   * Combines runs of one program in a profile that keeps them apart.
   * @param {readonly Profile[]} profiles at least one
   * @returns {Promise<Profile>}
   */
  static async ofRuns (profiles) {
    const native = profiles.map(profile => ({ profile: profile.#native, root: '' }))
    return new Profile(await binding.core().merge(native, true), { type: profiles[0].#preferred, roots: Profile.#commonRoots(profiles) })
  }

  /**
   * @param {Profile} before
   * @param {Profile} after
   * @returns {string} the type that is compared by default: that of `after`, if both have it
   */
  static commonType (before, after) {
    const known = [after.defaultType, before.defaultType, ...after.types]
    return known.find(type => before.types.includes(type) && after.types.includes(type)) ?? after.defaultType
  }

  /** @returns {boolean | undefined} whether off-heap memory was sampled; undefined: unknown */
  get #sampledOffheap () {
    const { sources, meta } = this
    if (meta.filtered !== undefined) return undefined
    if (sources.some(source => source.kind === 'offheap') || meta.array_buffers_bytes !== undefined) return true
    return meta['shap-flame'] === undefined ? undefined : false
  }

  /**
   * @param {Profile} before
   * @param {Profile} after
   * @returns {'before' | 'after' | undefined} the only side that sampled off-heap memory
   */
  static onlyOffheap (before, after) {
    const sampled = [before.#sampledOffheap, after.#sampledOffheap]
    if (sampled[0] === true && sampled[1] === false) return 'before'
    return sampled[0] === false && sampled[1] === true ? 'after' : undefined
  }

  /**
   * @param {Profile | readonly Profile[]} before several are runs of one program
   * @param {Profile | readonly Profile[]} after
   * @param {{ type?: string, normalize?: boolean }} [options] `normalize`: scales `before` to the
   *   total of `type` of `after`
   * @returns {Promise<Profile>} both in one tree
   */
  static async diff (before, after, options = {}) {
    checkObject('options', options)
    const { type, normalize = false } = options
    checkFlag('normalize', normalize)
    const sides = [await asOneProfile(before, 'before'), await asOneProfile(after, 'after')]
    try {
      const [old, now] = sides.map(side => side.profile)
      if (old.isDifference || now.isDifference) throw coded('ARGUMENT', 'diff() takes profiles, not a difference')
      const shown = type === undefined ? Profile.commonType(old, now) : now.#typeOr(type)
      old.#typeOr(shown)
      const roots = Profile.#commonRoots([old, now])
      const uneven = Profile.onlyOffheap(old, now) !== undefined
      const both = new Profile(await binding.core().diff(old.#native, now.#native, shown, normalize), { type: shown, roots })
      return uneven ? await both.#withoutOffheap() : both
    } finally {
      for (const { profile, made } of sides) if (made) profile.free()
    }
  }

  async #withoutOffheap () {
    try {
      return await this.filter({ ignore: /^\(off-heap\)/ })
    } finally {
      this.free()
    }
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

  /**
   * Stacks with negative values, which some formats cannot show.
   * @param {Profile} profile
   * @param {string} type
   */
  static losses (profile, type) {
    return binding.core().losses(profile.#native, profile.#typeOr(type))
  }

  /**
   * Checks a total (in a difference that of `after`) against a limit.
   * @param {Profile} profile
   * @param {string} type
   * @param {number} max
   */
  static judge (profile, type, max) {
    return binding.core().judge(profile.#native, profile.#typeOr(type), max)
  }

  /**
   * Checks the growth of a difference's total against a limit.
   * @param {Profile} profile
   * @param {string} type
   * @param {number} percent
   */
  static judgeGrowth (profile, type, percent) {
    return binding.core().judgeGrowth(profile.#native, profile.#typeOr(type), percent)
  }

  /** Releases the memory; a freed profile can no longer be used. */
  free () {
    if (this.#handle === undefined) return
    binding.core().free(this.#handle)
    this.#handle = undefined
  }
}

/**
 * @param {Profile | readonly Profile[]} given
 * @param {string} name
 * @returns {Promise<{ profile: Profile, made: boolean }>} `made`: the caller frees it
 */
async function asOneProfile (given, name) {
  const all = Array.isArray(given) ? given : [given]
  if (all.length === 0 || !all.every(one => one instanceof Profile)) {
    throw coded('ARGUMENT', `${name} must be a Profile or an array of at least one`)
  }
  return all.length === 1 ? { profile: all[0], made: false } : { profile: await Profile.ofRuns(all), made: true }
}

/**
 * @param {Profile[]} profiles
 * @returns {Promise<Profile>}
 */
async function merge (profiles) {
  if (!Array.isArray(profiles) || profiles.length === 0 || !profiles.every(one => one instanceof Profile)) {
    throw coded('ARGUMENT', 'merge() takes an array of at least one Profile')
  }
  return Profile.merged(profiles.map(profile => ({ profile })))
}

exports.Profile = Profile
exports.asOneProfile = asOneProfile
exports.merge = merge
