'use strict'
/**
 * What does a run cost that does nothing?
 *
 *   node test/bench/start.js [--runs 31]
 *
 * `node hello.js` and the same with more and more of shap-flame, in turns (A B C A B C …):
 * user and system time of all processes, and time of the wall. Each row is the median of its
 * differences from `node hello.js` of the same turn, in milliseconds, and in times of what that
 * took: on a machine that is busy with other work only the latter say something.
 */
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { ROOT, quote, median, table, numbersFrom, machine } = require('./tools.js')

const SHAP = path.join(ROOT, 'bin', 'shap-flame.js')
const REGISTER = path.join(ROOT, 'lib', 'register.js')
const TWICE = "require('node:child_process').spawn(process.execPath, [process.argv[1]], { stdio: 'inherit' })"

/** @typedef {{ label: string, args: string[], env?: Record<string, string> }} Contender */
/** @typedef {{ cpu: number, wall: number }} Cost seconds */

/** @param {string} folder @returns {Contender[]} */
function contenders (folder) {
  const hello = path.join(folder, 'hello.js')
  fs.writeFileSync(hello, "console.log('hello')\n")
  return [
    { label: 'node hello.js', args: [hello] },
    { label: 'the preload, which samples and leaves a capture', args: ['--require', REGISTER, hello], env: { SHAP_FLAME_OUT_DIR: path.join(folder, 'left') } },
    { label: 'a node that starts it', args: ['-e', TWICE, hello] },
    { label: 'shap-flame, no output but --folded /dev/null', args: [SHAP, '--quiet', '--no-source-maps', '--folded', '/dev/null', hello] },
    { label: 'shap-flame hello.js', args: [SHAP, '--out-dir', path.join(folder, 'out'), hello] }
  ]
}

/** With all that it started and waited for, as bash tells it. @param {Contender} contender @returns {Cost} */
function measure ({ args, env }) {
  const timed = ['-c', 'TIMEFORMAT="%U %S %R"; time "$@" > /dev/null 2>&1', 'bash', process.execPath, ...args]
  const { stderr } = spawnSync('bash', timed, { env: { ...process.env, LC_ALL: 'C', ...env }, encoding: 'utf8' })
  const [user, system, wall] = stderr.trim().split(' ').map(Number)
  return { cpu: user + system, wall }
}

/** @param {Cost[]} costs @param {Cost[]} bases of the same turns @param {keyof Cost} key */
function cells (costs, bases, key) {
  const added = costs.map((cost, at) => cost[key] - bases[at][key])
  const times = costs.map((cost, at) => (cost[key] - bases[at][key]) / bases[at][key])
  return { ms: median(added) * 1000, times }
}

function main () {
  const { runs } = numbersFrom(process.argv.slice(2), { runs: 31 })
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shf-bench-'))
  const all = contenders(folder)
  /** @type {Cost[][]} */
  const costs = all.map(() => [])
  for (const one of all) measure(one)
  for (let run = 0; run < runs; run++) all.forEach((one, at) => costs[at].push(measure(one)))
  fs.rmSync(folder, { recursive: true, force: true })
  const rows = all.slice(1).map(({ label }, index) => {
    const [cpu, wall] = /** @type {const} */ (['cpu', 'wall']).map(key => cells(costs[index + 1], costs[0], key))
    return [label, `+${cpu.ms.toFixed(0)}`, `+${median(cpu.times).toFixed(2)}`, `+${wall.ms.toFixed(0)}`, `+${median(wall.times).toFixed(2)}`]
  })
  const base = costs[0]
  console.log(`${machine()}; ${runs} turns; node hello.js takes ${(median(base.map(({ cpu }) => cpu)) * 1000).toFixed(0)} ms of CPU, ${(median(base.map(({ wall }) => wall)) * 1000).toFixed(0)} of the wall\n`)
  table(['beyond node hello.js', 'CPU, ms', 'times', 'wall, ms', 'times'], rows)
  const last = costs.length - 1
  quote('start cpu', cells(costs[last], base, 'cpu').times)
  quote('start wall', cells(costs[last], base, 'wall').times)
}

main()
