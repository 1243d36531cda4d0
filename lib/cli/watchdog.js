'use strict'

const { spawn } = require('node:child_process')

/** Long enough for a process to be seen dead on a busy machine, too short to be felt. */
const WAIT_MS = 100
/** Where it cannot be killed, and does not go by itself, it is left alone after so long. */
const PATIENCE_MS = 1000

/**
 * It reads the app's id, then waits for a second line. Its input ends without one where the
 * wrapper is gone: killed, for it tells each other end. No trap: it is to die of every signal.
 */
const WATCH = 'ulimit -c 0; read -r app && ! read -r over && kill -KILL "$app"'

/**
 * Tells signals to the whole process group (Ctrl-C in a terminal, `kill -- -PID`,
 * a service manager's stop) from those sent to this process alone. The app has
 * had the former; a wrapper that forwards them doubles them. The system does not
 * say which it was, so an idle process in our group stands watch: what it dies
 * of, the app was sent too. And of a wrapper that is killed it takes the app along.
 */
class Sentinel {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #process
  #over = false
  /** @type {number | undefined} */
  #app

  constructor () {
    this.#stand()
  }

  #stand () {
    if (this.#over) return
    const watch = spawn('/bin/sh', ['-c', WATCH], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin' }
    })
    watch.on('error', () => { this.#process = undefined })
    watch.stdin?.on('error', () => {})
    watch.unref()
    this.#process = watch
    if (this.#app !== undefined) this.watchOver(this.#app)
  }

  /** @param {number | undefined} app the id of the process that is not to outlive us */
  watchOver (app) {
    this.#app = app
    if (app !== undefined) this.#process?.stdin?.write(`${app}\n`)
  }

  /**
   * Asks whether the group got a signal that has just reached us.
   * @returns {Promise<boolean>}
   */
  groupGotIt () {
    const watch = this.#process
    if (!watch) return Promise.resolve(false)
    return new Promise(resolve => {
      const dead = () => {
        clearTimeout(timer)
        if (this.#process === watch) this.#stand()
        resolve(true)
      }
      const timer = setTimeout(() => {
        watch.off('exit', dead)
        resolve(false)
      }, WAIT_MS)
      if (watch.exitCode !== null || watch.signalCode !== null) dead()
      else watch.once('exit', dead)
    })
  }

  /** It does not outlive us: we end when it has. */
  end () {
    this.#over = true
    const watch = this.#process
    if (!watch || watch.exitCode !== null || watch.signalCode !== null) return
    watch.ref()
    watch.stdin?.end('over\n') // the app has ended
    watch.kill('SIGKILL') // at once, where that is allowed
    setTimeout(() => watch.unref(), PATIENCE_MS).unref()
  }
}

module.exports = { Sentinel }
