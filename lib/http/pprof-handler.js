'use strict'

/** Profiles of this thread by HTTP, for any server of the app. */

const { oneLine, reason } = require('../common/errors.js')
const { running, start } = require('../api/sampling.js')
const { checkObject, checkWhole, invalid } = require('../api/validate.js')
const { refusal } = require('./access.js')
const { answer, failure } = require('./endpoints.js')
const { SharedCaptures } = require('./shared-captures.js')

const PREFIX = '/debug/pprof'
const CAPTURES_PER_MINUTE = 60
const METHODS = ['GET', 'HEAD']
/** Only to take a request's path apart. */
const ANY_ORIGIN = 'http://localhost'

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('node:http').ServerResponse} ServerResponse */
/** @typedef {import('./endpoints.js').Answer} Answer */
/** @typedef {{ method: string, url: URL, refused: string | undefined, gone: AbortSignal }} Asked */

/** @param {unknown} prefix @returns {string} without a slash at its end */
function checkPrefix (prefix) {
  if (typeof prefix !== 'string' || !prefix.startsWith('/')) throw invalid('prefix', 'a path that begins with /', prefix)
  return prefix.replace(/\/+$/, '')
}

/** @param {unknown} authorize */
function checkAuthorize (authorize) {
  if (authorize !== undefined && typeof authorize !== 'function') throw invalid('authorize', 'a function', authorize)
}

/**
 * @param {IncomingMessage & { originalUrl?: string }} request `originalUrl`: with the path that express took off
 * @returns {URL | undefined} undefined: the path is none
 */
function urlOf ({ originalUrl, url = '' }) {
  try {
    return new URL(originalUrl ?? url, ANY_ORIGIN)
  } catch {
    return undefined
  }
}

/**
 * @param {ServerResponse} response
 * @param {Answer} answered
 * @param {boolean} head
 */
function send (response, { status, headers, body }, head) {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, body.length > 0 ? { ...headers, 'content-length': Buffer.byteLength(body) } : headers)
  response.end(head ? undefined : body)
}

/**
 * @param {ServerResponse} response
 * @returns {AbortSignal} aborts when the client goes before it has the answer
 */
function clientGone (response) {
  const controller = new AbortController()
  response.once('close', () => { if (!response.writableFinished) controller.abort() })
  return controller.signal
}

/**
 * @param {{ prefix?: string, authorize?: (request: any) => unknown, capturesPerMinute?: number }} [options] all
 *   others are those of start()
 */
function pprofHandler (options = {}) {
  checkObject('options', options)
  const { prefix = PREFIX, authorize, capturesPerMinute = CAPTURES_PER_MINUTE, ...sampling } = options
  const base = checkPrefix(prefix)
  checkAuthorize(authorize)
  checkWhole('capturesPerMinute', capturesPerMinute, 1, 1_000_000)
  const started = running() ? Promise.resolve() : start(sampling)
  started.catch(() => {}) // each request says why
  const captures = new SharedCaptures(capturesPerMinute)

  /**
   * @param {URL} url
   * @returns {string | undefined} the path below the prefix; undefined: it is another's
   */
  function nameIn ({ pathname }) {
    if (pathname === base) return ''
    return pathname.startsWith(`${base}/`) ? pathname.slice(base.length + 1) : undefined
  }

  /**
   * @param {any} request
   * @param {() => string | undefined} refused without authorize
   * @returns {Promise<string | undefined>} why the request is refused
   */
  async function whyRefused (request, refused) {
    if (authorize === undefined) return refused()
    return await authorize(request) === true ? undefined : 'not authorized'
  }

  /** @param {Asked} asked @returns {Promise<Answer>} */
  async function answerTo ({ method, url, refused, gone }) {
    const name = nameIn(url)
    if (name === undefined) return failure(404, 'Unknown profile')
    if (!METHODS.includes(method)) return failure(405, 'use GET', { allow: METHODS.join(', ') })
    if (refused !== undefined) return failure(403, refused)
    // links of the index are relative to a slash
    if (url.pathname === base) return { ...failure(308, 'the page is below'), headers: { location: `${base}/` } }
    return answer(name, url.searchParams, { captures, started, head: method === 'HEAD', gone })
  }

  /**
   * @param {URL} url
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   */
  async function respond (url, request, response) {
    const { method = '' } = request
    const gone = clientGone(response)
    const refused = await whyRefused(request, () => refusal(request))
    send(response, await answerTo({ method, url, refused, gone }), method === 'HEAD')
  }

  /**
   * For node:http and what is built on it.
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   * @param {(error?: unknown) => void} [next] called for a path that is not below the prefix
   */
  function handler (request, response, next) {
    const url = urlOf(request)
    if (next && (!url || nameIn(url) === undefined)) return next()
    if (!url) return send(response, failure(400, 'the path is no URL'), false)
    respond(url, request, response).catch(error => send(response, failure(500, oneLine(reason(error))), false))
  }

  /**
   * For servers whose handlers take a Request.
   * @param {Request} request
   * @returns {Promise<Response>}
   */
  handler.fetch = async function (request) {
    const { method, url, signal } = request
    const refused = await whyRefused(request, () => 'a Request does not tell where it comes from: the option authorize is needed')
    const { status, headers, body } = await answerTo({ method, url: new URL(url), refused, gone: signal })
    return new Response(method === 'HEAD' ? null : /** @type {any} */ (body), { status, headers })
  }

  return handler
}

module.exports = { pprofHandler }
