'use strict'

const { spawn } = require('node:child_process')

/** Long enough for a process to be seen dead on a busy machine, too short to be felt. */
const WAIT_MS = 100
/** Where it cannot be killed, and does not go by itself, it is left alone after so long. */
const KILL_TIMEOUT_MS = 1000

/**
 * It reads the app's id, then waits for a second line. Its input ends without one where the
 * wrapper is gone: killed, for it tells each other end. No trap: it is to die of every signal.
 */
const SCRIPT = 'ulimit -c 0; read -r app && ! read -r over && kill -KILL "$app"'

/**
 * Tells signals to the whole process group (Ctrl-C in a terminal, `kill -- -PID`,
 * a service manager's stop) from those sent to this process alone. The app has
 * had the former; a wrapper that forwards them doubles them. The system does not
 * say which it was, so an idle process in our group stands watch: what it dies
 * of, the app was sent too. And of a wrapper that is killed it takes the app along.
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

  /** @param {number | undefined} app the id of the process that is not to outlive us */
  protect (app) {
    this.#app = app
    if (app !== undefined) this.#process?.stdin?.write(`${app}\n`)
  }

  /**
   * Asks whether the group got a signal that has just reached us.
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

  /** It does not outlive us: we end when it has. */
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
