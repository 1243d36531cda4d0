'use strict'

const { EXTENSIONS, formatOf } = require('../formats.js')
const binding = require('../common/native.js')
const { coded, ofFile } = require('../common/errors.js')
const { asExpression, checkFlag, checkObject, checkRows, checkText, checkWord } = require('./validate.js')
const { defaultOutput } = require('../common/memory-limits.js')
const { TYPES, GROUPS, FORMATS } = require('../options.js')
const { workingFolder } = require('../common/metadata.js')
const { checkWriteOptions } = require('./validate-write-options.js')

/** @typedef {import('../common/native.js').Handle} Handle */

/** @typedef {import('./validate-write-options.js').WriteOptions} WriteOptions */

/** @param {string} format */
function checkFormat (format) {
  checkWord('format', format, FORMATS)
}

/**
 * A profile of heap allocations, held by native memory: free() gives it back,
 * and so does garbage collection.
 */
class Profile {
  /** @type {Handle | undefined} */
  #handle
  #preferred
  /** @type {readonly string[] | undefined} */
  #roots

  /**
   * @param {Handle} handle it becomes this object's own
   * @param {{ type?: string, roots?: readonly string[] }} [options] `type`: shown where none is asked for;
   *   `roots`: real paths of the folders below which files that it names are read, absent: anywhere
   */
  constructor (handle, { type = 'inuse_space', roots } = {}) {
    this.#handle = handle
    this.#preferred = type
    this.#roots = roots
  }

  /**
   * Says that the profile names files which are no reason to read them.
   * @param {Profile} profile
   * @param {readonly string[]} roots real paths of the folders below which they are read
   */
  static confine (profile, roots) {
    profile.#roots = roots
  }

  /**
   * @param {readonly Profile[]} profiles
   * @returns {readonly string[] | undefined} the roots of what they become together
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

  get counts () {
    return binding.core().counts(this.#native)
  }

  /** The type that is used where none is given. */
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

  /** The profiled process's folder; empty where several processes had others. */
  get #cwd () {
    const { cwd = '' } = this.meta
    return cwd.includes('; ') ? '' : cwd
  }

  /**
   * @param {WriteOptions} options
   * @returns {object} what the core's writers need, without what is undefined
   */
  #writing (options) {
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
    checkFormat(format)
    checkWriteOptions(format, options)
    return binding.core().encode(this.#native, format, this.#writing(options))
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
   * By no name that JSON.stringify() knows: a logger that meets a profile must not encode it.
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
    checkFormat(format)
    checkWriteOptions(format, options)
    try {
      await binding.core().write(this.#native, format, this.#writing(options), path)
    } catch (error) {
      throw /** @type {{ errno?: unknown }} */ (error).errno ? ofFile(error, path) : error
    }
  }

  /**
   * How large an output would be, which is not zipped.
   * @param {Profile} profile
   * @param {string} format
   * @param {WriteOptions} options
   * @param {number} max
   * @returns {Promise<number>} bytes, or some number above `max`
   */
  static measure (profile, format, options, max) {
    return binding.core().measure(profile.#native, format, profile.#writing(options), max)
  }

  /**
   * Puts the sources of generated files in their place, as their source maps have them.
   * @param {string} [folder] of maps, looked at before those beside the files
   * @returns {Promise<string[]>} a line for each map that could not be used, a few at most
   */
  async mapSources (folder) {
    if (folder !== undefined) checkText('folder', folder)
    // Not loaded into an app that is only sampled.
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
  async #derived (made) {
    return new Profile(await made, { type: this.#preferred, roots: this.#roots })
  }

  /**
   * @param {{ focus?: RegExp | string, ignore?: RegExp | string, hide?: RegExp | string }} options
   * @returns {Promise<Profile>}
   */
  async filter (options) {
    checkObject('options', options)
    const frames = binding.core().frames(this.#native)
    /** @type {{ focus?: Uint8Array, ignore?: Uint8Array, hide?: Uint8Array }} */
    const masks = {}
    for (const key of /** @type {const} */ (['focus', 'ignore', 'hide'])) {
      const value = options[key]
      if (value === undefined) continue
      const expression = asExpression(key, value)
      masks[key] = Uint8Array.from(frames, frame => Number(expression.test(frame)))
    }
    return this.#derived(binding.core().filter(this.#native, masks))
  }

  /**
   * @param {string} by
   * @returns {Promise<Profile>}
   */
  async group (by) {
    checkWord('group', by, GROUPS)
    return this.#derived(binding.core().group(this.#native, by))
  }

  /**
   * @param {number} percent
   * @param {string} [type]
   * @returns {Promise<Profile>}
   */
  async prune (percent, type) {
    if (typeof percent !== 'number' || !(percent >= 0 && percent <= 100)) throw coded('ARGUMENT', `percent must be a number from 0 to 100, got ${String(percent)}`)
    return this.#derived(binding.core().prune(this.#native, this.#typeOr(type), percent))
  }

  /**
   * Says that a profile is merged or compared once more and then freed, which takes less memory.
   * @param {Profile} profile nothing more can be asked about its stacks
   */
  static spend (profile) {
    binding.core().spend(profile.#native)
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
   * Runs of one program in one profile that tells them apart.
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
   * @returns {string} what is compared where nobody said: what `after` shows, unless only it knows that
   */
  static commonType (before, after) {
    const known = [after.defaultType, before.defaultType, ...after.types]
    return known.find(type => before.types.includes(type) && after.types.includes(type)) ?? after.defaultType
  }

  /** @returns {boolean | undefined} whether memory outside of the heap was sampled; undefined: it is not told */
  get #sampledOffheap () {
    const { sources, meta } = this
    if (meta.filtered !== undefined) return undefined
    if (sources.some(source => source.kind === 'offheap') || meta.array_buffers_bytes !== undefined) return true
    return meta['shap-flame'] === undefined ? undefined : false
  }

  /**
   * @param {Profile} before
   * @param {Profile} after
   * @returns {'before' | 'after' | undefined} the side that alone knows of memory outside of the heap
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
      // What one side did not look for is no change.
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

  /** Whether it is a difference: diff() made it. */
  get isDifference () {
    return this.sources.some(source => source.side !== undefined)
  }

  /**
   * Of a difference: the functions that either side knows, the largest change of self first.
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
   * Stacks that have less than nothing, which formats without signs leave out.
   * @param {Profile} profile
   * @param {string} type
   */
  static losses (profile, type) {
    return binding.core().losses(profile.#native, profile.#typeOr(type))
  }

  /**
   * Holds a total (of a difference what is after) against a limit.
   * @param {Profile} profile
   * @param {string} type
   * @param {number} max
   */
  static judge (profile, type, max) {
    return binding.core().judge(profile.#native, profile.#typeOr(type), max)
  }

  /**
   * Holds the growth of a difference's total against a limit.
   * @param {Profile} profile
   * @param {string} type
   * @param {number} percent
   */
  static judgeGrowth (profile, type, percent) {
    return binding.core().judgeGrowth(profile.#native, profile.#typeOr(type), percent)
  }

  /** Gives the memory back; a freed profile can no longer be used. */
  free () {
    if (this.#handle === undefined) return
    binding.core().free(this.#handle)
    this.#handle = undefined
  }
}

/**
 * @param {Profile | readonly Profile[]} given
 * @param {string} name
 * @returns {Promise<{ profile: Profile, made: boolean }>} `made`: to be freed by the caller
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
