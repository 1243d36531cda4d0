'use strict'

/** The preload of each thread: decides whether it is sampled and where its capture goes. */

const fs = require('node:fs')
const path = require('node:path')
const { isMainThread, threadId } = require('node:worker_threads')
const { chooseSampler, inspectorSampler, startSampler, useSampler, offheapNote } = require('../sampling/choose-engine.js')
const { samplerValues, wantsLines, typesOf, LONG_INTERVAL } = require('../options.js')
const { packageManager } = require('./package-manager.js')
const { connectLabels } = require('../labels/contexts.js')
const { processMeta, commandLine, workingFolder, pidNamespace, OWN_FRAMES } = require('../common/metadata.js')
const { FOLDER, isChild } = require('../common/run-environment.js')
const { passMainToChildren, restoreEnvironment, injectAll } = require('./inject.js')
const { removeStarted, NOTE_LENGTH } = require('./children.js')
const { log } = require('../common/log.js')

/** Minimum milliseconds between checkpoints; shorter for the inspector, which captures nothing at a signal. */
const AUTO_EVERY = 5000
const AUTO_EVERY_INSPECTOR = 1000

/** Without lines, V8 counts allocations of inlined functions for their callers. */
const NO_INLINING = Object.freeze(['--no-turbo-inlining', '--no-maglev-inlining'])

/**
 * Writes a note for the wrapper.
 * @param {string} name
 * @param {string} text
 * @returns {boolean} whether no process wrote it before
 */
function leaveNote (name, text) {
  try {
    fs.writeFileSync(path.join(/** @type {string} */ (FOLDER), name), text, { flag: 'wx', mode: 0o600 })
    return true
  } catch {
    return false
  }
}

/**
 * Package managers and shap-flame itself are not profiled. Their workers compare the pid, because a
 * worker has another argv.
 *
 * @returns {boolean}
 */
function isExcluded () {
  const pid = String(process.pid)
  if (process.env.SHAP_FLAME_LEFT_OUT === pid) return true
  if (!isMainThread) return false
  const manager = packageManager(process.argv[1])
  if (!manager && !isOwn(process.argv[1])) return false
  process.env.SHAP_FLAME_LEFT_OUT = pid
  if (FOLDER) leaveNote(`${pid}.left-out`, manager ?? '')
  return true
}

/** @param {string | undefined} script */
function isOwn (script) {
  if (!script) return false
  const bin = path.join(__dirname, '..', '..', 'bin') + path.sep
  try {
    const real = fs.realpathSync(script)
    return real.startsWith(bin) || real.startsWith(OWN_FRAMES)
  } catch {
    return false
  }
}

/**
 * For --only-main: the first process that gets here is the main one.
 * @returns {boolean}
 */
function isNotMain () {
  if (!isMainThread) return true
  return FOLDER !== undefined && !leaveNote('main', String(process.pid))
}

/**
 * @param {import('../options.js').Values} values
 * @returns {string} the folder for captures, absolute
 */
function captureFolder (values) {
  if (FOLDER) return FOLDER
  const folder = path.resolve(workingFolder(), values.outDir)
  fs.mkdirSync(folder, { recursive: true })
  return folder
}

/**
 * Prints a message once per run.
 * @param {string} name of the note by which other processes know
 * @param {string | undefined} text
 * @param {(message: string) => void} print
 */
function logOnce (name, text, print) {
  if (text && isMainThread) printOnce(name, text, print)
}

/**
 * The same in any thread.
 * @param {string} name
 * @param {string} text
 * @param {(message: string) => void} print
 */
function printOnce (name, text, print) {
  if (FOLDER === undefined || leaveNote(name, text)) print(text)
}

/**
 * @param {import('../common/native.js').Sampler} sampler
 * @param {import('../options.js').Values} values
 * @returns {{ every: number, fixed: boolean, keep: number | undefined }} `every`: milliseconds
 *   between checkpoints, 0: none; with `keep` each checkpoint is a snapshot
 */
function checkpointSchedule (sampler, { every, keep }) {
  const fixed = every !== 'auto' && every !== 'off'
  const auto = sampler.signals === false ? AUTO_EVERY_INSPECTOR : AUTO_EVERY
  const ms = every === 'off' ? 0 : fixed ? Math.round(1000 * Number(every)) : auto
  return { every: ms, fixed, keep: sampler.takeSnapshots ? keep : undefined }
}

/**
 * @param {import('../common/native.js').Sampler} sampler
 * @param {import('../options.js').Values} values
 * @param {(message: string) => void} print
 */
function takeSnapshots (sampler, values, print) {
  const { signal } = values
  if (!sampler.takeSnapshots) {
    if (signal || values.keep !== undefined) print('no snapshots: the inspector engine cannot take them')
    return
  }
  const { every, fixed, keep } = checkpointSchedule(sampler, values)
  const number = signal ? require('node:os').constants.signals[/** @type {NodeJS.Signals} */ (signal)] : 0
  // The wrapper, if there is one, removes old snapshots itself, after it has converted them.
  const keepHere = FOLDER ? 0 : keep ?? 0
  const armed = sampler.takeSnapshots({
    dir: captureFolder(values),
    every: keep === undefined ? 0 : every,
    fixed,
    keep: keepHere,
    marks: FOLDER !== undefined,
    signal: number
  })
  if (signal && !armed) {
    print(`--signal ${signal}: process ${process.pid} ignores or handles it itself, so it takes no snapshot`)
  }
}

