'use strict'

/** Profiles made of several: merges, runs of one program, differences. */

const binding = require('../common/native.js')
const { coded } = require('../common/errors.js')
const { checkFlag, checkObject } = require('./validate.js')
const { Profile, internals } = require('./profile.js')

/**
 * @param {readonly Profile[]} profiles
 * @returns {readonly string[] | undefined} the roots of a profile made from all of them
 */
function commonRoots (profiles) {
  const confined = profiles.flatMap(profile => internals.roots(profile) ?? [])
  return profiles.some(profile => internals.roots(profile)) ? [...new Set(confined)] : undefined
}

/**
 * @param {{ profile: Profile, root?: string }[]} inputs
 * @returns {Promise<Profile>}
 */
async function merged (inputs) {
  const profiles = inputs.map(({ profile }) => profile)
  const native = inputs.map(({ profile, root = '' }) => ({ profile: internals.handle(profile), root }))
  const type = inputs.length > 0 ? internals.preferred(profiles[0]) : undefined
  return new Profile(await binding.core().merge(native), { type, roots: commonRoots(profiles) })
}

/**
 * Combines runs of one program in a profile that keeps them apart.
 * @param {readonly Profile[]} profiles at least one
 * @returns {Promise<Profile>}
 */
async function ofRuns (profiles) {
  const native = profiles.map(profile => ({ profile: internals.handle(profile), root: '' }))
  return new Profile(await binding.core().merge(native, true), { type: internals.preferred(profiles[0]), roots: commonRoots(profiles) })
}

/**
 * @param {Profile[]} profiles
 * @returns {Promise<Profile>}
 */
async function merge (profiles) {
  if (!Array.isArray(profiles) || profiles.length === 0 || !profiles.every(one => one instanceof Profile)) {
    throw coded('ARGUMENT', 'merge() takes an array of at least one Profile')
  }
  return merged(profiles.map(profile => ({ profile })))
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
  return all.length === 1 ? { profile: all[0], made: false } : { profile: await ofRuns(all), made: true }
}

/**
 * @param {Profile} before
 * @param {Profile} after
 * @returns {string} the type that is compared by default: that of `after`, if both have it
 */
function commonType (before, after) {
  const known = [after.defaultType, before.defaultType, ...after.types]
  return known.find(type => before.types.includes(type) && after.types.includes(type)) ?? after.defaultType
}

/**
 * @param {Profile} profile
 * @returns {boolean | undefined} whether off-heap memory was sampled; undefined: unknown
 */
function sampledOffheap ({ sources, meta }) {
  if (meta.filtered !== undefined) return undefined
  if (sources.some(source => source.kind === 'offheap') || meta.array_buffers_bytes !== undefined) return true
  return meta['shap-flame'] === undefined ? undefined : false
}

/**
 * @param {Profile} before
 * @param {Profile} after
 * @returns {'before' | 'after' | undefined} the only side that sampled off-heap memory
 */
function onlyOffheap (before, after) {
  const sampled = [before, after].map(sampledOffheap)
  if (sampled[0] === true && sampled[1] === false) return 'before'
  return sampled[0] === false && sampled[1] === true ? 'after' : undefined
}

/**
 * @param {Profile} profile freed here
 * @returns {Promise<Profile>}
 */
async function withoutOffheap (profile) {
  try {
    return await profile.filter({ ignore: /^\(off-heap\)/ })
  } finally {
    profile.free()
  }
}

/**
 * @param {Profile | readonly Profile[]} before several are runs of one program
 * @param {Profile | readonly Profile[]} after
 * @param {{ type?: string, normalize?: boolean }} [options] `normalize`: scales `before` to the
 *   total of `type` of `after`
 * @returns {Promise<Profile>} both in one tree
 */
async function diff (before, after, options = {}) {
  checkObject('options', options)
  const { type, normalize = false } = options
  checkFlag('normalize', normalize)
  const sides = [await asOneProfile(before, 'before'), await asOneProfile(after, 'after')]
  try {
    const [old, now] = sides.map(side => side.profile)
    if (old.isDifference || now.isDifference) throw coded('ARGUMENT', 'diff() takes profiles, not a difference')
    const shown = type === undefined ? commonType(old, now) : internals.typeOr(now, type)
    internals.typeOr(old, shown)
    const uneven = onlyOffheap(old, now) !== undefined
    const made = await binding.core().diff(internals.handle(old), internals.handle(now), shown, normalize)
    const both = new Profile(made, { type: shown, roots: commonRoots([old, now]) })
    return uneven ? await withoutOffheap(both) : both
  } finally {
    for (const { profile, made } of sides) if (made) profile.free()
  }
}

module.exports = { merge, diff, merged, ofRuns, asOneProfile, commonType, onlyOffheap }
