'use strict'

/** Parsers of option values. Each throws an Error that says what is expected. */

/**
 * A limit as it was given. `label`: what `where` means in a profile that has this label.
 * @typedef {import('../api/limits.js').Limit & { text: string, label?: { key: string, value: string } }} GivenLimit
 */

const UNITS = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 }

/**
 * A number of bytes: `4096`, `64k`, `1.5m`, `2GiB`; k is 1024.
 * @param {string} text
 * @returns {number} at least 1
 */
function parseSize (text) {
  const match = /^(\d+(?:\.\d+)?)([kmgt]?)(?:i?b)?$/i.exec(text.trim())
  if (!match) throw new Error(`'${text}' is not a number of bytes; write 4096, 64k or 1m`)
  const unit = /** @type {keyof typeof UNITS} */ (match[2].toLowerCase())
  const bytes = Math.round(Number(match[1]) * UNITS[unit])
  if (bytes < 1) throw new Error(`'${text}' is too small; the minimum is 1 byte`)
  if (!Number.isSafeInteger(bytes)) throw new Error(`'${text}' is too large`)
  return bytes
}

/**
 * A limit in bytes or objects, in the units of all outputs: `500M` is 500,000,000 and `500MiB` is
 * 524,288,000.
 * @param {string} text
 * @returns {number} at least 0
 */
function parseAmount (text) {
  const match = /^(\d+(?:\.\d+)?)([kmgt]?)(i?)b?$/i.exec(text.trim())
  if (!match || (match[3] && !match[2])) throw new Error(`'${text}' is not a limit; write 500000, 64k, 500M or 1GiB`)
  const amount = Math.round(Number(match[1]) * (match[3] ? 1024 : 1000) ** ' kmgt'.indexOf(match[2].toLowerCase() || ' '))
  if (!amount && Number(match[1])) throw new Error(`'${text}' is too small; write 0 or at least 1`)
  if (!Number.isSafeInteger(amount)) throw new Error(`'${text}' is too large`)
  return amount
}

/**
 * @param {number} min
 * @param {number} max
 * @returns {(text: string) => number} a parser of whole numbers in that range
 */
function wholeNumber (min, max) {
  return text => {
    const value = /^\d+$/.test(text.trim()) ? Number(text) : NaN
    if (value >= min && value <= max) return value
    throw new Error(`'${text}' is not a whole number from ${min} to ${max}`)
  }
}

/**
 * @param {number} min
 * @param {number} max
 * @returns {(text: string) => number} a parser of decimal numbers in that range
 */
function decimal (min, max) {
  return text => {
    const value = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : NaN
    if (value >= min && value <= max) return value
    throw new Error(`'${text}' is not a number from ${min} to ${max}`)
  }
}

const parsePercentNumber = decimal(0, 100)

/**
 * @param {string} text `2`, `0.5` or `0.5%`
 * @returns {number}
 */
function parsePercent (text) {
  return parsePercentNumber(text.replace(/\s*%$/, ''))
}

/**
 * @param {string} text `auto`, `off` or a number of seconds
 * @returns {string} the same, checked
 */
function parseEvery (text) {
  if (text === 'auto' || text === 'off') return text
  if (/^\d+(\.\d+)?$/.test(text) && Number(text) >= 0.1 && Number(text) <= 1e6) return text
  throw new Error(`'${text}' is not auto, off or a number of seconds of at least 0.1`)
}

/** Signals that are free for snapshots: Node, V8 and terminals do not use them. */
const SNAPSHOT_SIGNALS = Object.freeze(['SIGUSR2', 'SIGALRM', 'SIGVTALRM', 'SIGIO', 'SIGPWR'])
  .filter(name => name in require('node:os').constants.signals)

/**
 * @param {string} text a signal's name, with or without SIG; 1 is SIGUSR2
 * @returns {string | undefined} its name with SIG; undefined: none
 */
function parseSignal (text) {
  if (/^(1|true|yes|on)$/i.test(text)) return SNAPSHOT_SIGNALS[0]
  if (/^(0|false|no|off)$/i.test(text)) return undefined
  const name = text.toUpperCase().replace(/^(SIG)?/, 'SIG')
  if (SNAPSHOT_SIGNALS.includes(name)) return name
  throw new Error(`'${text}' is not one of ${SNAPSHOT_SIGNALS.join(', ')}; Node or the system uses the others`)
}

const parseGrowth = decimal(0, 1e6)

/**
 * Parses `TYPE:WHERE=`, whose parts are optional. WHERE is a regular expression, or KEY=VALUE of a label.
 * @param {string} text
 * @param {readonly string[]} types
 * @returns {{ type?: string, where?: RegExp, label?: { key: string, value: string }, rest: string }}
 */
function parseSubject (text, types) {
  const equals = text.lastIndexOf('=')
  const rest = text.slice(equals + 1)
  if (equals < 0) return { rest }
  const subject = text.slice(0, equals)
  const type = types.find(one => subject === one || subject.startsWith(`${one}:`))
  const where = type === undefined ? subject : subject.slice(type.length + 1)
  const label = where.includes('=') ? { label: parseLabel(where) } : {}
  if (type === undefined) {
    if ('label' in label) return { ...label, rest }
    throw new Error(`'${subject.split(':')[0]}' is not one of ${types.join(', ')}`)
  }
  return { type, ...(subject === type ? {} : { where: parseExpression(where), ...label }), rest }
}