/**
 * Has the sampler write a capture at exit, and starts it.
 *
 * @param {import('../common/native.js').Sampler} sampler
 * @param {import('../options.js').Values} values
 * @returns {string | undefined} which types are not reported, and why
 */
function enableExitCapture (sampler, values) {
  const { every, fixed, keep } = checkpointSchedule(sampler, values)
  const gc = !values.noGc && (values.gc || !isChild())
  sampler.writeAtExit({
    dir: captureFolder(values),
    gc,
    meta: processMeta(),
    thread: threadId,
    signals: isMainThread,
    // Periodic snapshots replace all checkpoints but the first.
    ...every > 0 && { every: keep === undefined ? every : 0 },
    fixed
  })
  // A worker's garbage must be collected while its live objects still exist. The main thread needs no
  // listener, which its app could notice.
  if (gc && !isMainThread) process.on('exit', () => sampler.collectAtExit(values.gc))
  const how = {
    interval: values.interval ?? LONG_INTERVAL,
    depth: values.depth,
    maxMemory: values.maxProfilerMemory,
    offheap: !values.noOffheap,
    lines: wantsLines(values),
    types: typesOf(values)
  }
  return startSampler(sampler, how, values.type)
}

/**
 * If another sampler is already running, uses its samples.
 *
 * @param {import('../common/native.js').Sampler} sampler
 * @param {import('../options.js').Values} values
 * @returns {{ sampler: import('../common/native.js').Sampler, limits: string | undefined }}
 */
function startOrShare (sampler, values) {
  try {
    return { sampler, limits: enableExitCapture(sampler, values) }
  } catch (error) {
    if (/** @type {{ code?: string }} */ (error).code !== 'ERR_SHAP_FLAME_RUNNING') throw error
  }
  const shared = inspectorSampler({ sharesForeign: true })
  enableExitCapture(shared, values)
  return { sampler: shared, limits: 'another sampler came first: using its samples, which show only memory in use' }
}

/**
 * Sets V8's flags before the app's code is compiled; they hold for all threads of the process.
 *
 * @param {import('../common/native.js').Sampler} sampler
 * @param {import('../options.js').Values} values
 * @param {(message: string) => void} print
 */
function setV8Flags (sampler, values, print) {
  const typesOnly = values.types && !values.noTypes && !wantsLines(values)
  if (!isMainThread || !(values.noInlining || typesOnly || wantsLines(values))) return
  const { ownLineFlags, keepsInlined } = require('../common/v8-flags.js')
  const native = sampler.signals !== false
  const flags = [...(values.noInlining ? NO_INLINING : []), ...(native && !values.noV8Flags && (typesOnly || wantsLines(values)) ? ownLineFlags(typesOnly) : [])]
  if (flags.length > 0) flags.forEach(require('node:v8').setFlagsFromString)
  const obsolete = values.noInlining && native && keepsInlined()
  logOnce('inlining', obsolete ? '--no-inlining is obsolete: --lines counts inlined functions for themselves, at a lower cost' : undefined, print)
}

/** Starts sampling this thread, unless it is excluded. */
function preload () {
  if (isMainThread && isChild()) removeStarted()
  if (isExcluded()) return
  const values = samplerValues(process.env)
  if (isMainThread) passMainToChildren()
  restoreEnvironment()
  if (values.onlyMain && isNotMain()) return
  const { sampler: chosen, instead } = chooseSampler(values.engine)
  if (chosen.running()) return
  const print = values.quiet ? () => {} : log
  setV8Flags(chosen, values, print)
  const { sampler, limits } = startOrShare(chosen, values)
  useSampler(sampler)
  connectLabels(sampler, (name, message) => printOnce(name, message, print))
  if (values.label) require('../labels/sources/index.js').startSources(values.label.flat(), text => printOnce('labels-source', text, print))
  if (isMainThread && FOLDER) leaveNote(`${process.pid}.here`, `${pidNamespace()}\n${commandLine(process, workingFolder()).slice(0, NOTE_LENGTH)}`)
  if (isMainThread) takeSnapshots(sampler, values, print)
  if (isMainThread) sampler.captureAtAbort?.()
  if (FOLDER) injectAll(!values.onlyMain)
  // The inspector engine prints its limits in one line.
  const heapOnlyNote = sampler.signals === false ? offheapNote(sampler) : undefined
  const notes = [instead, limits, heapOnlyNote].filter(Boolean).join('; ')
  logOnce('liveness', notes, print)
  if (!heapOnlyNote) logOnce('offheap', offheapNote(sampler), print)
}

/**
 * Only the first failure of a run is printed.
 * @param {string} why
 * @returns {boolean} whether this is the first
 */
function firstFailure (why) {
  // Without notes, as under the permission model, each process counts as the first.
  return FOLDER === undefined || leaveNote('failed', why) || (isMainThread && !fs.existsSync(path.join(FOLDER, 'failed')))
}

module.exports = { preload, firstFailure }
