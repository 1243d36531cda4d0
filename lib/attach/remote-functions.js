'use strict'

/**
 * Functions that run in another process, as text: nothing of ours is in their
 * reach but each other, the other's Node may be another version, and they leave no
 * trace that its program could stumble on.
 */

const { OWN_FRAMES, version, shellText, below, commandLine, metaOf } = require('../common/metadata.js')

/** @typedef {import('../common/metadata.js').About} About */

/**
 * @typedef {object} Facts what a process tells of itself
 * @property {About} about
 * @property {string} cwd
 * @property {string} abi
 * @property {boolean} workers it has loaded what starts them
 * @property {boolean} profiled shap-flame started it
 * @property {number} arrayBuffers bytes, as Node counts them
 */

/**
 * @typedef {object} AttachRequest
 * @property {number} pid of the process that is meant
 * @property {number} keepMs how long an inspector that we opened stays open without a word of us; 0: it is not ours
 * @property {string} platform that the binaries are for
 * @property {string} arch
 * @property {{ abi: string, file: string, key: string }[]} samplers
 *   `key`: of that binary: the same file may be another version's one day
 * @property {{ interval: number, depth: number, maxMemory: number, thread: number, offheap: boolean }} how
 * @property {boolean} inuse whether an in-use type is what will be shown
 * @property {{ dir: string, socket: string, gc: boolean, thread: number, every: number }} serve
 */

/**
 * @typedef {object} Started
 * @property {string} [code] of what failed
 * @property {string} [message]
 * @property {string} [unknown] what cannot be told
 * @property {string} [why]
 * @property {string} [offheap] why Buffers are not sampled
 */

/** @returns {Facts} */
function describe () {
  const { argv, execArgv, execPath, version, platform, arch, title, pid, ppid } = process
  let cwd = ''
  try {
    cwd = process.cwd()
  } catch {}
  /** @type {unknown} */
  const loaded = Reflect.get(process, 'moduleLoadList')
  return {
    about: { argv: argv.map(String), execArgv, execPath, version, platform, arch, title, pid, ppid },
    cwd,
    abi: process.versions.modules,
    workers: Array.isArray(loaded) && loaded.includes('NativeModule worker_threads'),
    profiled: Object.hasOwn(process, Symbol.for('shap-flame.register')),
    arrayBuffers: countBuffers()
  }
}

/** @returns {number} bytes of ArrayBuffers, as Node counts them */
function countBuffers () {
  try {
    return process.memoryUsage().arrayBuffers
  } catch {
    return 0
  }
}

/**
 * Loads the sampler, once in the life of that process, past `require`, which
 * the program may have changed.
 *
 * @param {AttachRequest} request
 * @param {{ file: string, key: string }} sampler
 * @param {Facts} facts
 * @returns {Started}
 */
function startNative ({ how, inuse, serve }, { file, key }, { about, cwd, arrayBuffers }) {
  const symbol = Symbol.for('shap-flame.attach')
  try {
    /** @type {{ key: string, native: import('../common/native.js').Sampler } | undefined} */
    let loaded = Reflect.get(process, symbol)
    if (loaded?.key !== key) {
      const module = { exports: /** @type {any} */ ({}) }
      process.dlopen(module, file)
      loaded = { key, native: module.exports }
      Object.defineProperty(process, symbol, { value: loaded, configurable: true })
    }
    const { native } = /** @type {NonNullable<typeof loaded>} */ (loaded)
    native.start({ ...how, arrayBuffers, alloc: true, inuse: true })
    let unknown
    let why
    if (native.liveness() === 'none') {
      unknown = inuse ? 'alloc' : 'inuse'
      why = native.livenessReason()
      if (inuse) {
        native.stop()
        native.start({ ...how, arrayBuffers, alloc: false, inuse: true })
      }
    }
    const offheap = native.offheapReason()
    native.serve?.({ ...serve, meta: metaOf(about, cwd, 0) })
    return { unknown, why, offheap }
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error)
    return { code: String(code), message: String(message) }
  }
}

/**
 * The module would load others with it, which the program never asked for; its
 * close() is this function.
 *
 * @param {NodeRequire} require
 * @returns {() => void}
 */
function inspectorCloser (require) {
  const close = Reflect.get(process, '_debugEnd') ?? require('node:inspector').close
  return () => {
    close()
    // SIGUSR1 asks Node three times to open it. What it does amid JavaScript comes first, and the
    // loop opens again what was closed meanwhile: so it is closed once more, past a whole turn.
    setImmediate(() => setImmediate(close))
  }
}

/**
 * Closes the inspector by itself where nobody asks for it to stay any more: its
 * port must not be open for long after we were killed.
 *
 * @param {number} ms until then, each time that this is called; closeInspector() ends it
 * @param {NodeRequire} require
 */
function keepOpen (ms, require) {
  const symbol = Symbol.for('shap-flame.attach.timer')
  clearTimeout(Reflect.get(process, symbol))
  Object.defineProperty(process, symbol, { value: setTimeout(inspectorCloser(require), ms).unref(), configurable: true })
}

/**
 * @param {null} _
 * @param {NodeRequire} require
 */
function closeInspector (_, require) {
  const symbol = Symbol.for('shap-flame.attach.timer')
  clearTimeout(Reflect.get(process, symbol))
  Reflect.deleteProperty(process, symbol)
  inspectorCloser(require)()
}

/**
 * All that is done while the inspector is open, at once.
 *
 * @param {AttachRequest} request
 * @param {NodeRequire} require
 * @returns {{ facts: Facts, started?: Started }} `started`: there is a binary for it
 */
function attachSelf (request, require) {
  const facts = describe()
  const { pid, platform, arch } = facts.about
  if (pid !== request.pid) return { facts }
  if (request.keepMs) keepOpen(request.keepMs, require)
  const sampler = request.samplers.find(one => one.abi === facts.abi)
  if (!sampler || platform !== request.platform || arch !== request.arch) return { facts }
  return { facts, started: startNative(request, sampler, facts) }
}

const HELPERS = [shellText, below, commandLine, metaOf, describe, countBuffers, startNative, inspectorCloser, keepOpen]

/**
 * @param {Function} body a function of this file
 * @param {unknown} argument
 * @returns {string} an expression that calls it; `require` is the inspector's
 */
function expressionOf (body, argument) {
  const own = `const path = process.getBuiltinModule?.('path') ?? require('path'), OWN_FRAMES = ${JSON.stringify(OWN_FRAMES)}, version = ${JSON.stringify(version)}`
  return `((argument, require) => {\n${[own, ...HELPERS, `return (${body})(argument, require)`].join('\n')}\n})(${JSON.stringify(argument)}, require)`
}

module.exports = { expressionOf, attachSelf, closeInspector, countBuffers, keepOpen }
