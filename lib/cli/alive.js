'use strict'

const fs = require('node:fs')
const { pidNamespace } = require('../process-meta.js')

/**
 * @param {number} pid
 * @returns {boolean}
 */
function livesHere (pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}

/**
 * @param {string} name a process's, in our /proc
 * @param {number} pid its own idea of it
 * @param {string} namespace
 */
function isIt (name, pid, namespace) {
  try {
    if (fs.readlinkSync(`/proc/${name}/ns/pid`) !== namespace) return false
    const ids = /^NSpid:\s*(.*)$/m.exec(fs.readFileSync(`/proc/${name}/status`, 'utf8'))
    return Number(ids?.[1].split(/\s+/).at(-1)) === pid
  } catch {
    return false // it has ended, or is another user's
  }
}

/**
 * Whether a process of a run lives. In a namespace of its own, as that of a container, it
 * has another id than here, where its own may be somebody else's.
 *
 * @param {number} pid as the process itself knows it
 * @param {string} [namespace] of its ids; empty or absent: ours
 * @returns {boolean}
 */
function lives (pid, namespace) {
  if (!namespace || namespace === pidNamespace()) return livesHere(pid)
  try {
    return fs.readdirSync('/proc').some(name => /^\d+$/.test(name) && isIt(name, pid, namespace))
  } catch {
    return false
  }
}

module.exports = { lives }
