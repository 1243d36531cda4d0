'use strict'

const fs = require('node:fs')
const { pidNamespace } = require('../common/metadata.js')

/**
 * @param {number} pid
 * @returns {boolean}
 */
function isAliveHere (pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EPERM') return false
    // Another user's, or a sandbox denies the question: then it is there, or not.
    return fs.existsSync(`/proc/${pid}`) || !fs.existsSync('/proc/self')
  }
}

/** How long what /proc said of other namespaces holds, in milliseconds: many may be asked for at once. */
const HOLDS_MS = 50
/** @type {{ living: Set<string>, at: number }} */
let elsewhere = { living: new Set(), at: -Infinity }

/**
 * @param {string} name a process's, in our /proc
 * @returns {string[]} its namespace and its own idea of its id
 */
function knownAs (name) {
  try {
    const ids = /^NSpid:\s*(.*)$/m.exec(fs.readFileSync(`/proc/${name}/status`, 'utf8'))
    return [`${fs.readlinkSync(`/proc/${name}/ns/pid`)} ${Number(ids?.[1].split(/\s+/).at(-1))}`]
  } catch {
    return [] // it has ended, or is another user's
  }
}

/** @returns {Set<string>} all processes here, as they know themselves */
function allKnown () {
  try {
    return new Set(fs.readdirSync('/proc').filter(name => /^\d+$/.test(name)).flatMap(knownAs))
  } catch {
    return new Set()
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
function isProcessAlive (pid, namespace) {
  if (!namespace || namespace === pidNamespace()) return isAliveHere(pid)
  const now = performance.now()
  if (now - elsewhere.at > HOLDS_MS) elsewhere = { living: allKnown(), at: now }
  return elsewhere.living.has(`${namespace} ${pid}`)
}

module.exports = { isProcessAlive }
