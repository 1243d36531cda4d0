'use strict'

const fs = require('node:fs')
const { pidNamespace } = require('../common/metadata.js')
const { monotonic } = require('../common/node-originals.js')

/**
 * @param {number} pid
 * @returns {boolean}
 */
function isAliveHere (pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EPERM') return false
    // Another user's process, or denied by a sandbox: /proc decides.
    return fs.existsSync(`/proc/${pid}`) || !fs.existsSync('/proc/self')
  }
}

/** Milliseconds for which a scan of /proc is cached: many processes may be checked at once. */
const HOLDS_MS = 50
/** @type {{ living: Set<string>, at: number }} */
let elsewhere = { living: new Set(), at: -Infinity }

/**
 * @param {string} name of a process in our /proc
 * @returns {string[]} its pid namespace and its pid in there
 */
function knownAs (name) {
  try {
    const ids = /^NSpid:\s*(.*)$/m.exec(fs.readFileSync(`/proc/${name}/status`, 'utf8'))
    return [`${fs.readlinkSync(`/proc/${name}/ns/pid`)} ${Number(ids?.[1].split(/\s+/).at(-1))}`]
  } catch {
    return [] // it has exited, or belongs to another user
  }
}

/** @returns {Set<string>} namespace and pid of all processes in our /proc */
function allKnown () {
  try {
    return new Set(fs.readdirSync('/proc').filter(name => /^\d+$/.test(name)).flatMap(knownAs))
  } catch {
    return new Set()
  }
}

/**
 * Whether a process of a run is alive. In another pid namespace, as in a container, its pid differs
 * from the one here.
 *
 * @param {number} pid in its own namespace
 * @param {string} [namespace] its pid namespace; empty or undefined: ours
 * @returns {boolean}
 */
function isProcessAlive (pid, namespace) {
  if (!namespace || namespace === pidNamespace()) return isAliveHere(pid)
  const now = monotonic()
  if (now - elsewhere.at > HOLDS_MS) elsewhere = { living: allKnown(), at: now }
  return elsewhere.living.has(`${namespace} ${pid}`)
}

module.exports = { isProcessAlive }
