'use strict'

const { spawn } = require('node:child_process')

/** Long enough for a process to be seen dead on a busy machine, too short to be felt. */
const WAIT_MS = 100

/**
 * Tells signals to the whole process group (Ctrl-C in a terminal, `kill -- -PID`,
 * a service manager's stop) from those sent to this process alone. The app has
 * had the former; a wrapper that forwards them doubles them. The system does not
 * say which it was, so an idle process in our group stands watch: what it dies
 * of, the app was sent too.
 */
class Sentinel {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #process
  #over = false

  constructor () {
    this.#stand()
  }

  #stand () {
    if (this.#over || process.platform === 'win32') return
    // It ends with its standard input, which is to say with us.
    const watch = spawn('/bin/sh', ['-c', 'ulimit -c 0; exec cat'], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin' }
    })
    watch.on('error', () => { this.#process = undefined })
    watch.stdin?.on('error', () => {})
    watch.unref()
    this.#process = watch
  }

  /**
   * Asks whether the group got a signal that has just reached us.
   * @returns {Promise<boolean>} true on Windows, where a console tells every process
   */
  groupGotIt () {
    const watch = this.#process
    if (!watch) return Promise.resolve(process.platform === 'win32')
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
    watch.kill('SIGKILL')
  }
}

module.exports = { Sentinel }
