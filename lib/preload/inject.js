'use strict'

/**
 * Injects the preload into threads and processes that the app starts with an environment of its own.
 * Missing variables are added, and removed again in the new thread or process, so that the app sees
 * the environment that it passed.
 */

const path = require('node:path')
const { FOLDER } = require('../common/run-environment.js')
const { PRELOAD } = require('./node-option.js')

/** JSON with the names of added variables, separated by spaces, and the original NODE_OPTIONS. */
const ADDED = 'SHAP_FLAME_ADDED'
/** Only names that a shell assignment accepts. */
const OURS = /^SHAP_FLAME_[A-Z0-9_]+$/

/** Shells that accept assignments before a command, as in POSIX. */
const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh'])
/** The first word of a command, if it is literal, quoted or not. */
const FIRST_WORD = /^[ \t]*(?:"([^"\\$`]+)"|'([^']+)'|([\w./@%+:-]+))(?=[ \t]|$)/

/** Pid of the first profiled process; its children inherit it. */
const MAIN = process.env.SHAP_FLAME_MAIN ?? String(process.pid)
const isChild = () => MAIN !== String(process.pid)

/**
 * A copy without a prototype: the app may have changed Object.prototype.
 * @template {object} T
 * @param {T} object
 * @returns {T}
 */
function withoutPrototype (object) {
  return { ...object, __proto__: null }
}

/** Variables for every process of the run; SHAP_FLAME_LEFT_OUT is for one process only. */
const NEEDED = Object.fromEntries(Object.entries(process.env)
  .filter(([name]) => OURS.test(name) && name !== ADDED && name !== 'SHAP_FLAME_LEFT_OUT'))
NEEDED.SHAP_FLAME_MAIN = MAIN

/**
 * @param {NodeJS.ProcessEnv} given
 * @returns {Record<string, string> | undefined} variables to add; undefined: none
 */
function missingVariables (given) {
  const env = withoutPrototype(given)
  const options = String(env.NODE_OPTIONS ?? '') // a worker's may have any type
  if (options.includes(PRELOAD) && env.SHAP_FLAME_CAPTURES === FOLDER) return undefined
  const names = Object.keys(NEEDED).filter(name => !(name in env))
  const added = JSON.stringify(withoutPrototype({ names: names.join(' '), options: env.NODE_OPTIONS ?? null }))
  return {
    ...Object.fromEntries(names.map(name => [name, /** @type {string} */ (NEEDED[name])])),
    NODE_OPTIONS: options.includes(PRELOAD) ? options : `${options} ${PRELOAD}`.trim(),
    [ADDED]: added
  }
}

/** Children inherit the pid of the first process. */
function passMainToChildren () {
  if (!isChild()) process.env.SHAP_FLAME_MAIN = MAIN
}

/** Removes the variables that were added for the preload. */
function restoreEnvironment () {
  const text = process.env[ADDED]
  if (text === undefined) return
  delete process.env[ADDED]
  const { names, options } = JSON.parse(text)
  for (const name of names.split(' ')) delete process.env[name]
  if (options === null) delete process.env.NODE_OPTIONS
  else process.env.NODE_OPTIONS = options
}

/**
 * Variables are added for Node only: another program would show them.
 * @param {unknown} file
 * @returns {boolean}
 */
function isNode (file) {
  return file === process.execPath || /^node(js)?$/.test(path.basename(String(file)))
}

/**
 * @param {unknown} options of a worker
 * @returns {any} the same, or a proxy with the added variables: getters of a class instance need the
 *   instance itself
 */
function injectIntoWorkerOptions (options) {
  const env = /** @type {{ env?: unknown } | undefined} */ (options)?.env
  if (env === null || typeof env !== 'object') return options
  const missing = missingVariables(/** @type {NodeJS.ProcessEnv} */ (env))
  if (!missing) return options
  const given = /** @type {any} */ (options)
  return new Proxy(withoutPrototype({ ...given, env: { ...env, ...missing } }), withoutPrototype({
    get: (/** @type {any} */ copy, /** @type {PropertyKey} */ key) => key in copy ? copy[key] : given[key]
  }))
}

/** Puts a double of the class Worker in its place: a proxy would be printed as one. */
function patchWorker () {
  const threads = require('node:worker_threads')
  const NodesWorker = /** @type {any} */ (threads.Worker)
  const { constructor: _, ...methods } = Object.getOwnPropertyDescriptors(NodesWorker.prototype)
  const Double = class Worker {
    /** @param {unknown} file @param {unknown[]} rest */
    constructor (file, ...rest) {
      try {
        if (rest.length) rest[0] = injectIntoWorkerOptions(rest[0])
      } catch {
        // a getter of the app's: it throws again where Node asks
      }
      return Reflect.construct(NodesWorker, [file, ...rest], new.target)
    }
  }
  Object.defineProperties(Double.prototype, methods)
  Object.setPrototypeOf(Double.prototype, Object.getPrototypeOf(NodesWorker.prototype))
  Object.setPrototypeOf(Double, Object.getPrototypeOf(NodesWorker))
  threads.Worker = /** @type {any} */ (Double)
}

/**
 * @param {any} spawn Node's internal function
 * @returns {any} a proxy that adds variables to a copy of the options; errors show the originals
 */
function injectInto (spawn) {
  return new Proxy(spawn, withoutPrototype({
    apply: (/** @type {Function} */ target, /** @type {unknown} */ self, /** @type {any[]} */ given) =>
      Reflect.apply(target, self, typeof given[0] === 'string' ? injectIntoArguments(given) : [injectIntoOptions(given[0]), ...given.slice(1)])
  }))
}

/**
 * Newer Nodes pass the options as separate arguments.
 * @param {any[]} given
 * @returns {any[]}
 */
function injectIntoArguments (given) {
  const [file, args, cwd, envPairs, ...rest] = given
  const reached = injectIntoOptions(withoutPrototype({ file, args, envPairs }))
  return [reached.file, reached.args, cwd, reached.envPairs, ...rest]
}

/** @param {any} options Node's internal ones, whose `args` begin with the file's name */
function injectIntoOptions (options) {
  if (!Array.isArray(options?.envPairs)) return options
  const missing = missingVariables(environmentOf(options.envPairs))
  if (!missing) return options
  if (isNode(options.file)) return copyWith(options, { envPairs: withPairs(options.envPairs, missing) })
  const command = shellCommand(options.args, missing)
  return command === undefined ? options : copyWith(options, { args: [...options.args.slice(0, 2), command] })
}

/** @param {object} options @param {object} changed */
function copyWith (options, changed) {
  return { ...options, ...changed, __proto__: Object.getPrototypeOf(options) }
}

/**
 * In a shell command, only a Node that is the first word gets the variables, as assignments before
 * it: the shell and other programs see the app's environment.
 *
 * @param {unknown} args
 * @param {Record<string, string>} missing
 * @returns {string | undefined} undefined: not such a command
 */
function shellCommand (args, missing) {
  if (!Array.isArray(args) || args.length !== 3 || args[1] !== '-c') return undefined
  const [shell, , command] = args.map(String)
  if (!SHELLS.has(path.basename(shell))) return undefined
  const word = FIRST_WORD.exec(command)
  if (!word || !isNode(word[1] ?? word[2] ?? word[3])) return undefined
  const assignments = Object.entries(missing).map(([name, value]) => `${name}='${value.replaceAll("'", "'\\''")}'`)
  return `${assignments.join(' ')} ${command.trimStart()}`
}

/** @param {string[]} pairs `NAME=value` each */
function environmentOf (pairs) {
  return Object.fromEntries(pairs.map(pair => {
    const at = pair.indexOf('=', 1)
    return [pair.slice(0, at), pair.slice(at + 1)]
  }))
}

/** @param {string[]} pairs @param {Record<string, string>} missing */
function withPairs (pairs, missing) {
  const others = [...pairs]
  const own = others.findIndex(pair => pair.startsWith('NODE_OPTIONS='))
  if (own >= 0) others.splice(own, 1)
  return [...others, ...Object.entries(missing).map(([name, value]) => `${name}=${value}`)]
}

/**
 * @param {string} name
 * @returns {any} undefined if Node does not allow it
 */
function internalBinding (name) {
  const before = Object.getOwnPropertyDescriptor(process, 'noDeprecation')
  Object.defineProperty(process, 'noDeprecation', { value: true, configurable: true, writable: true, enumerable: true })
  try {
    return /** @type {any} */ (process).binding(name)
  } catch {
    return undefined // as under the permission model
  } finally {
    if (before) Object.defineProperty(process, 'noDeprecation', before)
    else delete process.noDeprecation
  }
}

/**
 * All ways to start a process use one of two internal functions. Patching the public ones would add
 * our frame to the stack of their errors.
 */
function patchSpawn () {
  const sync = internalBinding('spawn_sync')
  if (typeof sync?.spawn === 'function') sync.spawn = injectInto(sync.spawn)
  const handle = internalBinding('process_wrap')?.Process?.prototype
  const { prototype } = /** @type {any} */ (require('node:child_process').ChildProcess)
  const holder = typeof handle?.spawn === 'function' ? handle : prototype
  holder.spawn = injectInto(holder.spawn)
}

function injectAll () {
  patchWorker()
  patchSpawn()
  require('node:module').syncBuiltinESMExports()
}

module.exports = { isChild, passMainToChildren, restoreEnvironment, injectAll }
