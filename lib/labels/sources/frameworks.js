'use strict'

/** What web frameworks know of a request's route, read from what they put on the request. */

const { String, Object, exec, endsWith, keys, slice } = require('../../common/node-originals.js')
const { foldPath } = require('./fold-path.js')

const NEXT_META = Symbol.for('NextInternalRequestMeta')
/** Patterns that say nothing of the path, as of a server that hands all requests on: `*`, `/*`, `/{*any}`. */
const CATCH_ALL = /^\/?[({]?\*\w*[)}]?$|^\/?\(\.\*\)$/
const KOA_CONTEXT = /[/\\]koa[/\\]lib[/\\]context\.js$/

/** @typedef {(request: object, pattern: string) => void} Learn */

/**
 * @param {unknown} pattern a text or a regular expression
 * @returns {string | undefined}
 */
function textOf (pattern) {
  const text = typeof pattern === 'string' ? pattern : pattern instanceof RegExp ? String(pattern) : undefined
  return text === undefined || text === '' || exec(CATCH_ALL, text) !== null ? undefined : text
}

/**
 * Express 4 and 5, and what is built upon them: the route that answered.
 * @param {any} request
 * @returns {string | undefined}
 */
function expressPattern (request) {
  const path = textOf(request.route?.path)
  if (path === undefined) return undefined
  const base = typeof request.baseUrl === 'string' ? foldPath(request.baseUrl) : ''
  if (base === '' || path[0] !== '/') return path
  return path === '/' ? base : (endsWith(base, '/') ? slice(base, 0, -1) : base) + path
}

/**
 * @param {any} request
 * @returns {string | undefined}
 */
function nextPattern (request) {
  const definition = request[NEXT_META]?.match?.definition
  return textOf(definition?.pathname ?? definition?.page)
}

/**
 * @param {object} request that was answered
 * @returns {string | undefined} the pattern of its route
 */
function patternOf (request) {
  return nextPattern(request) ?? expressPattern(request)
}

/**
 * Koa tells nobody of its contexts. Its router writes the pattern into the context, which inherits from
 * koa's own object; there a property hears of it, and then becomes the context's own.
 * @param {Learn} learn
 * @param {Set<object>} done
 */
function watchKoa (learn, done) {
  const cache = require.cache
  const files = keys(cache)
  for (let i = 0; i < files.length; i++) {
    if (exec(KOA_CONTEXT, files[i]) === null) continue
    const context = cache[files[i]]?.exports
    if (typeof context !== 'object' || context === null || done.has(context)) continue
    done.add(context)
    Object.defineProperty(context, '_matchedRoute', {
      configurable: true,
      set (value) {
        Object.defineProperty(this, '_matchedRoute', { value, writable: true, enumerable: true, configurable: true })
        try {
          const text = textOf(value)
          if (text !== undefined) learn(this.req, text)
        } catch {
          // The app must not notice.
        }
      }
    })
  }
}

/** @param {Set<object>} contexts of koa */
function leaveKoa (contexts) {
  for (const context of contexts) Reflect.deleteProperty(context, '_matchedRoute')
}

/**
 * Fastify tells of each request whose handler begins.
 * @param {Learn} learn
 * @returns {(message: any) => void} a subscriber
 */
function fastifySubscriber (learn) {
  return message => {
    try {
      const text = textOf(message.route?.url)
      if (text !== undefined) learn(message.request.raw, text)
    } catch {
      // The app must not notice.
    }
  }
}

/**
 * Fastify 4 only tells of each instance.
 * @param {Learn} learn
 * @returns {(message: any) => void} a subscriber
 */
function fastify4Subscriber (learn) {
  return message => {
    try {
      const { fastify } = message
      if (exec(/^[34]\./, String(fastify.version)) === null) return
      fastify.addHook('onRequest', (/** @type {any} */ request, /** @type {any} */ _, /** @type {() => void} */ done) => {
        try {
          // Fastify 4 warns of who reads the older property.
          const text = textOf('routeOptions' in request ? request.routeOptions.url : request.routerPath)
          if (text !== undefined) learn(request.raw, text)
        } catch {
          // The app must not notice.
        }
        done()
      })
    } catch {
      // The app must not notice.
    }
  }
}

module.exports = { patternOf, watchKoa, leaveKoa, fastifySubscriber, fastify4Subscriber }
