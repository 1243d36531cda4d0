'use strict'

/**
 * `--label http`: what a request to a server of this thread allocates has its method and its route.
 * Node publishes each request; nothing of the app or of its framework is replaced.
 */

const { subscribe, unsubscribe } = require('node:diagnostics_channel')
const { WeakMap, weakDelete, weakGet, weakSet } = require('../../common/node-originals.js')
const { fastify4Subscriber, fastifySubscriber, leaveKoa, patternOf, watchKoa } = require('./frameworks.js')
const { Routes } = require('./routes.js')

const ROUTE = 'http.route'
const METHOD = 'http.request.method'

/** @typedef {import('./routes.js').Route} Route */

/**
 * @param {import('../contexts.js').Contexts} contexts
 * @returns {() => void} ends it
 */
function startHttp (contexts) {
  const routes = new Routes((method, path, pattern) => contexts.rename([METHOD, method, ROUTE, path], ROUTE, pattern))
  /** @type {WeakMap<object, Route>} of requests that were not answered yet */
  const open = new WeakMap()
  /** @type {Set<object>} */
  const koa = new Set()
  let requests = 0

  const learn = (/** @type {any} */ request, /** @type {string} */ pattern) => {
    const route = weakGet(open, request) ?? (request.stream && weakGet(open, request.stream))
    if (route && !route.known) routes.learn(route, pattern)
  }
  const begin = (/** @type {object} */ request, /** @type {string} */ method, /** @type {string} */ url) => {
    // Again at the 2nd, 4th, 8th … request, as a program may load koa later.
    if ((requests & requests++) === 0) watchKoa(learn, koa)
    const route = routes.of(method, url)
    weakSet(open, request, route)
    contexts.setInstead(ROUTE, route)
  }

  /** @type {[string, (message: any) => void][]} */
  const channels = [
    ['http.server.request.start', ({ request }) => begin(request, request.method, request.url)],
    ['http.server.response.finish', ({ request, response }) => {
      const route = weakGet(open, request)
      if (!route) return
      weakDelete(open, request)
      if (!route.known) routes.answered(route, patternOf(request), response.statusCode)
    }],
    ['http2.server.stream.start', ({ stream, headers }) => begin(stream, headers[':method'], headers[':path'])],
    ['tracing:fastify.request.handler:start', fastifySubscriber(learn)],
    ['fastify.initialization', fastify4Subscriber(learn)]
  ]
  // Node would throw errors of subscribers into the app.
  const subscribers = channels.map(([name, receive]) => ({
    name,
    receive: (/** @type {unknown} */ message) => {
      try {
        if (contexts.isConnected()) receive(message)
        else end()
      } catch {
        // The app must not notice.
      }
    }
  }))
  const end = () => {
    for (const { name, receive } of subscribers) unsubscribe(name, receive)
    leaveKoa(koa)
  }
  for (const { name, receive } of subscribers) subscribe(name, receive)
  return end
}

module.exports = { startHttp }
