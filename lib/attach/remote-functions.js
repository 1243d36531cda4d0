'use strict'

/**
 * Functions that are sent to another process as text. They can use only each other, must run in any
 * Node version, and must leave nothing that the program could notice.
 */

const { OWN_FRAMES, SIMPLE_WORD, version, shellQuoted, shellText, below, commandLine, metaOf } = require('../common/metadata.js')

/** @typedef {import('../common/metadata.js').About} About */

/**
 * @typedef {object} Facts description of a process
 * @property {About} about
 * @property {string} cwd
 * @property {string} abi
 * @property {boolean} workers it has loaded worker_threads
 * @property {boolean} profiled shap-flame started it
 * @property {number} arrayBuffers bytes, as Node counts them
 * @property {number} heap bytes in use
 * @property {boolean} maglev whether its V8 has this compiler
 */

/**
 * @typedef {object} AttachRequest
 * @property {number} pid of the target
 * @property {number} keepMs how long an inspector that we opened stays open without a message; 0: not ours
 * @property {string} platform of the binaries
 * @property {string} arch
 * @property {{ abi: string, file: string, key: string }[]} samplers
 *   `key`: identifies the binary: the file may be replaced by another version
 * @property {{ interval: number, depth: number, maxMemory: number, thread: number, offheap: boolean, lines: boolean, types: number }} how
 * @property {string[]} flags of V8, to be set before sampling starts
 * @property {boolean} inuse whether an in-use type is shown
 * @property {{ dir: string, socket: string, gc: boolean, thread: number, every: number }} serve
 * @property {{ file: string, names: string[] }} [labels] our module that begins sources of labels, and which
 */

/**
 * @typedef {object} Started
 * @property {string} [code] of an error
 * @property {string} [message]
 * @property {string} [unknown] the types that are not reported
 * @property {string} [why]
 * @property {string} [offheap] why Buffers are not sampled
 * @property {number} [pause] milliseconds that the start took
 * @property {string} [labels] why there are no labels, or what they cost
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
    ...countMemory(),
    maglev: Reflect.get(process.config.variables, 'v8_enable_maglev') !== 0
  }
}

/** @returns {{ arrayBuffers: number, heap: number }} bytes, as Node counts them */
function countMemory () {
  try {
    const { arrayBuffers, heapUsed } = process.memoryUsage()
    return { arrayBuffers, heap: heapUsed }
  } catch {
    return { arrayBuffers: 0, heap: 0 }
  }
}

/**
 * Sources of labels are modules of ours, which stay loaded. What they have subscribed to ends with the
 * first event after the sampling.
 *
 * @param {NonNullable<AttachRequest['labels']>} labels
 * @param {import('../common/native.js').Sampler} native that samples
 * @param {NodeRequire} require
 * @returns {string | undefined} why there are no labels, or what they cost
 */
function startLabels ({ file, names }, native, require) {
  try {
    return require(file).attachSources(native, names)
  } catch (error) {
    return `no labels: ${/** @type {Error} */ (error).message}`
  }
}

/**
 * Loads the sampler once per process, without `require`, which the program may have changed.
 *
 * @param {AttachRequest} request
 * @param {{ file: string, key: string }} sampler
 * @param {Facts} facts
 * @param {NodeRequire} require
 * @returns {Started}
 */
function startNative ({ how, flags, inuse, serve, labels }, { file, key }, { about, cwd, arrayBuffers }, require) {
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
    const begun = process.hrtime()
    native.start({ ...how, arrayBuffers, alloc: true, inuse: true })
    const took = process.hrtime(begun) // the program may have replaced the iterator of arrays
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
    // They stay, so a process that is refused does not get them.
    for (let i = 0; i < flags.length; i++) require('node:v8').setFlagsFromString(flags[i])
    // Of the program's own copy of this package, if it has loaded one.
    Reflect.get(process, Symbol.for('shap-flame.labels.1'))?.connect(native, () => {})
    const limits = labels && startLabels(labels, native, require)
    const offheap = native.offheapReason()
    native.serve?.({ ...serve, meta: metaOf(about, cwd, 0) })
    return { unknown, why, offheap, labels: limits, pause: 1e3 * took[0] + took[1] / 1e6 }
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error)
    return { code: String(code), message: String(message) }
  }
}

/**
 * Closes the inspector without loading node:inspector, which would load other modules.
 *
 * @param {NodeRequire} require
 * @returns {() => void}
 */
function inspectorCloser (require) {
  const close = Reflect.get(process, '_debugEnd') ?? require('node:inspector').close
  return () => {
    close()
    // SIGUSR1 asks Node three times to open the inspector. If an interrupt came first, the loop opens
    // it again: so close it once more after a whole turn of the loop.
    setImmediate(() => setImmediate(close))
  }
}

/**
 * Closes the inspector after a timeout: its port must not stay open if we are killed.
 *
 * @param {number} ms timeout, restarted by each call; closeInspector() cancels it
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
 * Does everything that needs the inspector, in one call.
 *
 * @param {AttachRequest} request
 * @param {NodeRequire} require
 * @returns {{ facts: Facts, started?: Started }} `started`: present if there is a binary for this Node
 */
function attachSelf (request, require) {
  const facts = describe()
  const { pid, platform, arch } = facts.about
  if (pid !== request.pid) return { facts }
  if (request.keepMs) keepOpen(request.keepMs, require)
  const sampler = request.samplers.find(one => one.abi === facts.abi)
  if (!sampler || platform !== request.platform || arch !== request.arch) return { facts }
  return { facts, started: startNative(request, sampler, facts, require) }
}

const HELPERS = [shellQuoted, shellText, below, commandLine, metaOf, describe, countMemory, startLabels, startNative, inspectorCloser, keepOpen]

/**
 * @param {Function} body a function of this file
 * @param {unknown} argument
 * @returns {string} an expression that calls it with the inspector's `require`
 */
function expressionOf (body, argument) {
  const own = `const path = process.getBuiltinModule?.('path') ?? require('path'), OWN_FRAMES = ${JSON.stringify(OWN_FRAMES)}, version = ${JSON.stringify(version)},
SIMPLE_WORD = ${SIMPLE_WORD}, exec = (pattern, text) => pattern.exec(text), replaceAll = (text, from, to) => text.replaceAll(from, to)`
  return `((argument, require) => {\n${[own, ...HELPERS, `return (${body})(argument, require)`].join('\n')}\n})(${JSON.stringify(argument)}, require)`
}

module.exports = { expressionOf, attachSelf, closeInspector, countMemory, keepOpen }
