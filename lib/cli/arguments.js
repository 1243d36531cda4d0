'use strict'

const fs = require('node:fs')
const path = require('node:path')
const { parseArgs } = require('node:util')
const { STATUS, CliError } = require('../common/errors.js')
const { workingFolder } = require('../common/metadata.js')
const { OPTIONS, optionsOf, fromEnvironment, readValue, keyOf, FORMATS } = require('../options.js')

/**
 * The edit distance of two words: characters added, removed, changed, or two adjacent ones exchanged.
 * @param {string} a
 * @param {string} b
 * @returns {number}
 */
function distance (a, b) {
  /** @type {number[][]} */
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      row[j] = Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (same ? 0 : 1))
      const exchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (exchanged) row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1)
    }
    rows.push(row)
  }
  return rows[a.length][b.length]
}

/**
 * @param {string} word
 * @param {readonly string[]} candidates
 * @returns {string | undefined} the most similar candidate, if it is similar enough
 */
function nearest (word, candidates) {
  const begun = candidates.filter(name => word.length > 1 && name.startsWith(word))
  if (begun.length === 1) return begun[0]
  const ranked = candidates.map(name => ({ name, edits: distance(word, name) })).sort((a, b) => a.edits - b.edits)
  const limit = word.length < 6 ? 1 : 2
  return ranked.length > 0 && ranked[0].edits <= limit ? ranked[0].name : undefined
}

/**
 * @param {string} message
 * @returns {CliError}
 */
function usage (message) {
  return new CliError(STATUS.USAGE, message)
}

/**
 * @param {string} name
 * @param {string} rawName as written, with dashes
 * @param {string} command
 * @param {import('../options.js').Option[]} options of the command
 * @returns {CliError}
 */
function unknown (name, rawName, command, options) {
  const names = options.map(option => option.name)
  const reversed = name.startsWith('no-') ? name.slice(3) : `no-${name}`
  const others = OPTIONS.filter(option => option.name === name).flatMap(option => option.commands)
  if (others.length > 0) {
    const of = others.map(other => other === 'run' ? 'a run' : other).join(', ')
    return usage(`${rawName}: not an option of ${command === 'run' ? 'a run' : command}, only of ${of}`)
  }
  const meant = names.includes(reversed) ? reversed : nearest(name, names)
  return usage(`${rawName}: no such option; ${meant ? `did you mean --${meant}?` : 'see --help'}`)
}

/** @param {string} file @returns {boolean} whether one output would overwrite the other */
function isFile (file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? true
}

/**
 * @param {Record<string, unknown>} values
 */
function checkOutputs (values) {
  /** @type {Map<string, string>} */
  const used = new Map()
  for (const name of [...FORMATS, 'benchmark-json']) {
    const file = values[keyOf(name)]
    if (typeof file !== 'string') continue
    const place = file === '-' ? file : path.resolve(workingFolder() || path.sep, file)
    const other = used.get(place)
    if (other && file === '-') throw usage(`--${other} - and --${name} -: only one output can go to stdout; name a file for the other`)
    if (other && isFile(place)) throw usage(`--${other} and --${name}: both would write ${file}; name another file for one`)
    used.set(place, name)
  }
}

/** @param {Record<string, unknown>} values */
function checkAge ({ olderThan, type }) {
  if (olderThan === undefined || !String(type).startsWith('alloc')) return
  throw usage(`--older-than keeps only memory in use, which has no ${type}: use --type inuse_space or inuse_objects`)
}

/** @typedef {{ kind: string, name?: string, value?: string }} Token */

/**
 * The options of a run end at the first other word or at `--`; those of other commands may be anywhere
 * before `--`.
 *
 * @param {string} command
 * @param {readonly string[]} argv
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ values: import('../options.js').Values, rest: string[], afterDashes: string[], dashes: boolean }}
 *   `rest`: the words after the options, or between them; `dashes`: whether `--` ended them;
 *   `afterDashes`: of `check` the words behind `--`
 */
