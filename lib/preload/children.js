'use strict'

/**
 * Notes for the wrapper about Node processes that the app starts. A process writes its own note when
 * it is sampled; one that is killed while Node boots cannot. So its parent leaves a note,
 * `<pid>.started`, and the process removes it when its preload begins.
 */

const { closeSync, openSync, rmSync } = require('node:fs')
const { FOLDER } = require('../common/run-environment.js')
const { pidNamespace, shellText } = require('../common/metadata.js')
const { basename, newList, readlinkSync, slice, startsWith, toArray, writeSync } = require('../common/node-originals.js')

/** Maximum characters of a command line in a note. */
const NOTE_LENGTH = 200

/** With these Node runs no script, and loads no preload. */
const WITHOUT_PRELOAD = Object.assign(Object.create(null), {
  '-v': true,
  '--version': true,
  '--v8-options': true,
  '--completion-bash': true,
  '--run': true,
  '--build-snapshot': true,
  '--build-sea': true,
  '--experimental-sea-config': true
})

/** @param {string} link @returns {string | undefined} */
function target (link) {
  try {
    return readlinkSync(link)
  } catch {
    return undefined
  }
}

const OWN_PROGRAM = target('/proc/self/exe')
const NAMESPACE = pidNamespace()

/**
 * @param {readonly unknown[]} args of a process, with its name
 * @returns {boolean}
 */
function loadsPreload (args) {
  for (let i = 1; i < args.length && startsWith(args[i], '-'); i++) {
    if (WITHOUT_PRELOAD[/** @type {string} */ (args[i])]) return false
  }
  return true
}

/**
 * @param {string} file
 * @param {readonly string[]} args
 * @returns {string}
 */
function commandOf (file, args) {
  /** @type {string[]} */
  const words = newList()
  words[0] = basename(file)
  for (let i = 1; i < args.length; i++) words[i] = args[i]
  return slice(shellText(toArray(words)), 0, NOTE_LENGTH)
}

/**
 * Leaves a note about a process that has just been started. Only of this very Node: a script called
 * `node` may start Node under another pid.
 *
 * @param {unknown} pid
 * @param {string} file
 * @param {readonly string[]} args with the process's name
 */
function noteStarted (pid, file, args) {
  try {
    const ours = file === process.execPath || target(`/proc/${pid}/exe`) === OWN_PROGRAM
    if (!FOLDER || typeof pid !== 'number' || !ours || !loadsPreload(args)) return
    // Not writeFileSync() and join(): they read and set what the app may have added to prototypes.
    const fd = openSync(`${FOLDER}/${pid}.started`, 'wx', 0o600)
    try {
      writeSync(fd, `${NAMESPACE}\n${commandOf(file, args)}`)
    } finally {
      closeSync(fd)
    }
  } catch {
    // The app must not notice.
  }
}

/** Called by a process whose preload begins. */
function removeStarted () {
  try {
    if (FOLDER) rmSync(`${FOLDER}/${process.pid}.started`, { force: true })
  } catch {
    // Forbidden, as by the permission model.
  }
}

module.exports = { noteStarted, removeStarted, NOTE_LENGTH }
