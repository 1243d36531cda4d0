'use strict'

const { spawn } = require('node:child_process')
const { STATUS, CliError, reason } = require('../common/errors.js')
const { samplerEnvironment } = require('../options.js')
const { PRELOAD } = require('../preload/node-option.js')
const { log } = require('../common/log.js')
const { Watchdog } = require('./watchdog.js')

/** @type {readonly NodeJS.Signals[]} */
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2']

/**
 * @typedef {object} End how a child ended
 * @property {number | null} code
 * @property {NodeJS.Signals | null} signal
 */

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {import('../options.js').Values} values
 * @param {string} folder for the captures
 * @param {string} snapshots prefix of the paths of snapshots
 * @returns {NodeJS.ProcessEnv} environment in which every Node process is sampled
 */
function profiledEnvironment (env, values, folder, snapshots) {
  const { NODE_OPTIONS: own, SHAP_FLAME_LEFT_OUT: _left, SHAP_FLAME_MAIN: _main, ...rest } = env
  return {
    ...rest,
    ...samplerEnvironment(values),
    SHAP_FLAME_CAPTURES: folder,
    SHAP_FLAME_SNAPSHOTS: snapshots,
    NODE_OPTIONS: own ? `${own} ${PRELOAD}` : PRELOAD
  }
}

/**
 * Runs a command with our standard streams, and forwards signals to it.
 */
class Child {
  #watchdog
  #ended = false
  /** @type {(signal: NodeJS.Signals) => void} */
  #afterEnd = () => {}
  /** @type {(signal: NodeJS.Signals) => boolean} */
  #shouldForward = () => true
  #process

  /**
   * @param {string} command
   * @param {readonly string[]} args
   * @param {NodeJS.ProcessEnv} env
   */
  constructor (command, args, env) {
    for (const signal of FORWARDED) process.on(signal, this.#onSignal)
    this.#process = start(command, args, env)
    // After the app, whose start must not wait.
    this.#watchdog = new Watchdog()
    this.#watchdog.protect(this.#process.pid)
    /** @type {Promise<End>} */
    this.end = new Promise((resolve, reject) => {
      // A signal that could not be sent is also an error event.
      this.#process.on('error', error => {
        if (this.#process.pid === undefined) this.#finish(() => reject(cannotStart(command, error)))
        else log(`cannot signal process ${this.#process.pid}: ${reason(error)}`)
      })
      this.#process.once('exit', (code, signal) => this.#finish(() => resolve({ code, signal })))
    })
  }

  get pid () {
    return this.#process.pid
  }

  /** @param {() => void} settle */
  #finish (settle) {
    this.#ended = true
    this.#watchdog.end()
    settle()
  }

  /**
   * @param {(signal: NodeJS.Signals) => void} action on signals after the child has exited
   */
  onSignalAfterEnd (action) {
    this.#afterEnd = action
  }

  /**
   * Restricts forwarding of the snapshot signal, which kills processes that do not handle it.
   * @param {string | undefined} snapshotSignal that signal, if any
   * @param {(signal: NodeJS.Signals) => boolean} shouldForward whether to forward it
   */
  onSnapshotSignal (snapshotSignal, shouldForward) {
    if (!snapshotSignal) return
    const signal = /** @type {NodeJS.Signals} */ (snapshotSignal)
    if (!FORWARDED.includes(signal)) process.on(signal, this.#onSignal)
    this.#shouldForward = received => received !== signal || shouldForward(received)
  }

  /** @param {NodeJS.Signals} signal */
  #onSignal = async signal => {
    if (this.#ended) return this.#afterEnd(signal)
    if (await this.#watchdog.groupReceivedSignal()) return
    if (!this.#ended && this.#shouldForward(signal)) this.#process.kill(signal)
  }
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
function start (command, args, env) {
  try {
    return spawn(command, args, { stdio: 'inherit', env })
  } catch (error) {
    // Some failures (an argument too long, an empty name) are thrown.
    throw cannotStart(command, /** @type {NodeJS.ErrnoException} */ (error))
  }
}

/**
 * @param {string} command
 * @param {NodeJS.ErrnoException} error
 */
function cannotStart (command, error) {
  const why = error.code === 'ENOENT' ? 'no such command' : reason(error)
  return new CliError(STATUS.NO_INPUT, `cannot start ${command}: ${why}`)
}

module.exports = { Child, profiledEnvironment }
