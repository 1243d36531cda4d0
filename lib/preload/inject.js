'use strict'

/**
 * Reaches the threads and processes that an app starts with an environment of its
 * own: what the preload needs is added where the app left it out, and taken away
 * again in there, so that the app sees the environment it gave.
 */

const path = require('node:path')
const { FOLDER } = require('../common/run-environment.js')
const { PRELOAD } = require('./node-option.js')

/** Of variables that were added for us, separated by spaces, and NODE_OPTIONS as it was: JSON. */
const ADDED = 'SHAP_FLAME_ADDED'
/** A shell's assignment can name nothing else: what begins as ours may hold anything behind it. */
const OURS = /^SHAP_FLAME_[A-Z0-9_]+$/

/** Which take assignments in front of a command, as POSIX has it. */
const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh'])
/** A command's first word, where it stands for itself, quoted or not. */
const FIRST_WORD = /^[ \t]*(?:"([^"\\$`]+)"|'([^']+)'|([\w./@%+:-]+))(?=[ \t]|$)/

/** The process that no other profiled one has started; its children know its id. */
const MAIN = process.env.SHAP_FLAME_MAIN ?? String(process.pid)
const isChild = () => MAIN !== String(process.pid)

/**
 * A copy without a prototype, for the app may have put anything into Object.prototype.
 * @template {object} T
 * @param {T} object
 * @returns {T}
 */
function withoutPrototype (object) {
  return { ...object, __proto__: null }
}

/** What every process of the run needs; SHAP_FLAME_LEFT_OUT is of one process alone. */
const NEEDED = Object.fromEntries(Object.entries(process.env)
  .filter(([name]) => OURS.test(name) && name !== ADDED && name !== 'SHAP_FLAME_LEFT_OUT'))
NEEDED.SHAP_FLAME_MAIN = MAIN

/**
 * @param {NodeJS.ProcessEnv} given
 * @returns {Record<string, string> | undefined} what is missing in it; absent: nothing
 */
function missingVariables (given) {
  const env = withoutPrototype(given)
  const options = String(env.NODE_OPTIONS ?? '') // of a worker's, it may be anything
  if (options.includes(PRELOAD) && env.SHAP_FLAME_CAPTURES === FOLDER) return undefined
  const names = Object.keys(NEEDED).filter(name => !(name in env))
  const added = JSON.stringify(withoutPrototype({ names: names.join(' '), options: env.NODE_OPTIONS ?? null }))
  return {
    ...Object.fromEntries(names.map(name => [name, /** @type {string} */ (NEEDED[name])])),
    NODE_OPTIONS: options.includes(PRELOAD) ? options : `${options} ${PRELOAD}`.trim(),
    [ADDED]: added
  }
}

/** What the children of this process inherit. */
function passMainToChildren () {
  if (!isChild()) process.env.SHAP_FLAME_MAIN = MAIN
}

/** In a thread or process that was reached so: its environment becomes what the app gave. */
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
 * Only Node is told: another program would show what was added.
 * @param {unknown} file
 * @returns {boolean}
 */
function isNode (file) {
  return file === process.execPath || /^node(js)?$/.test(path.basename(String(file)))
}

/**
 * @param {unknown} options of a worker
 * @returns {any} the same, or what reads as the same but reaches: they may be an object of a
 *   class, whose getters know only itself
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
 * @param {any} spawn what takes a copy of the options that the app gave
 * @returns {any} the same, that reaches; the options stay, for errors show them
 */
function injectInto (spawn) {
  return new Proxy(spawn, withoutPrototype({
    apply: (/** @type {Function} */ target, /** @type {unknown} */ self, /** @type {any[]} */ given) =>
      Reflect.apply(target, self, typeof given[0] === 'string' ? injectIntoArguments(given) : [injectIntoOptions(given[0]), ...given.slice(1)])
  }))
}

/**
 * Newer Nodes give them one by one.
 * @param {any[]} given
 * @returns {any[]}
 */
function injectIntoArguments (given) {
  const [file, args, cwd, envPairs, ...rest] = given
  const reached = injectIntoOptions(withoutPrototype({ file, args, envPairs }))
  return [reached.file, reached.args, cwd, reached.envPairs, ...rest]
}

/** @param {any} options of Node's own, whose `args` begin with the name of the file */
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
 * Of what a shell starts only the Node that is its first word is told, as if the app had
 * written assignments in front of it: the shell and the others see what the app gave.
 *
 * @param {unknown} args
 * @param {Record<string, string>} missing
 * @returns {string | undefined} absent: there is no such command
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
 * @returns {any} absent where Node gives it to nobody
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
 * All that start a process end in one of two functions of Node's own. In place of the public
 * ones ours would show wherever a command fails: their errors hold the stack.
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
