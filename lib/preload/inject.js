'use strict'

/**
 * Injects the preload into threads and processes that the app starts with an environment of its own.
 * Missing variables are added, and removed again in the new thread or process, so that the app sees
 * the environment that it passed.
 */

const { FOLDER, MAIN, isChild } = require('../common/run-environment.js')
const {
  Object, Proxy, Reflect, String, basename, exec, includes, indexOf, newList, slice, startsWith, stringify, toArray, trimStart
} = require('../common/node-originals.js')
const { shellQuoted } = require('../common/metadata.js')
const { noteStarted } = require('./children.js')
const { PRELOAD } = require('./node-option.js')

/** JSON with the names of added variables, separated by spaces, and the original NODE_OPTIONS. */
const ADDED = 'SHAP_FLAME_ADDED'
/** Only names that a shell assignment accepts. */
const OURS = /^SHAP_FLAME_[A-Z0-9_]+$/

/** Shells that accept assignments before a command, as in POSIX. */
const SHELL = /^(?:sh|bash|dash|ash|ksh|zsh)$/
const NODE = /^node(?:js)?$/
/** The first word of a command, if it is literal, quoted or not. */
const FIRST_WORD = /^[ \t]*(?:"([^"\\$`]+)"|'([^']+)'|([\w./@%+:-]+))(?=[ \t]|$)/

const { isArray } = Array

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
const NEEDED = Object.entries({
  ...Object.fromEntries(Object.entries(process.env)
    .filter(([name]) => OURS.test(name) && name !== ADDED && name !== 'SHAP_FLAME_LEFT_OUT')),
  SHAP_FLAME_MAIN: MAIN
}).map(([name, value]) => ({ name, value }))

/**
 * @param {NodeJS.ProcessEnv} given
 * @returns {Record<string, string> | undefined} variables to add; undefined: none
 */
function missingVariables (given) {
  const env = withoutPrototype(given)
  const options = String(env.NODE_OPTIONS ?? '') // a worker's may have any type
  const loads = includes(options, PRELOAD)
  if (loads && env.SHAP_FLAME_CAPTURES === FOLDER) return undefined
  /** @type {Record<string, string>} */
  const missing = withoutPrototype({})
  let names = ''
  for (let i = 0; i < NEEDED.length; i++) {
    const { name, value } = NEEDED[i]
    if (name in env) continue
    missing[name] = /** @type {string} */ (value)
    names += names === '' ? name : ` ${name}`
  }
  missing.NODE_OPTIONS = loads ? options : options === '' ? PRELOAD : `${options} ${PRELOAD}`
  missing[ADDED] = stringify(withoutPrototype({ names, options: env.NODE_OPTIONS ?? null }))
  return missing
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
  return file === process.execPath || exec(NODE, basename(String(file))) !== null
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
    /** @param {unknown} _file */
    constructor (_file) {
      try {
        if (arguments.length > 1) arguments[1] = injectIntoWorkerOptions(arguments[1])
      } catch {
        // a getter of the app's: it throws again where Node asks
      }
      return Reflect.construct(NodesWorker, arguments, new.target)
    }
  }
  Object.defineProperties(Double.prototype, methods)
  Object.setPrototypeOf(Double.prototype, Object.getPrototypeOf(NodesWorker.prototype))
  Object.setPrototypeOf(Double, Object.getPrototypeOf(NodesWorker))
  threads.Worker = /** @type {any} */ (Double)
}

/**
 * @param {any} spawn Node's internal function
 * @param {boolean} note whether to leave a note about each process, see children.js
 * @returns {any} a proxy that adds variables to a copy of the options; errors show the originals
 */
function injectInto (spawn, note) {
  return new Proxy(spawn, withoutPrototype({
    apply (/** @type {Function} */ target, /** @type {any} */ self, /** @type {any[]} */ given) {
      const apart = typeof given[0] === 'string' // newer Nodes pass the options as separate arguments
      const options = apart ? withoutPrototype({ file: given[0], args: given[1], envPairs: given[3] }) : given[0]
      const reached = injectIntoOptions(options)
      if (!apart) given[0] = reached
      else if (reached !== options) {
        given[1] = reached.args
        given[3] = reached.envPairs
      }
      const result = Reflect.apply(target, self, given)
      if (note) noteResult(self, options, result)
      return result
    }
  }))
}

/**
 * @param {any} self the object whose spawn() was called
 * @param {any} options
 * @param {any} result 0: the process runs; or, of spawnSync(), how it ended
 */
function noteResult (self, options, result) {
  if (result === 0) noteStarted(self.pid, options.file, options.args)
  else if (typeof result?.signal === 'string') noteStarted(result.pid, options.file, options.args)
}

/** @param {any} options Node's internal ones, whose `args` begin with the file's name */
function injectIntoOptions (options) {
  if (!isArray(options?.envPairs)) return options
  const missing = missingVariables(environmentOf(options.envPairs))
  if (!missing) return options
  if (isNode(options.file)) return copyWith(options, { envPairs: withPairs(options.envPairs, missing) })
  const command = shellCommand(options.args, missing)
  return command === undefined ? options : copyWith(options, { args: [options.args[0], options.args[1], command] })
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
  if (!isArray(args) || args.length !== 3 || args[1] !== '-c') return undefined
  const command = String(args[2])
  if (!exec(SHELL, basename(String(args[0])))) return undefined
  const word = exec(FIRST_WORD, command)
  if (!word || !isNode(word[1] ?? word[2] ?? word[3])) return undefined
  let assignments = ''
  for (const name in missing) assignments += `${name}=${shellQuoted(missing[name])} `
  return assignments + trimStart(command)
}

/** @param {string[]} pairs `NAME=value` each */
function environmentOf (pairs) {
  /** @type {Record<string, string>} */
  const env = withoutPrototype({})
  for (let i = 0; i < pairs.length; i++) {
    const at = indexOf(pairs[i], '=', 1)
    env[slice(pairs[i], 0, at)] = slice(pairs[i], at + 1)
  }
  return env
}

/** @param {string[]} pairs @param {Record<string, string>} missing */
function withPairs (pairs, missing) {
  /** @type {string[]} */
  const all = newList()
  for (let i = 0; i < pairs.length; i++) {
    if (!startsWith(pairs[i], 'NODE_OPTIONS=')) all[all.length] = pairs[i]
  }
  for (const name in missing) all[all.length] = `${name}=${missing[name]}`
  return toArray(all)
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
 * @param {boolean} note
 */
function patchSpawn (note) {
  const sync = internalBinding('spawn_sync')
  if (typeof sync?.spawn === 'function') sync.spawn = injectInto(sync.spawn, note)
  const handle = internalBinding('process_wrap')?.Process?.prototype
  // Node's child_process loads a quarter of Node, which most apps do not need: only if there is no handle.
  const holder = typeof handle?.spawn === 'function' ? handle : /** @type {any} */ (require('node:child_process').ChildProcess).prototype
  holder.spawn = injectInto(holder.spawn, note)
}

/** @param {boolean} note whether to leave a note about each process that is started */
function injectAll (note) {
  patchWorker()
  patchSpawn(note)
  require('node:module').syncBuiltinESMExports()
}

module.exports = { passMainToChildren, restoreEnvironment, injectAll }