/**
 * @param {readonly string[]} types
 * @returns {(text: string) => GivenLimit} a parser of `alloc_space=500M`,
 *   `inuse_space:src/cache.js=64M`, `inuse_space:http.route=/login=20M`, `500M`
 */
function maximum (types) {
  return text => {
    const { rest, ...subject } = parseSubject(text, types)
    return { ...subject, max: parseAmount(rest), text: rest.trim() }
  }
}

/**
 * @param {readonly string[]} types
 * @returns {(text: string) => GivenLimit} a parser of `10%`, `alloc_space=10%`,
 *   `alloc_space:src/cache.js=10%`, `http.route=/login=10%`
 */
function growth (types) {
  return text => {
    const { rest, ...subject } = parseSubject(text, types)
    const maxGrowth = parseGrowth(rest.replace(/\s*%$/, ''))
    return { ...subject, maxGrowth, text: `${maxGrowth}%` }
  }
}

/**
 * @param {string} text a number of seconds
 * @returns {number}
 */
const parseSeconds = decimal(0.1, 1e6)

/**
 * @param {string} text
 * @returns {RegExp}
 */
function parseExpression (text) {
  if (text === '') throw new Error('the regular expression is empty')
  try {
    return new RegExp(text, 'u')
  } catch {
    // Some expressions are valid only without the u flag: those with \- or a bare {.
  }
  try {
    return new RegExp(text)
  } catch (error) {
    const why = /** @type {Error} */ (error).message.replace(/^Invalid regular expression: /, '')
    throw new Error(`'${text}' is not a regular expression: ${why}`)
  }
}

/**
 * @param {readonly string[]} words
 * @returns {(text: string) => string} a parser that takes one of the words
 */
function oneOf (words) {
  return text => {
    if (words.includes(text)) return text
    throw new Error(`'${text}' is not one of ${words.join(', ')}`)
  }
}

/**
 * @param {string} text
 * @returns {string} the key of a label
 */
function parseKey (text) {
  if (text !== '' && !text.includes('\0')) return text
  throw new Error(`'${text}' is not the key of a label`)
}

/**
 * @param {string} text `KEY=VALUE`
 * @returns {{ key: string, value: string }}
 */
function parseLabel (text) {
  const equals = text.indexOf('=')
  if (equals < 1) throw new Error(`'${text}' is not KEY=VALUE`)
  return { key: parseKey(text.slice(0, equals)), value: text.slice(equals + 1) }
}

/**
 * @param {readonly string[]} words
 * @returns {(text: string) => string[]} a parser of one or more of the words, with commas between
 */
function someOf (words) {
  const parse = oneOf(words)
  return text => text.split(',').map(word => parse(word.trim()))
}

/** @type {Record<string, number>} */
const SECONDS = { s: 1, m: 60, h: 3600 }

/**
 * @param {string} text `90`, `60s`, `2m` or `1h`
 * @returns {number} seconds
 */
function parseAge (text) {
  const [, digits, unit = 's'] = /^(\d{1,7})([smh])?$/.exec(text) ?? []
  if (Number(digits) > 0) return Number(digits) * SECONDS[unit]
  throw new Error(`'${text}' is not an age, such as 90, 60s, 2m or 1h`)
}

const BY_LABEL = 'label:'

/**
 * @param {string} group
 * @returns {string | undefined} the key of `label:KEY`; undefined for other groups
 */
function labelOfGroup (group) {
  return group.startsWith(BY_LABEL) ? group.slice(BY_LABEL.length) : undefined
}

/**
 * @param {readonly string[]} words
 * @returns {(text: string) => string} a parser that takes one of the words, or `label:KEY`
 */
function grouping (words) {
  return text => {
    const key = labelOfGroup(text)
    if (words.includes(text) || (key !== undefined && parseKey(key))) return text
    throw new Error(`'${text}' is not one of ${words.join(', ')}, label:KEY`)
  }
}

/**
 * @param {string} text
 * @returns {string}
 */
function parseFile (text) {
  if (text === '') throw new Error('the file name is empty')
  return text
}

/** A file name may have 255 bytes; suffixes follow. */
const NAME_BYTES = 200

/**
 * @param {string} text
 * @returns {string}
 */
function parseName (text) {
  if (Buffer.byteLength(text) > NAME_BYTES) throw new Error(`the name has ${Buffer.byteLength(text)} bytes; the maximum is ${NAME_BYTES}`)
  if (text !== '' && !/[/\\\0]/.test(text) && text !== '.' && text !== '..') return text
  throw new Error(`'${text}' is not a name; it begins file names, and --out-dir sets their folder`)
}

/**
 * @param {string} text
 * @returns {string}
 */
function parseText (text) {
  return text
}

/**
 * The value of a flag's environment variable.
 * @param {string} text
 * @returns {boolean}
 */
function parseFlag (text) {
  if (/^(1|true|yes|on)$/i.test(text)) return true
  if (/^(|0|false|no|off)$/i.test(text)) return false
  throw new Error(`'${text}' is not 1 or 0`)
}

module.exports = {
  parseSize, parseEvery, parseSignal, parseSeconds, decimal, wholeNumber, parsePercent, parseExpression, maximum, growth, oneOf, someOf, labelOfGroup, grouping, parseKey, parseLabel, parseAge, parseFile, parseName, parseText, parseFlag
}
