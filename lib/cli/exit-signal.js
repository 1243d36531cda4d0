'use strict'

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

/** Signals whose default action writes a core file: the app's own must not be overwritten. */
const CORE = ['SIGQUIT', 'SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP', 'SIGSYS', 'SIGXCPU', 'SIGXFSZ']

/** @type {readonly NodeJS.Signals[]} */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** How much of a file's name its temporary one begins with: csrc/core/sink_file.c cuts it. */
const BEGUN_BYTES = 235

/** Files that are being written: until they are complete, another of their name and a number is. */
const unfinished = new Set()

/** @param {string} file */
function removeTemporaries (file) {
  try {
    const target = fs.existsSync(file) ? fs.realpathSync(file) : path.resolve(file)
    const folder = path.dirname(target)
    // As bytes: the core cuts a long name between any two of them.
    const begun = `${Buffer.from(path.basename(target)).toString('latin1').slice(0, BEGUN_BYTES)}.${process.pid}.`
    for (const name of fs.readdirSync(folder, 'latin1')) {
      if (!name.startsWith(begun) || !/^\d+~$/.test(name.slice(begun.length))) continue
      fs.rmSync(Buffer.concat([Buffer.from(folder + path.sep), Buffer.from(name, 'latin1')]), { force: true })
    }
  } catch {
    // We are about to die: nobody can be helped.
  }
}

/**
 * Writes a file so that a signal in the middle of it leaves nothing half written.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} write
 * @returns {Promise<T>}
 */
async function cleanUpIfSignalled (file, write) {
  // Who watches over a child has handlers of its own, which end in dieOf() too.
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
 * Ends this process of a signal, as the app did.
 * @param {NodeJS.Signals} signal
 */
function exitBySignal (signal) {
  for (const file of unfinished) removeTemporaries(file)
  // Loaded where it is needed: a report starts no process.
  if (CORE.includes(signal)) require('node:child_process').spawnSync('prlimit', ['--core=0:0', '--pid', String(process.pid)], { stdio: 'ignore' })
  process.removeAllListeners(signal)
  process.exitCode = 128 + (os.constants.signals[signal] ?? 0)
  try {
    process.kill(process.pid, signal)
  } catch {
    process.exit() // a sandbox denies it
  }
  // Still here: the signal is ignored or blocked.
  setTimeout(() => process.exit(), 500)
}

module.exports = { exitBySignal, cleanUpIfSignalled }
