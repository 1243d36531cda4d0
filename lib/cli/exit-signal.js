'use strict'

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

/** Signals that write a core file, which must not overwrite the app's. */
const CORE = ['SIGQUIT', 'SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP', 'SIGSYS', 'SIGXCPU', 'SIGXFSZ']

/** @type {readonly NodeJS.Signals[]} */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** Maximum bytes of a file's name in its temporary name, as in csrc/core/sink_file.c. */
const BEGUN_BYTES = 235

/** Files that are being written, under temporary names. */
const unfinished = new Set()

/** @param {string} file */
function removeTemporaries (file) {
  try {
    const target = fs.existsSync(file) ? fs.realpathSync(file) : path.resolve(file)
    const folder = path.dirname(target)
    // As bytes: the core may cut a name within a character.
    const begun = `${Buffer.from(path.basename(target)).toString('latin1').slice(0, BEGUN_BYTES)}.${process.pid}.`
    for (const name of fs.readdirSync(folder, 'latin1')) {
      if (!name.startsWith(begun) || !/^\d+~$/.test(name.slice(begun.length))) continue
      fs.rmSync(Buffer.concat([Buffer.from(folder + path.sep), Buffer.from(name, 'latin1')]), { force: true })
    }
  } catch {
    // The process is about to exit.
  }
}

/**
 * Writes a file; a signal meanwhile removes its temporary file.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} write
 * @returns {Promise<T>}
 */
async function cleanUpIfSignalled (file, write) {
  // With a child there are handlers already, which call exitBySignal() too.
  const ours = ENDING.filter(signal => process.listenerCount(signal) === 0)
  unfinished.add(file)
  for (const signal of ours) process.on(signal, exitBySignal)
  try {
    return await write()
  } finally {
    for (const signal of ours) process.off(signal, exitBySignal)
    unfinished.delete(file)
  }
}

/**
 * Ends this process by a signal, as the app ended.
 * @param {NodeJS.Signals} signal
 */
function exitBySignal (signal) {
  for (const file of unfinished) removeTemporaries(file)
  // Loaded late: most commands start no process.
  if (CORE.includes(signal)) require('node:child_process').spawnSync('prlimit', ['--core=0:0', '--pid', String(process.pid)], { stdio: 'ignore' })
  process.removeAllListeners(signal)
  process.exitCode = 128 + (os.constants.signals[signal] ?? 0)
  try {
    process.kill(process.pid, signal)
  } catch {
    process.exit() // a sandbox denies it
  }
  // Still running: the signal is ignored or blocked.
  setTimeout(() => process.exit(), 500)
}

module.exports = { exitBySignal, cleanUpIfSignalled }
