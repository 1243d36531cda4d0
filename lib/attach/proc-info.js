'use strict'

/** Information about another process from /proc. */

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const util = require('node:util')
const binding = require('../common/native.js')
const { STATUS, CliError, reason } = require('../common/errors.js')

const DEFAULT_PORT = 9229
/** Namespaces of a container that prevent attaching from outside. */
const NAMESPACES = Object.freeze({ net: 'network', pid: 'process', mnt: 'mount' })

/**
 * @typedef {object} Listening a listening socket
 * @property {string} host to connect to
 * @property {number} port
 * @property {string} inode
 * @property {boolean} own whether the process owns it
 */

/**
 * @param {string} message
 * @returns {CliError}
 */
function refused (message) {
  return new CliError(STATUS.DATA, message)
}

/**
 * @param {number} pid
 * @param {string} name
 * @returns {string} empty if it cannot be read
 */
function readProc (pid, name) {
  try {
    return fs.readFileSync(`/proc/${pid}/${name}`, 'latin1')
  } catch {
    return ''
  }
}

/**
 * @param {number | string} pid
 * @param {string} name
 * @returns {string | undefined} the target of a link
 */
function linkOf (pid, name) {
  try {
    return fs.readlinkSync(`/proc/${pid}/${name}`)
  } catch {
    return undefined
  }
}

/** @param {number} pid */
function mayBeSignalled (pid) {
  try {
    process.kill(pid, 0)
    return undefined
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code
  }
}

/**
 * @param {string} hex as in /proc/net/tcp: little-endian words of four bytes
 * @returns {string} a host to connect to; loopback for a socket that listens on all addresses
 */
function hostOf (hex) {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap(word => [...Buffer.from(word, 'hex')].reverse())
  if (bytes.length === 4) return bytes.every(byte => byte === 0) ? '127.0.0.1' : bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, at) => (bytes[2 * at] * 256 + bytes[2 * at + 1]).toString(16))
  return bytes.every(byte => byte === 0) ? '::1' : groups.join(':')
}

const LISTEN = '0A'

/**
 * @param {string} table of /proc/PID/net/tcp
 * @param {ReadonlySet<string>} own inodes
 * @returns {Listening[]}
 */
function parseSockets (table, own) {
  return table.split('\n').slice(1).flatMap(line => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
    if (state !== LISTEN) return []
    const [host, port] = local.split(':')
    return [{ host: hostOf(host), port: parseInt(port, 16), inode, own: own.has(inode) }]
  })
}

/**
 * @param {number} pid
 * @returns {string} its start in ticks since boot; empty if there is no such process
 */
function startOf (pid) {
  // The name in parentheses may contain anything; the start is the 20th field after it.
  return readProc(pid, 'stat').replace(/^.*\)/s, '').trim().split(' ')[19] ?? ''
}

/** A process to attach to. */
class TargetProcess {
  /** Its pidfd; below 0: not available. */
  #descriptor

  /** @param {number} pid */
  constructor (pid) {
    this.pid = pid
    this.#descriptor = binding.core().openProcess(pid)
    this.started = startOf(pid)
    /** Its command line. */
    this.words = readProc(pid, 'cmdline').split('\0')
    const options = readProc(pid, 'environ').split('\0').find(one => one.startsWith('NODE_OPTIONS='))
    this.nodeOptions = (options ?? '').slice('NODE_OPTIONS='.length).split(/\s+/)
  }

  /** @returns {Map<string, string>} the fields of its status */
  status () {
    const lines = readProc(this.pid, 'status').split('\n').map(line => /** @type {[string, string]} */ (line.split(/:\s*/, 2)))
    return new Map(lines)
  }

