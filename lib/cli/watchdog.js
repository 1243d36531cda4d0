'use strict'

const { spawn } = require('node:child_process')

/** How long to wait for the watchdog's exit: enough on a busy machine, too short to notice. */
const WAIT_MS = 100
/** How long to wait for the watchdog if it cannot be killed. */
const KILL_TIMEOUT_MS = 1000

/**
 * Reads the app's pid, then waits for a second line. If its input ends without one, the wrapper was
 * killed, and so it kills the app. No trap: the watchdog must die of every signal.
 */
const SCRIPT = 'ulimit -c 0; read -r app && ! read -r over && kill -KILL "$app"'

/**
 * Distinguishes signals to the whole process group (Ctrl-C in a terminal, `kill -- -PID`, a service
 * manager's stop) from signals to this process only. The app has already received the former, so
 * they must not be forwarded. An idle process in our group shows it: if it dies of the signal, the
 * group received it. It also kills the app if the wrapper is killed.
 */
class Watchdog {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #process
  #ended = false
  /** @type {number | undefined} */
  #app

  constructor () {
    this.#start()
  }

  #start () {
    if (this.#ended) return
    const shell = spawn('/bin/sh', ['-c', SCRIPT], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin' }
    })
    shell.on('error', () => { this.#process = undefined })
    shell.stdin?.on('error', () => {})
    shell.unref()
    this.#process = shell
    if (this.#app !== undefined) this.protect(this.#app)
  }

  /** @param {number | undefined} app pid of the process that must not outlive us */
  protect (app) {
    this.#app = app
    if (app !== undefined) this.#process?.stdin?.write(`${app}\n`)
  }

  /**
   * Checks whether the whole group received a signal that we have just received.
   * @returns {Promise<boolean>}
   */
  groupReceivedSignal () {
    const shell = this.#process
    if (!shell) return Promise.resolve(false)
    return new Promise(resolve => {
      const dead = () => {
        clearTimeout(timer)
        if (this.#process === shell) this.#start()
        resolve(true)
      }
      const timer = setTimeout(() => {
        shell.off('exit', dead)
        resolve(false)
      }, WAIT_MS)
      if (shell.exitCode !== null || shell.signalCode !== null) dead()
      else shell.once('exit', dead)
    })
  }

  /** Ends the watchdog; this process exits after it. */
  end () {
    this.#ended = true
    const shell = this.#process
    if (!shell || shell.exitCode !== null || shell.signalCode !== null) return
    shell.ref()
    shell.stdin?.end('over\n') // the app has ended
    shell.kill('SIGKILL') // at once, where that is allowed
    setTimeout(() => shell.unref(), KILL_TIMEOUT_MS).unref()
  }
}

module.exports = { Watchdog }