function readArguments (command, argv, env) {
  const options = optionsOf(command)
  /** @type {Record<string, { type: 'string' | 'boolean', short?: string }>} */
  const config = {}
  for (const { name, arg, bare, short } of options) {
    config[name] = { type: arg && !bare ? 'string' : 'boolean', ...(short ? { short } : {}) }
  }
  const { tokens } = parseArgs({ args: [...argv], options: config, strict: false, allowPositionals: true, tokens: true })

  /** @type {Record<string, unknown>} */
  const given = {}
  /** @type {string[]} */
  let rest = []
  /** @type {string[]} */
  const afterDashes = []
  let dashes = false
  /** @type {string[] | undefined} the list to which words are added */
  let wordList
  for (const [at, token] of tokens.entries()) {
    if (isBareValue(tokens[at - 1], token, options)) continue
    if (token.kind === 'option-terminator') dashes = true
    if (token.kind === 'positional' && command !== 'run') {
      const words = dashes ? afterDashes : wordList ?? rest
      words.push(token.value)
    }
    if (token.kind !== 'option' && command === 'run') {
      rest = argv.slice(token.index + (dashes ? 1 : 0))
      break
    }
    if (token.kind !== 'option') continue
    const option = options.find(row => row.name === token.name)
    if (!option) throw unknown(token.name, token.rawName, command, options)
    const next = tokens[at + 1]
    const text = isBareValue(token, next, options) ? next.value : token.value
    const value = readToken(option, { ...token, value: text ?? option.bare })
    const key = keyOf(option.name)
    if (option.list) given[key] = [...(/** @type {unknown[] | undefined} */ (given[key]) ?? []), value]
    else given[key] = value
    const opposite = oppositeOf(option, options)
    if (opposite) given[keyOf(opposite.name)] = false
    wordList = option.many ? /** @type {string[]} */ (given[key]) : undefined
  }

  const infoOnly = given.help === true || given.version === true
  const values = { ...(infoOnly ? defaults(options) : settings(options, env)), ...given }
  if (!infoOnly) {
    checkOutputs(values)
    checkAge(values)
  }
  return { values, rest: command === 'run' || command === 'check' ? rest : [...rest, ...afterDashes], afterDashes, dashes }
}

/**
 * @param {import('../options.js').Option} option
 * @param {import('../options.js').Option[]} options
 * @returns {import('../options.js').Option | undefined} the flag that says the contrary: the last one counts
 */
function oppositeOf ({ name, arg }, options) {
  return options.find(row => !arg && !row.arg && (row.name === `no-${name}` || name === `no-${row.name}`))
}

/**
 * Whether a word is the value of the option before it, for which a value is optional.
 * @param {Token | undefined} before
 * @param {Token | undefined} token
 * @param {import('../options.js').Option[]} options
 * @returns {token is Token & { value: string }}
 */
function isBareValue (before, token, options) {
  if (before?.kind !== 'option' || before.value !== undefined || token?.kind !== 'positional') return false
  const option = options.find(row => row.name === before.name)
  return option?.bare !== undefined && /^SIG[A-Z0-9]+$/.test(token.value ?? '')
}

/**
 * @param {import('../options.js').Option} option
 * @param {{ rawName: string, value?: string, inlineValue?: boolean }} token
 * @returns {unknown}
 */
function readToken (option, token) {
  const { rawName, value } = token
  if (!option.parse) {
    if (value !== undefined) throw usage(`${rawName} takes no value`)
    return true
  }
  const missing = value === undefined || (!token.inlineValue && /^-./.test(value))
  if (missing) throw usage(`${rawName} needs a value: ${rawName} ${option.arg}`)
  const parse = option.parse
  return asUsage(() => readValue(parse, value, rawName))
}

/**
 * @param {import('../options.js').Option[]} options
 * @param {NodeJS.ProcessEnv} env
 */
function settings (options, env) {
  return asUsage(() => fromEnvironment(options, env))
}

/** @param {import('../options.js').Option[]} options */
function defaults (options) {
  return fromEnvironment(options, {})
}

/**
 * @template T
 * @param {() => T} read
 * @returns {T}
 */
function asUsage (read) {
  try {
    return read()
  } catch (error) {
    throw usage(/** @type {Error} */ (error).message)
  }
}

module.exports = { readArguments, nearest }
