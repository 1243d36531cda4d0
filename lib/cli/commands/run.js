'use strict'

const fs = require('node:fs')
const path = require('node:path')
const binding = require('../../common/native.js')
const { STATUS, CliError, reason } = require('../../common/errors.js')
const { COMMANDS, FORMATS, RUN_INTERVAL } = require('../../options.js')
const { workingFolder, shellText } = require('../../common/metadata.js')
const { nearest } = require('../arguments.js')
const { CaptureFolder } = require('../capture-folder.js')
const { Child, profiledEnvironment } = require('../child-process.js')

/**
 * @typedef {object} Target the command to run
 * @property {string} command
 * @property {string[]} args
 * @property {string} name prefix of its files
 * @property {string} title if there are several processes
 */

/** @typedef {import('../apply-filters.js').Log} Log */

/** A file name may have 255 bytes; suffixes and temporary names need some of them. */
const STEM_LETTERS = 200

/**
 * @param {string} file
 * @returns {string} the file's name without its folder and its last extension
 */
function stemOf (file) {
  return path.parse(file).name.replace(/[^\w.@+-]/g, '_').slice(0, STEM_LETTERS) || 'app'
}

/**
 * Finds a script like node: as given, with an extension, or as a folder.
 * @param {string} script
 * @returns {string | undefined}
 */
function findScript (script) {
  const full = path.resolve(workingFolder() || path.sep, script)
  try {
    return require.resolve(full)
  } catch {
    return isFile(full) ? full : undefined
  }
}

/**
 * @param {string} file may also be code, which is too long for a file name
 * @returns {boolean}
 */
function isFile (file) {
  try {
    return fs.statSync(file).isFile()
  } catch {
    return false
  }
}

/**
 * @param {string} script
 * @returns {CliError}
 */
function noScriptError (script) {
  const command = !/[/\\]|\.[cm]?[jt]s$/.test(script)
  const meant = command && nearest(script, [...COMMANDS, 'help'].filter(name => name !== 'run'))
  if (meant) return new CliError(STATUS.NO_INPUT, `${script}: no such script; did you mean shap-flame ${meant}?`)
  const hint = command ? `; to profile a command: shap-flame -- ${script}` : ''
  return new CliError(STATUS.NO_INPUT, `${script}: no such script${hint}`)
}

/**
 * @param {string[]} rest
 * @param {boolean} dashes
 * @param {import('../../options.js').Values} [values]
 * @returns {Target}
 */
function findTarget (rest, dashes, values) {
  const [first, ...args] = rest
  if (first === undefined) {
    const what = dashes ? 'no command after --' : 'no script'
    throw new CliError(STATUS.USAGE, `${what}: shap-flame app.js, or shap-flame -- command${takenScript(values)}; see --help`)
  }
  if (dashes) return { command: first, args, name: stemOf(require('../command-name.js').programOf(rest, findScript)), title: shellText(rest) }
  if (!findScript(first)) throw noScriptError(first)
  return {
    command: process.execPath,
    args: [...process.execArgv, first, ...args],
    name: stemOf(first),
    title: shellText(['node', ...rest])
  }
}

/**
 * @param {import('../../options.js').Values} [values]
 * @returns {string} a hint if an option took the script as its value
 */
function takenScript (values) {
  const files = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (values))
  const option = FORMATS.find(name => /\.[cm]?[jt]s$/.test(String(files[name] ?? '')))
  return option ? ` (--${option} took ${String(files[option])} as its file)` : ''
}

/**
 * Node does not start with a preload where it cannot read the working folder's name, unless that folder
 * was removed.
 *
 * @returns {string | undefined} why it cannot be read
 */
function preloadFailure () {
  try {
    process.cwd()
    return undefined
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT' ? undefined : reason(error)
  }
}

/**
 * @param {import('../../options.js').Values} values
 * @param {string} prefix of the paths of snapshots
 * @param {CaptureFolder} captures
 * @param {Log} log
 * @returns {NodeJS.ProcessEnv}
 */
function environmentFor (values, prefix, captures, log) {
  const failure = preloadFailure()
  if (failure === undefined) return profiledEnvironment(process.env, values, captures.folder, prefix)
  log(`the command is not profiled: Node loads no preload where the working folder cannot be read: ${failure}`)
  captures.markFailed()
  return process.env
}

/**
 * Runs it once until it exits.
 * @param {Target} target
 * @param {import('../../options.js').Values} values
 * @param {CaptureFolder} captures
 * @param {Log} log
 * @returns {Promise<{ end: import('../child-process.js').End, pid: number | undefined }>}
 */
async function runTarget (target, values, captures, log) {
  const sampling = { ...values, interval: values.interval ?? RUN_INTERVAL }
  const prefix = path.resolve(workingFolder() || path.sep, values.outDir ?? '.', values.name ?? target.name)
  const child = new Child(target.command, target.args, environmentFor(sampling, prefix, captures, log))
  captures.watch(child.pid, values.type, { prefix, keep: values.keep, quiet: values.quiet, log })
  // Load what is needed at exit while the app starts.
  setImmediate(() => captures.load())
  child.onSnapshotSignal(values.signal, signal => {
    if (captures.isSampled(child.pid)) return true
    log(`${signal} was not forwarded: process ${child.pid} is not profiled; signal the Node process itself`)
    return false
  })
  child.onSignalAfterEnd(signal => {
    captures.remove()
    require('../exit-signal.js').exitBySignal(signal)
  })
  const end = await child.end
  captures.mainEnded(end)
  return { end, pid: child.pid }
}

/**
 * `shap-flame [options] app.js`: runs the app, then writes its profile. Exits as the app exited.
 *
 * @param {{ values: import('../../options.js').Values, rest: string[], dashes: boolean }} args
 * @param {Log} log
 */
async function run ({ values, rest, dashes }, log) {
  const target = findTarget(rest, dashes, values)
  if (values.sourceMaps !== undefined) require('../apply-filters.js').checkMaps(values)
  binding.core() // fail early: captures cannot be read without it
  const captures = new CaptureFolder()
  /** @type {import('../child-process.js').End} */
  let end
  let own = 0
  try {
    const ended = await runTarget(target, values, captures, log)
    end = ended.end
    try {
      const stem = `${values.name ?? target.name}.${ended.pid}`
      own = await require('../report-captures.js').report(captures, end, values, { stem, title: target.title }, log)
    } catch (error) {
      log(`no profile: ${reason(error)}`)
      own = STATUS.CANNOT_WRITE
    }
  } finally {
    captures.remove()
  }
  if (end.signal) return require('../exit-signal.js').exitBySignal(end.signal)
  process.exitCode = end.code || own
}

module.exports = { run, runTarget, findTarget, stemOf }