  /** @returns {boolean} whether the pid still belongs to the same process */
  isSame () {
    if (this.#descriptor >= 0) return binding.core().signalProcess(this.#descriptor, 0) !== os.constants.errno.ESRCH
    return this.started !== '' && startOf(this.pid) === this.started
  }

  /**
   * @param {NodeJS.Signals} name
   * @returns {string | undefined} why it was not sent. A pidfd (Linux 5.3) never signals another
   *   process; without it the start of the process is compared
   */
  signal (name) {
    const ended = `process ${this.pid} has ended`
    if (this.#descriptor < 0) {
      if (!this.isSame()) return ended
      try {
        process.kill(this.pid, name)
      } catch (error) {
        return `process ${this.pid} cannot be sent ${name}: ${reason(error)}`
      }
      return this.isSame() ? undefined : ended
    }
    const code = binding.core().signalProcess(this.#descriptor, os.constants.signals[name])
    if (code === 0) return undefined
    if (code === os.constants.errno.ESRCH) return ended
    return `process ${this.pid} cannot be sent ${name}: ${util.getSystemErrorName(-code)}`
  }

  /** Closes the pidfd. */
  close () {
    if (this.#descriptor >= 0) fs.closeSync(this.#descriptor)
    this.#descriptor = -1
  }

  alive () {
    const state = this.status().get('State')
    return state !== undefined && !/^[ZX]/.test(state) && this.isSame()
  }

  stopped () {
    return /^[Tt]/.test(this.status().get('State') ?? '')
  }

  /** @returns {string} its working folder */
  folder () {
    return linkOf(this.pid, 'cwd') ?? ''
  }

  /** @returns {{ uid: number, gid: number }} its effective user and group */
  owner () {
    const status = this.status()
    /** @param {string} name */
    const effective = name => Number((status.get(name) ?? '').split(/\s+/)[3])
    return { uid: effective('Uid'), gid: effective('Gid') }
  }

  /** @returns {string[]} Node options, those of the environment first */
  flags () {
    const end = this.words.findIndex((word, at) => at > 0 && !word.startsWith('-'))
    return [...this.nodeOptions, ...this.words.slice(1, end < 0 ? undefined : end)]
  }

  /** Whether it was started with an inspector, and the inspector's port. */
  inspector () {
    let port = DEFAULT_PORT
    let open = false
    const flags = [...this.nodeOptions, '', ...this.words.slice(1)]
    for (const [at, flag] of flags.entries()) {
      const match = /^--(inspect|inspect-brk|inspect-wait|inspect-port|debug-port)(?:=(.*))?$/.exec(flag)
      if (!match) continue
      const named = match[1].endsWith('port')
      const value = match[2] ?? (named ? flags[at + 1] : '')
      const portMatch = /(?:^|:)(\d+)$/.exec(value ?? '')
      if (portMatch) port = Number(portMatch[1])
      if (!named) open = true
    }
    return { port, open }
  }

  /** @returns {Listening[]} all listening sockets of its network namespace */
  listening () {
    /** @type {Set<string>} */
    const own = new Set()
    try {
      for (const fd of fs.readdirSync(`/proc/${this.pid}/fd`)) {
        const inode = /^socket:\[(\d+)\]$/.exec(linkOf(this.pid, `fd/${fd}`) ?? '')
        if (inode) own.add(inode[1])
      }
    } catch {
      // It has exited, or is not readable.
    }
    return ['net/tcp', 'net/tcp6'].flatMap(table => parseSockets(readProc(this.pid, table), own))
  }

  /** @returns {boolean} whether it handles SIGUSR1, which would kill it otherwise */
  catchesSigusr1 () {
    const caught = BigInt(`0x${this.status().get('SigCgt') ?? '0'}`)
    return ((caught >> BigInt(os.constants.signals.SIGUSR1 - 1)) & 1n) === 1n
  }

  /** @returns {boolean} whether it is Node: other programs use SIGUSR1 differently */
  isNode () {
    const exe = linkOf(this.pid, 'exe')
    if (exe === undefined) return false
    if (/^node(js)?$/.test(path.basename(exe.replace(/ \(deleted\)$/, '')))) return true
    return contains(`/proc/${this.pid}/exe`, 'napi_module_register')
  }
}

/**
 * @param {string} file
 * @param {string} text
 * @returns {boolean}
 */
function contains (file, text) {
  const chunk = Buffer.alloc(1 << 20)
  let fd
  try {
    fd = fs.openSync(file, 'r')
    for (let at = 0, n; (n = fs.readSync(fd, chunk, 0, chunk.length, at)) > text.length; at += n - text.length) {
      if (chunk.subarray(0, n).includes(text)) return true
    }
  } catch {
    // not readable
  } finally {
    if (fd !== undefined) fs.closeSync(fd)
  }
  return false
}

/** @param {Listening} socket */
function isLoopback ({ host }) {
  return host.startsWith('127.') || host === '::1' || /^(0:){7}1$/.test(host)
}

/** @param {number} pid */
function checkReach (pid) {
  if (pid === process.pid) throw refused(`process ${pid} is shap-flame itself`)
  const failure = mayBeSignalled(pid)
  if (failure === 'ESRCH') throw new CliError(STATUS.NO_INPUT, `process ${pid}: no such process`)
  if (failure === 'EPERM') throw refused(`process ${pid} belongs to another user: attach as that user or as root`)
  for (const [name, what] of Object.entries(NAMESPACES)) {
    const theirs = linkOf(pid, `ns/${name}`)
    if (theirs === undefined || theirs === linkOf('self', `ns/${name}`)) continue
    throw refused(`process ${pid} is in another ${what} namespace, as in a container: run shap-flame inside it`)
  }
}

/** @param {TargetProcess} target */
function checkState (target) {
  const { pid } = target
  const status = target.status()
  const state = status.get('State') ?? ''
  const group = status.get('Tgid')
  if (group === undefined) throw refused(`process ${pid} is not visible in /proc: attach as root`)
  if (Number(group) !== pid) throw refused(`${pid} is a thread of process ${group}: attach to process ${group}`)
  if (/^[ZX]/.test(state)) throw refused(`process ${pid} has ended: it is a zombie`)
  if (state.startsWith('T')) throw refused(`process ${pid} is stopped: resume it with kill -CONT ${pid}`)
  if (state.startsWith('t')) throw refused(`process ${pid} is stopped by a debugger`)
}

/**
 * @param {TargetProcess} target
 * @returns {string} why it does not handle SIGUSR1
 */
function signalReason (target) {
  const flags = target.flags()
  if (flags.includes('--disable-sigusr1')) return '--disable-sigusr1 keeps its inspector closed'
  if (flags.some(flag => /^--(experimental-)?permission$/.test(flag))) return '--permission keeps its inspector closed'
  return 'it does not handle SIGUSR1 and would be killed by it'
}

/**
 * @param {number} pid
 * @returns {TargetProcess} throws if one cannot attach to it
 */
function findProcess (pid) {
  checkReach(pid)
  if (process.platform !== 'linux') throw refused(`process ${pid}: attach needs Linux`)
  const target = new TargetProcess(pid)
  checkState(target)
  if (!target.isNode()) throw refused(`process ${pid} is not a Node process`)
  return target
}

/** @param {TargetProcess} target */
function checkSigusr1 (target) {
  if (!target.catchesSigusr1()) throw refused(`process ${target.pid} cannot be attached to: ${signalReason(target)}`)
}

module.exports = { TargetProcess, findProcess, checkSigusr1, isLoopback, refused }
