'use strict'

/**
 * Reaches the threads and processes that an app starts with an environment of its
 * own: what the preload needs is added where the app left it out, and taken away
 * again in there, so that the app sees the environment it gave.
 */

const path = require('node:path')

/** Of variables that were added for us, and NODE_OPTIONS as it was: JSON. */
const ADDED = 'SHAP_FLAME_ADDED'
const OURS = /^SHAP_FLAME_/
const REGISTER = path.join(__dirname, 'register.js')

/** The folder that `shap-flame` made for this run; absent where there is no wrapper. */
const FOLDER = process.env.SHAP_FLAME_CAPTURES
/** Where the wrapper puts snapshots: a path, to which `.<pid>.<number>.pb.gz` is added. */
const SNAPSHOTS = process.env.SHAP_FLAME_SNAPSHOTS

/** What every process of the run needs; SHAP_FLAME_LEFT_OUT is of one process alone. */
const NEEDED = Object.fromEntries(Object.entries(process.env)
  .filter(([name]) => OURS.test(name) && name !== ADDED && name !== 'SHAP_FLAME_LEFT_OUT'))

/**
 * @param {string} file
 * @returns {string} as NODE_OPTIONS takes it, whatever it holds
 */
function quoteNodeOption (file) {
  return `"${file.replace(/[\\"]/g, '\\$&')}"`
}

const PRELOAD = `--require ${quoteNodeOption(REGISTER)}`

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Record<string, string> | undefined} what is missing in it; absent: nothing
 */
function missingIn (env) {
  const options = env.NODE_OPTIONS ?? ''
  if (options.includes(PRELOAD) && env.SHAP_FLAME_CAPTURES === FOLDER) return undefined
  const names = Object.keys(NEEDED).filter(name => !(name in env))
  const added = JSON.stringify({ names, options: env.NODE_OPTIONS ?? null })
  return {
    ...Object.fromEntries(names.map(name => [name, /** @type {string} */ (NEEDED[name])])),
    NODE_OPTIONS: options.includes(PRELOAD) ? options : `${options} ${PRELOAD}`.trim(),
    [ADDED]: added
  }
}

/** In a thread or process that was reached so: its environment becomes what the app gave. */
function giveBack () {
  const text = process.env[ADDED]
  if (text === undefined) return
  delete process.env[ADDED]
  const { names, options } = JSON.parse(text)
  for (const name of names) delete process.env[name]
  if (options === null) delete process.env.NODE_OPTIONS
  else process.env.NODE_OPTIONS = options
}

/**
 * Only Node is told: another program would show what was added.
 * @param {unknown} file
 * @returns {boolean}
 */
function isNode (file) {
  return file === process.execPath || /^node(js)?(\.exe)?$/.test(path.basename(String(file)))
}

/**
 * @param {unknown} options of a worker, or of a command
 * @returns {any} the same, or a copy that reaches
 */
function withEnvironment (options) {
  const env = /** @type {{ env?: unknown } | undefined} */ (options)?.env
  if (env === null || typeof env !== 'object') return options
  const missing = missingIn(/** @type {NodeJS.ProcessEnv} */ (env))
  return missing ? { .../** @type {object} */ (options), env: { ...env, ...missing } } : options
}

function reachWorkers () {
  const threads = require('node:worker_threads')
  threads.Worker = new Proxy(threads.Worker, {
    construct: (target, [file, options, ...rest], newTarget) =>
      Reflect.construct(target, [file, withEnvironment(options), ...rest], newTarget)
  })
}

/** spawn, fork, exec and execFile come to this one method, with a copy of what they were given. */
function reachChildren () {
  const { ChildProcess } = require('node:child_process')
  const prototype = /** @type {any} */ (ChildProcess.prototype)
  prototype.spawn = new Proxy(prototype.spawn, {
    apply (spawn, self, args) {
      const [options] = args
      if (Array.isArray(options?.envPairs) && isNode(options.file)) addPairs(options.envPairs)
      return Reflect.apply(spawn, self, args)
    }
  })
}

/** @param {string[]} pairs `NAME=value` each; what is missing is added */
function addPairs (pairs) {
  const env = Object.fromEntries(pairs.map(pair => {
    const at = pair.indexOf('=', 1)
    return [pair.slice(0, at), pair.slice(at + 1)]
  }))
  const missing = missingIn(env)
  if (!missing) return
  const own = pairs.findIndex(pair => pair.startsWith('NODE_OPTIONS='))
  if (own >= 0) pairs.splice(own, 1)
  for (const [name, value] of Object.entries(missing)) pairs.push(`${name}=${value}`)
}

function reachSyncChildren () {
  const children = /** @type {any} */ (require('node:child_process'))
  for (const name of ['spawnSync', 'execFileSync']) {
    children[name] = new Proxy(children[name], {
      apply (run, self, args) {
        const at = Array.isArray(args[1]) || (args[1] == null && args.length > 2) ? 2 : 1
        if (isNode(args[0]) && !args[at]?.shell) args[at] = withEnvironment(args[at])
        return Reflect.apply(run, self, args)
      }
    })
  }
}

function reachAll () {
  reachWorkers()
  reachChildren()
  reachSyncChildren()
  require('node:module').syncBuiltinESMExports()
}

module.exports = { FOLDER, SNAPSHOTS, PRELOAD, giveBack, reachAll }
