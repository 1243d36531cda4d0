'use strict'

/**
 * The routes of a server: folded paths, and the patterns that its framework has told for them. Their
 * number is bounded, and a program that asks for thousands of paths that do not exist does not use up
 * the places of those that do.
 */

const { Map, exec, indexOf, mapGet, mapSet, newList, slice } = require('../../common/node-originals.js')
const { foldPath } = require('./fold-path.js')

/** Different paths that count for themselves from their first request on. */
const AT_ONCE = 100
/** Further ones do so after an answer that was not 404. */
const MAX_ROUTES = 300
const MAX_PATTERN = 120
const OTHER = '(other)'
const NOT_FOUND = 404
/** A segment of a pattern that stands for any text: `:id`, `[id]`, `{id}`, `*`. */
const PARAMETER = /^[:[{*]/

/**
 * @typedef {object} Route
 * @property {string} method
 * @property {string} path folded
 * @property {string[]} pairs its labels
 * @property {number} below the set that these were added to last
 * @property {number} number of the set that this made
 * @property {boolean} known whether its pattern is known
 * @property {boolean} counted whether it has a place
 */

/**
 * @param {string} method
 * @param {string} path
 * @returns {string[]}
 */
function pairsOf (method, path) {
  return ['http.request.method', method, 'http.route', path]
}

/**
 * @param {string} pattern
 * @param {string} path
 * @returns {boolean} whether the pattern, segment by segment, is that of the path
 */
function matches (pattern, path) {
  let p = 0
  let q = 0
  while (p < pattern.length && q < path.length) {
    const pEnd = endOfSegment(pattern, p)
    const qEnd = endOfSegment(path, q)
    const segment = slice(pattern, p, pEnd)
    if (exec(PARAMETER, segment) === null && segment !== slice(path, q, qEnd)) return false
    p = pEnd + 1
    q = qEnd + 1
  }
  return p >= pattern.length && q >= path.length
}

/** @param {string} text @param {number} from */
function endOfSegment (text, from) {
  const slash = indexOf(text, '/', from)
  return slash < 0 ? text.length : slash
}

class Routes {
  #rename
  /** @type {Map<string, Route>} by method and folded path */
  #routes = new Map()
  /** @type {Map<string, Route>} by method and pattern */
  #patterns = new Map()
  /** @type {{ method: string, pattern: string, route: Route }[]} those that match more than one path */
  #matchers = newList()
  /** @type {Map<string, Route>} by method: what all further paths count as */
  #others = new Map()
  #count = 0

  /** @param {(method: string, path: string, pattern: string) => void} rename labels that are in use */
  constructor (rename) {
    this.#rename = rename
  }

  /**
   * @param {string} method
   * @param {string} url
   * @returns {Route}
   */
  of (method, url) {
    const path = foldPath(url)
    const key = `${method} ${path}`
    const route = mapGet(this.#routes, key)
    if (route) return route
    // a part of `key`, so that the rest of the URL is let go
    const made = this.#make(method, slice(key, method.length + 1))
    return this.#count < AT_ONCE ? this.#keep(made) : this.#standIn(made)
  }

  /**
   * A request was answered.
   * @param {Route} route
   * @param {string | undefined} pattern
   * @param {number} status
   */
  answered (route, pattern, status) {
    if (pattern !== undefined) this.learn(route, pattern)
    else if (!route.counted && status !== NOT_FOUND && this.#count < MAX_ROUTES) this.#keep(route, pairsOf(route.method, route.path))
  }

  /**
   * The framework told the pattern of a request.
   * @param {Route} route
   * @param {string} pattern
   */
  learn (route, pattern) {
    if (route.known) return
    const text = pattern.length > MAX_PATTERN ? `${slice(pattern, 0, MAX_PATTERN)}…` : pattern
    const key = `${route.method} ${text}`
    const first = mapGet(this.#patterns, key)
    if (!route.counted && this.#count >= MAX_ROUTES) return
    route.known = true
    if (route.counted && text !== route.path) this.#rename(route.method, route.path, text)
    const pairs = first ? first.pairs : pairsOf(route.method, text)
    if (route.counted) this.#relabel(route, pairs)
    else this.#keep(route, pairs)
    if (first) return
    mapSet(this.#patterns, key, route)
    if (text !== route.path) this.#matchers[this.#matchers.length] = { method: route.method, pattern: text, route }
  }

  /**
   * @param {string} method
   * @param {string} path
   * @returns {Route} without a place
   */
  #make (method, path) {
    return { method, path, pairs: pairsOf(method, path), below: -1, number: 0, known: false, counted: false }
  }

  /** @param {Route} route @param {string[]} [pairs] */
  #keep (route, pairs = route.pairs) {
    route.counted = true
    this.#relabel(route, pairs)
    mapSet(this.#routes, `${route.method} ${route.path}`, route)
    this.#count++
    return route
  }

  /** @param {Route} route @param {string[]} pairs */
  #relabel (route, pairs) {
    route.pairs = pairs
    route.below = -1
  }

  /**
   * @param {Route} made of a path that has no place yet
   * @returns {Route} with the labels of a pattern that matches it, or of all others
   */
  #standIn (made) {
    for (let i = 0; i < this.#matchers.length; i++) {
      const { method, pattern, route } = this.#matchers[i]
      if (method === made.method && matches(pattern, made.path)) return route
    }
    const other = this.#otherOf(made.method)
    if (this.#count >= MAX_ROUTES) return other
    made.pairs = other.pairs
    return made
  }

  /** @param {string} method */
  #otherOf (method) {
    const known = mapGet(this.#others, method)
    if (known) return known
    const other = this.#make(method, OTHER)
    other.known = other.counted = true
    mapSet(this.#others, method, other)
    return other
  }
}

module.exports = { Routes }
