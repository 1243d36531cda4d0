'use strict'

/** What the preload does in each thread: who is sampled, how, and where the capture goes. */

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const v8 = require('node:v8')
const { isMainThread, threadId } = require('node:worker_threads')
const binding = require('./binding.js')
const { samplerValues, LONG_INTERVAL } = require('./options.js')
const { packageManager } = require('./package-manager.js')
const { processMeta, workingFolder, OWN_FRAMES } = require('./process-meta.js')
const { FOLDER, giveBack, reachAll } = require('./reach.js')
const { startSampler } = require('./sampling.js')

/** Least time between checkpoints, in milliseconds. */
const AUTO_EVERY = 5000

/** V8's sampler does not see inlined functions: their frames are their callers'. */
const NO_INLINING = Object.freeze(['--no-turbo-inlining', '--no-maglev-inlining'])

/**
 * Leaves a note for the wrapper.
 * @param {string} name
 * @param {string} text
 * @returns {boolean} whether this process was the first to
 */
function note (name, text) {
  try {
    fs.writeFileSync(path.join(/** @type {string} */ (FOLDER), name), text, { flag: 'wx', mode: 0o600 })
    return true
  } catch {
    return false
  }
}

/**
 * Processes that are left out: package managers and shap-flame itself. Their
 * workers know by the process's id, for a worker has another argv.
 *
 * @returns {boolean}
 */
function leftOut () {
  const pid = String(process.pid)
  if (process.env.SHAP_FLAME_LEFT_OUT === pid) return true
  if (!isMainThread) return false
  const manager = packageManager(process.argv[1])
  if (!manager && !isOwn(process.argv[1])) return false
  process.env.SHAP_FLAME_LEFT_OUT = pid
  if (manager && FOLDER) note(`${pid}.left-out`, manager)
  return true
}

/** @param {string | undefined} script */
function isOwn (script) {
  if (!script) return false
  const bin = path.join(__dirname, '..', 'bin') + path.sep
  try {
    const real = fs.realpathSync(script)
    return real.startsWith(bin) || real.startsWith(OWN_FRAMES)
  } catch {
    return false
  }
}

/**
 * With --only-main: the first process that comes here is the main one.
 * @returns {boolean}
 */
function isOther () {
  if (!isMainThread) return true
  return FOLDER !== undefined && !note('main', String(process.pid))
}

/**
 * @param {import('./options.js').Values} values
 * @returns {string} the folder for captures, absolute
 */
function captureFolder (values) {
  if (FOLDER) return FOLDER
  const folder = path.resolve(workingFolder(), values.outDir)
  fs.mkdirSync(folder, { recursive: true })
  return folder
}

/**
 * @param {import('./binding.js').Sampler} sampler
 * @param {import('./options.js').Values} values
 * @param {{ dir: string, every: number, fixed: boolean, keep: number }} how
 * @param {(message: string) => void} say
 */
function takeSnapshots (sampler, { signal, quiet }, how, say) {
  const number = signal ? os.constants.signals[/** @type {NodeJS.Signals} */ (signal)] : 0
  // With a wrapper it is the one that drops old ones: it makes files of them first.
  const wrapped = FOLDER ? { marks: true, keep: 0 } : { marks: false }
  const answers = sampler.takeSnapshots({ ...how, signal: number, ...wrapped })
  if (signal && !answers && !quiet) {
    say(`--signal ${signal}: process ${process.pid} ignores it or has a handler of its own, so it asks for no snapshot now`)
  }
  if (FOLDER) note(`${process.pid}.here`, '')
}

/**
 * A proxy looks like what is behind it: name, length, text and identity stay.
 * @param {import('./binding.js').Sampler} sampler
 */
function captureAtAbort (sampler) {
  process.abort = new Proxy(process.abort, {
    apply (abort, self, args) {
      sampler.captureAll()
      return Reflect.apply(abort, self, args)
    }
  })
}

/**
 * Starts sampling this thread, unless it is to be left out.
 * @param {(message: string) => void} say a line on stderr
 */
function preload (say) {
  if (leftOut()) return
  const values = samplerValues(process.env)
  giveBack()
  if (values.onlyMain && isOther()) return
  const sampler = binding.sampler()
  if (sampler.running()) return
  const dir = captureFolder(values)
  if (values.noInlining && isMainThread) for (const flag of NO_INLINING) v8.setFlagsFromString(flag)
  const how = {
    interval: values.interval ?? LONG_INTERVAL,
    depth: values.depth,
    maxMemory: values.maxProfilerMemory
  }
  const fixed = values.every !== 'auto' && values.every !== 'off'
  const every = values.every === 'off' ? 0 : fixed ? Math.round(1000 * Number(values.every)) : AUTO_EVERY
  // Snapshots by time are checkpoints too.
  const numbered = values.keep !== undefined
  sampler.writeAtExit({
    dir,
    gc: !values.noGc,
    meta: processMeta(),
    thread: threadId,
    signals: isMainThread,
    every: numbered ? 0 : every,
    fixed
  })
  // A worker's collection must come while all that it keeps is still there. The
  // main thread needs no listener, which its app could count.
  if (!values.noGc && !isMainThread) process.on('exit', sampler.collectAtExit)
  const unknown = startSampler(sampler, how, values.type)
  if (isMainThread) {
    const snapshots = { dir, every: numbered ? every : 0, fixed, keep: values.keep ?? 0 }
    takeSnapshots(sampler, values, snapshots, say)
    captureAtAbort(sampler)
  }
  if (FOLDER) reachAll()
  // Said once a run, by its first process.
  const first = unknown && isMainThread && (FOLDER === undefined || note('liveness', unknown))
  if (first && !values.quiet) say(unknown)
}

/**
 * Of the failures in one run the first is told.
 * @param {string} why
 * @returns {boolean} whether this is the first
 */
function firstFailure (why) {
  return FOLDER === undefined || note('failed', why)
}

module.exports = { preload, firstFailure }
