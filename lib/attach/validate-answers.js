'use strict'

/** Validates the answers of another process, which may not be Node. */

const { oneLine } = require('../common/errors.js')

/** @typedef {import('./remote-functions.js').Facts} Facts */
/** @typedef {import('./remote-functions.js').Started} Started */

const MAX_TEXT = 300

/**
 * @param {unknown} value
 * @returns {string} for a message
 */
function shortText (value) {
  const text = oneLine(String(typeof value === 'string' ? value.slice(0, 4 * MAX_TEXT) : value))
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
}

/**
 * @param {string} text
 * @returns {Record<string, any> | undefined} undefined if it is not the JSON of an object
 */
function parseObject (text) {
  try {
    return objectOf(JSON.parse(text))
  } catch {
    return undefined
  }
}

/**
 * @param {unknown} value
 * @returns {Record<string, any> | undefined}
 */
function objectOf (value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}

/**
 * @param {unknown} value
 * @param {Record<string, string>} types of its properties, as from typeof; `?`: optional
 */
function hasShape (value, types) {
  const object = objectOf(value)
  return object !== undefined && Object.entries(types).every(([name, type]) => {
    const own = Object.hasOwn(object, name) ? object[name] : undefined
    if (type.startsWith('?') && (own === undefined || own === null)) return true
    const expected = type.replace('?', '')
    return expected === 'strings' ? Array.isArray(own) && own.every(one => typeof one === 'string') : typeof own === expected
  })
}

const ABOUT = { argv: 'strings', execArgv: 'strings', execPath: 'string', version: 'string', platform: 'string', arch: 'string', title: 'string', pid: 'number', ppid: 'number' }
const FACTS = { about: 'object', cwd: 'string', abi: 'string', workers: 'boolean', profiled: 'boolean', arrayBuffers: 'number', heap: 'number', maglev: 'boolean' }
const STARTED = { code: '?string', message: '?string', unknown: '?string', why: '?string', offheap: '?string', labels: '?string', pause: '?number' }

/**
 * @param {unknown} value result of attachSelf()
 * @returns {{ facts: Facts, started?: Started } | undefined} undefined if it is not valid
 */
function parseAttachResult (value) {
  const answer = objectOf(value)
  if (!answer || !hasShape(answer.facts, FACTS) || !hasShape(answer.facts.about, ABOUT)) return undefined
  if (!/^\d{1,6}$/.test(answer.facts.abi) || !(answer.facts.arrayBuffers >= 0 && answer.facts.heap >= 0)) return undefined
  if (answer.started !== undefined && !hasShape(answer.started, STARTED)) return undefined
  return /** @type {{ facts: Facts, started?: Started }} */ (answer)
}

module.exports = { parseAttachResult, objectOf, parseObject, shortText }
