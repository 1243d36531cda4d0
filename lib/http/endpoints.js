'use strict'

/**
 * What each path answers: Go's net/http/pprof, as far as it is about memory, and the flamegraph and
 * the folded stacks beside it. Nothing here knows how a request came.
 */

const { setTimeout: wait } = require('node:timers/promises')
const binding = require('../common/native.js')
const { oneLine, reason } = require('../common/errors.js')
const { TYPES } = require('../options.js')
const { Profile, internals } = require('../api/profile.js')
const { diff } = require('../api/combine.js')
const { indexPage } = require('./index-page.js')
const { TooManyCaptures } = require('./shared-captures.js')

const MAX_SECONDS = 3600

/** @typedef {import('./shared-captures.js').SharedCaptures} SharedCaptures */
/** @typedef {{ status: number, headers: Record<string, string>, body: string | Buffer }} Answer */
/** @typedef {{ gc: boolean, debug: boolean, seconds: number, type: string | undefined }} Query */
/**
 * @typedef {object} Page
 * @property {string} mime
 * @property {string} [filename] for a browser that saves it
 * @property {(profile: Profile, query: Query) => Promise<Buffer>} write
 * @property {boolean} [draws] a change in use is drawn as a difference
 */

/** @type {Record<string, Page>} */
const PAGES = {
  // Both hold the same, in types and labels; the first type that is shown differs.
  heap: { mime: 'application/octet-stream', filename: 'heap', write: profile => profile.toPprof({ type: shownType(profile, 'inuse_space') }) },
  allocs: { mime: 'application/octet-stream', filename: 'allocs', write: profile => profile.toPprof({ type: shownType(profile, 'alloc_space') }) },
  flamegraph: { mime: 'image/svg+xml', write: (profile, { type }) => profile.toSVG({ type }), draws: true },
  folded: { mime: 'text/plain; charset=utf-8', write: (profile, { type }) => profile.toFolded({ type }) }
}

/**
 * @param {Profile} profile
 * @param {string} wanted
 */
function shownType (profile, wanted) {
  return profile.types.includes(wanted) ? wanted : profile.defaultType
}

/**
 * @param {number} status
 * @param {string} text
 * @param {Record<string, string>} [headers]
 * @returns {Answer} as Go answers errors
 */
function failure (status, text, headers = {}) {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', 'x-go-pprof': '1', ...headers }, body: `${text}\n` }
}

/**
 * @param {string} mime
 * @param {string | Buffer} body
 * @param {Record<string, string>} [headers]
 * @returns {Answer}
 */
function success (mime, body, headers = {}) {
  return { status: 200, headers: { 'content-type': mime, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', ...headers }, body }
}

/**
 * @param {URLSearchParams} params
 * @returns {Query | string} a text says what is wrong
 */
function queryOf (params) {
  const seconds = params.get('seconds'), type = params.get('type') ?? undefined, debug = params.get('debug')
  if (seconds !== null && !/^[1-9]\d{0,5}$/.test(seconds)) return 'seconds must be a whole number of at least 1'
  if (Number(seconds) > MAX_SECONDS) return `seconds must be at most ${MAX_SECONDS}`
  if (seconds !== null && debug !== null && debug !== '0') return 'seconds and debug exclude each other'
  if (type !== undefined && !TYPES.includes(type)) return `type must be one of ${TYPES.join(', ')}`
  return { gc: params.get('gc') === '1', debug: debug !== null && debug !== '0', seconds: Number(seconds), type }
}

/** Why a request of a type cannot be answered. */
class NoType extends Error {}

/**
 * @param {Profile} profile
 * @param {string | undefined} type
 */
function checkType (profile, type) {
  if (type !== undefined && !profile.types.includes(type)) throw new NoType(`the profile has no ${type}, only ${profile.types.join(', ')}`)
}

/**
 * @param {Page} page
 * @param {Query} query
 * @param {Profile} before
 * @param {Profile} after
 * @returns {Promise<Buffer>} of what changed
 */
async function writeChange (page, query, before, after) {
  const type = query.type ?? shownType(after, 'alloc_space')
  const change = page.draws && type.startsWith('inuse')
    ? await diff(before, after, { type })
    : new Profile(await binding.core().delta(internals.handle(before), internals.handle(after)), { type })
  try {
    return await page.write(change, { ...query, type })
  } finally {
    change.free()
  }
}

/**
 * @param {Page} page
 * @param {Query} query
 * @param {SharedCaptures} captures
 * @param {AbortSignal} gone
 * @returns {Promise<Buffer>}
 */
function bodyOf (page, query, captures, gone) {
  const { gc, seconds, type } = query
  return captures.with(gc, async profile => {
    checkType(profile, type)
    if (query.debug) return profile.toListing({ type, human: true })
    if (seconds === 0) return page.write(profile, query)
    await wait(seconds * 1000, undefined, { signal: gone, ref: false })
    return captures.with(gc, after => writeChange(page, query, profile, after))
  })
}

/**
 * @param {Page} page
 * @param {Query} query
 * @returns {Answer} without its body
 */
function headOf (page, query) {
  if (query.debug) return success('text/plain; charset=utf-8', '')
  const name = page.filename && `${page.filename}${query.seconds > 0 ? '-delta' : ''}`
  return success(page.mime, '', name ? { 'content-disposition': `attachment; filename="${name}"` } : {})
}

/** @param {unknown} error @returns {Answer} */
function failed (error) {
  if (error instanceof TooManyCaptures) return failure(429, error.message, { 'retry-after': String(error.seconds) })
  if (error instanceof NoType) return failure(400, error.message)
  return failure(503, oneLine(reason(error)))
}

/**
 * @param {string} name the path below that of the pages
 * @param {URLSearchParams} params
 * @param {{ captures: SharedCaptures, started: Promise<void>, head: boolean, gone: AbortSignal }} how `head`: no body
 *   is wanted; `gone`: nobody waits for the answer
 * @returns {Promise<Answer>}
 */
async function answer (name, params, { captures, started, head, gone }) {
  if (name === '') return success('text/html; charset=utf-8', indexPage(), { 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'" })
  if (name === 'cmdline') return success('text/plain; charset=utf-8', [process.argv[0], ...process.execArgv, ...process.argv.slice(1)].join('\0'))
  const page = Object.hasOwn(PAGES, name) ? PAGES[name] : undefined
  if (!page) return failure(404, 'Unknown profile')
  const query = queryOf(params)
  if (typeof query === 'string') return failure(400, query)
  const answered = headOf(page, query)
  if (head) return answered
  try {
    await started
    return { ...answered, body: await bodyOf(page, query, captures, gone) }
  } catch (error) {
    return failed(error)
  }
}

module.exports = { answer, failure }
