'use strict'

/**
 * Functions that run in another process, as text: nothing of ours is in their
 * reach, the other's Node may be another version, and they leave no trace that
 * its program could stumble on.
 */

/** @typedef {import('../process-meta.js').About} About */

/** @returns {number} */
function pidOf () {
  return process.pid
}

/**
 * @returns {{ about: About, cwd: string, abi: string, workers: boolean, profiled: boolean }}
 *   `workers`: it has loaded what starts them; `profiled`: shap-flame started it
 */
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
    profiled: Object.hasOwn(process, Symbol.for('shap-flame.register'))
  }
}

/**
 * @typedef {object} Orders
 * @property {string} file the sampler's binary
 * @property {string} key of that binary: the same file may be another version's one day
 * @property {{ interval: number, depth: number, maxMemory: number, thread: number }} how
 * @property {boolean} inuse whether an in-use type is what will be shown
 * @property {{ dir: string, socket: string, meta: Record<string, string>, gc: boolean, thread: number, every: number }} serve
 */

/**
 * Loads the sampler, once in the life of that process, past `require`, which
 * the program may have changed.
 *
 * @param {Orders} orders
 * @returns {{ code?: string, message?: string, unknown?: string, why?: string }} `unknown`: what cannot be told
 */
function startNative ({ file, key, how, inuse, serve }) {
  const mark = Symbol.for('shap-flame.attach')
  try {
    /** @type {{ key: string, native: import('../binding.js').Sampler } | undefined} */
    let known = Reflect.get(process, mark)
    if (known?.key !== key) {
      const module = { exports: /** @type {any} */ ({}) }
      process.dlopen(module, file)
      known = { key, native: module.exports }
      Object.defineProperty(process, mark, { value: known, configurable: true })
    }
    const { native } = /** @type {NonNullable<typeof known>} */ (known)
    native.start({ ...how, alloc: true, inuse: true })
    let unknown
    let why
    if (native.liveness() === 'none') {
      unknown = inuse ? 'alloc' : 'inuse'
      why = native.livenessReason()
      if (inuse) {
        native.stop()
        native.start({ ...how, alloc: false, inuse: true })
      }
    }
    native.serve?.(serve)
    return { unknown, why }
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error)
    return { code: String(code), message: String(message) }
  }
}

/**
 * The module would load others with it, which the program never asked for; its
 * close() is this function.
 *
 * @param {null} _
 * @param {NodeRequire} require
 */
function closeInspector (_, require) {
  const mark = Symbol.for('shap-flame.attach.timer')
  clearTimeout(Reflect.get(process, mark))
  Reflect.deleteProperty(process, mark)
  const close = Reflect.get(process, '_debugEnd') ?? require('node:inspector').close
  close()
}

/**
 * Closes the inspector by itself where nobody asks for it to stay any more: its
 * port must not be open for long after we were killed.
 *
 * @param {number} ms until then, each time that this is called; closeInspector() ends it
 * @param {NodeRequire} require
 */
function keepOpen (ms, require) {
  const mark = Symbol.for('shap-flame.attach.timer')
  clearTimeout(Reflect.get(process, mark))
  const close = Reflect.get(process, '_debugEnd') ?? require('node:inspector').close
  Object.defineProperty(process, mark, { value: setTimeout(close, ms).unref(), configurable: true })
}

module.exports = { pidOf, describe, startNative, closeInspector, keepOpen }
