'use strict'

const binding = require('../common/native.js')
const { coded, ofFile } = require('../common/errors.js')
const { checkMaps, checkObject, checkRoots, checkWhole, checkWord } = require('./validate.js')
const { defaultMemory } = require('../common/memory-limits.js')
const { TYPES } = require('../options.js')
const { Profile, internals } = require('./profile.js')

/** @typedef {{ type?: string, sourceMaps?: boolean | string, sourceRoot?: string | readonly string[], maxMemory?: number }} ReadOptions */

/**
 * @param {string | URL | Uint8Array} input the path of a profile of any format, or its bytes
 * @param {ReadOptions} [options] `type`: the default type, and the meaning of numbers in formats
 *   that do not say it (folded stacks, .heapprofile)
 * @returns {Promise<Profile>} error messages do not contain the file's name
 */
async function readNameless (input, options = {}) {
  checkObject('options', options)
  const { type, sourceMaps = true, sourceRoot, maxMemory } = options
  if (type !== undefined) checkWord('type', type, TYPES)
  checkMaps(sourceMaps)
  checkRoots(sourceRoot)
  if (maxMemory !== undefined) checkWhole('maxMemory', maxMemory, 1, Number.MAX_SAFE_INTEGER)
  const max = maxMemory ?? defaultMemory()
  const bySize = maxMemory === undefined
  const core = binding.core()
  const handle = input instanceof Uint8Array
    ? await core.readBuffer(input, type, max, bySize)
    : await core.readFile(filePath(input), type, max, bySize)
  const { default_type: defaultType, state } = core.meta(handle)
  const profile = new Profile(handle, { type: type ?? defaultType ?? (state === 'ended' ? 'alloc_space' : 'inuse_space') })
  if (sourceRoot !== undefined) confine(profile, sourceRoot, sourceMaps)
  return withSources(profile, sourceMaps)
}

/**
 * @param {Profile} profile
 * @param {string | readonly string[]} sourceRoot
 * @param {boolean | string} sourceMaps a string: a folder of maps, which may be read too
 */
function confine (profile, sourceRoot, sourceMaps) {
  const { rootsOf } = require('../sources/files.js')
  internals.confine(profile, rootsOf([sourceRoot, typeof sourceMaps === 'string' ? sourceMaps : []].flat(), ''))
}

/**
 * @param {string | URL | Uint8Array} input
 * @param {ReadOptions} [options]
 * @returns {Promise<Profile>}
 */
async function read (input, options) {
  try {
    return await readNameless(input, options)
  } catch (error) {
    const { code } = /** @type {{ code?: unknown }} */ (error)
    if (input instanceof Uint8Array || !String(code).startsWith('SHF_E_')) throw error
    throw ofFile(error, filePath(input))
  }
}

/**
 * @param {Profile} profile
 * @param {boolean | string} sourceMaps a string: a folder of maps
 * @returns {Promise<Profile>} the same profile
 */
async function withSources (profile, sourceMaps) {
  if (sourceMaps === false) return profile
  const warnings = await profile.mapSources(typeof sourceMaps === 'string' ? sourceMaps : undefined)
  for (const line of warnings) process.emitWarning(line, { code: 'SHAP_FLAME_SOURCE_MAP' })
  return profile
}

/**
 * @param {string | URL} input
 * @returns {string}
 */
function filePath (input) {
  if (typeof input === 'string') return input
  if (input instanceof URL && input.protocol === 'file:') return require('node:url').fileURLToPath(input)
  throw coded('ARGUMENT', 'read() takes a path, a file: URL or the bytes of a profile')
}

exports.read = read
exports.readNameless = readNameless
exports.withSources = withSources
