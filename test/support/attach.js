'use strict'
/** What the tests of `shap-flame attach` have in common. */
const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const http = require('node:http')
const path = require('node:path')

const { nodes } = require('../../csrc/tools/node_lines.js')
const { until, cleanEnvironment } = require('./profiled-process.js')

const CLI = path.join(__dirname, '..', '..', 'bin', 'shap-flame.js')
const FIXTURES = path.join(__dirname, '..', 'fixtures')
const SERVER = path.join(FIXTURES, 'attachable-server.js')

/** A process that a test started; what it printed. */
class Started {
  /** @param {string} command @param {string[]} args @param {import('node:child_process').SpawnOptions} [options] */
  constructor (command, args, options) {
    this.out = ''
    this.err = ''
    this.process = spawn(command, args, { env: cleanEnvironment(), ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    this.process.stdout?.on('data', part => { this.out += part })
    this.process.stderr?.on('data', part => { this.err += part })
    /** @type {Promise<{ code: number | null, signal: string | null }>} */
    this.end = once(this.process, 'close').then(([code, signal]) => ({ code, signal }))
  }

  get pid () {
    return /** @type {number} */ (this.process.pid)
  }

  /** @param {string} path */
  async get (path = '/') {
    const port = Number(/listening (\d+)/.exec(this.out)?.[1])
    const [response] = await once(http.get({ host: '127.0.0.1', port, path, agent: false }), 'response')
    let text = ''
    for await (const part of response) text += part
    return text
  }

  /** @param {number} times */
  async load (times = 150) {
    for (let i = 0; i < times; i++) await this.get()
  }

  /** @returns {number} threads of it, Node's own pool included */
  threads () {
    return fs.readdirSync(`/proc/${this.pid}/task`).length
  }
}

/**
 * @param {string} bin
 * @param {(target: Started) => Promise<void>} use
 * @param {string[]} flags of node
 */
async function withServer (bin, use, flags = ['--inspect-port=0']) {
  const target = new Started(bin, [...flags, SERVER])
  try {
    await until(() => target.out.includes('listening'), 'the server')
    await use(target)
  } finally {
    target.process.kill('SIGKILL')
    await target.end
  }
}

/**
 * @param {string | number} pid
 * @param {string[]} args
 * @param {string} folder
 * @param {string} [bindings]
 */
function attach (pid, args, folder, bindings) {
  const env = cleanEnvironment()
  const own = nodes().find(line => line.major === Number(process.versions.node.split('.')[0]))
  const which = bindings ?? own?.bindings
  return new Started(process.execPath, [CLI, 'attach', String(pid), ...args], {
    cwd: folder,
    env: { ...env, TMPDIR: folder, ...(which ? { SHAP_FLAME_BINDINGS: which } : {}) }
  })
}

/** @param {Started} cli */
const sampling = cli => until(() => cli.err.includes('sampling process'), `sampling: ${cli.err}`)

/** @param {Started} target @returns {number[]} the ports that it listens on */
function ports (target) {
  const own = new Set(fs.readdirSync(`/proc/${target.pid}/fd`).map(fd => {
    try {
      return /\[(\d+)\]/.exec(fs.readlinkSync(`/proc/${target.pid}/fd/${fd}`))?.[1]
    } catch {
      return undefined
    }
  }))
  const rows = fs.readFileSync(`/proc/${target.pid}/net/tcp`, 'utf8').split('\n').map(line => line.trim().split(/\s+/))
  return rows.filter(row => row[3] === '0A' && own.has(row[9])).map(row => parseInt(row[1].split(':')[1], 16))
}

/** @param {Started} cli @param {string} line @param {number} [status] */
async function refuses (cli, line, status = 65) {
  const { code } = await cli.end
  assert.equal(cli.err, `shap-flame: ${line}\n`)
  assert.equal(cli.out, '')
  assert.equal(code, status)
}

const own = /** @type {import('../../csrc/tools/node_lines.js').NodeLine} */ (nodes().at(-1))

/** @param {string} bin @param {string[]} args @param {(target: Started) => Promise<void>} use */
async function withTarget (bin, args, use) {
  const target = new Started(bin, args)
  try {
    await until(() => target.out.includes('ready'), 'the target')
    await use(target)
    assert.equal(target.process.exitCode ?? target.process.signalCode, null, 'it died')
  } finally {
    target.process.kill('SIGKILL')
    await target.end
  }
}

const WAITS = 'console.log("ready"); setInterval(() => {}, 1000)'

module.exports = { CLI, FIXTURES, WAITS, Started, attach, own, ports, refuses, sampling, withServer, withTarget }
