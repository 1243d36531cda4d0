'use strict'
/**
 * The difference and the sum of two large profiles, beside go tool pprof and
 * difffolded.pl: CPU seconds of the whole process (user and system, reading and
 * writing included), seconds that pass and its peak memory, in turns.
 *
 *   node test/bench/diff.js [--nodes 1000000] [--runs 3]
 *
 * Pprof is written to a file by both tools, folded stacks to /dev/null. GNU time measures; `go` is looked for on PATH. difffolded.pl is looked for at
 * DIFFFOLDED, on PATH and in test/.cache/FlameGraph (a checkout of
 * brendangregg/FlameGraph). What is missing is left out, with a message. The inputs are
 * made once and kept in test/.cache.
 */
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { ROOT, CACHE, quote, leaveOut, median, digits, spread, table, numbersFrom, machine } = require('./tools.js')
const { writeTree } = require('./stacks.js')

const TIME = '/usr/bin/time'
const SHAP = [process.execPath, path.join(ROOT, 'bin', 'shap-flame.js')]

/** @typedef {{ cpu: number, wall: number, peak: number }} Cost seconds, MB */

/** @type {(keyof Cost)[]} */
const KINDS = ['cpu', 'wall', 'peak']

/** @param {string[]} command @returns {Cost} */
function run (command) {
  const done = spawnSync(TIME, ['-f', '%U %S %e %M', ...command], { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8', env: { ...process.env, PPROF_TMPDIR: CACHE } })
  const [user, system, wall, peak] = (done.stderr ?? '').trim().split('\n').at(-1)?.split(' ').map(Number) ?? []
  if (done.status !== 0 || !Number.isFinite(peak)) throw new Error(`${command.join(' ')}: ${done.error ?? done.stderr}`)
  return { cpu: user + system, wall, peak: peak / 1000 }
}

/** @param {string} name @param {string[]} places @returns {string | undefined} */
function find (name, places = []) {
  const folders = (process.env.PATH ?? '').split(path.delimiter).map(folder => path.join(folder, name))
  return [...places, ...folders].find(file => file && fs.existsSync(file))
}

/**
 * Two profiles of one tree, a twentieth of whose stacks are new in the second.
 * @param {number} nodes @returns {{ folded: string[], pprof: string[] }}
 */
function inputs (nodes) {
  fs.mkdirSync(CACHE, { recursive: true })
  const stems = ['before', 'after'].map(side => path.join(CACHE, `tree-${nodes}-${side}`))
  stems.forEach((stem, side) => {
    if (!fs.existsSync(`${stem}.folded`)) writeTree(`${stem}.folded`, nodes, side + 1)
    if (fs.existsSync(`${stem}.pb.gz`)) return
    const { status, stderr } = spawnSync(SHAP[0], [SHAP[1], 'report', `${stem}.folded`, '--pprof', `${stem}.pb.gz`, '--quiet'], { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
  })
  return { folded: stems.map(stem => `${stem}.folded`), pprof: stems.map(stem => `${stem}.pb.gz`) }
}

/** @param {{ folded: string[], pprof: string[] }} files @returns {Map<string, string[]>} */
function commands ({ folded, pprof }) {
  const out = path.join(CACHE, 'bench-diff')
  const go = find('go')
  const perl = find('difffolded.pl', [process.env.DIFFFOLDED ?? '', path.join(CACHE, 'FlameGraph', 'difffolded.pl')])
  if (!go) leaveOut('go tool pprof, for go is not on PATH')
  if (!perl) leaveOut('difffolded.pl, which is not there (see the head of test/bench/diff.js)')
  const all = new Map([
    ['diff of pprof: shap-flame', [...SHAP, 'diff', ...pprof, '--pprof', `${out}.pb.gz`, '--quiet']],
    ...(go ? [/** @type {const} */ (['diff of pprof: go tool pprof -diff_base', [go, 'tool', 'pprof', '-proto', `-output=${out}.go.pb.gz`, '-diff_base', ...pprof]])] : []),
    ['merge of pprof: shap-flame', [...SHAP, 'report', ...pprof, '--pprof', `${out}.pb.gz`, '--quiet']],
    ...(go ? [/** @type {const} */ (['merge of pprof: go tool pprof', [go, 'tool', 'pprof', '-proto', `-output=${out}.go.pb.gz`, ...pprof]])] : []),
    ['diff of folded: shap-flame', [...SHAP, 'diff', ...folded, '--folded', '-', '--quiet']],
    ...(perl ? [/** @type {const} */ (['diff of folded: difffolded.pl', ['perl', perl, ...folded]])] : []),
    ['node alone', [process.execPath, '-e', '0']]
  ])
  return /** @type {Map<string, string[]>} */ (all)
}

function main () {
  const { nodes, runs } = numbersFrom(process.argv.slice(2), { nodes: 1000000, runs: 3 })
  if (!fs.existsSync(TIME)) return leaveOut(`differences, for GNU time is not at ${TIME}`)
  const files = inputs(nodes)
  const all = commands(files)
  /** @type {Map<string, Cost[]>} */
  const costs = new Map([...all.keys()].map(name => [name, []]))
  for (let i = 0; i < runs; i++) for (const [name, command] of all) costs.get(name)?.push(run(command))
  const sizes = [files.pprof[0], files.folded[0]].map(file => `${digits(fs.statSync(file).size / 1e6)} MB`)
  console.log(`${machine()}; two profiles of ${nodes} nodes, pprof ${sizes[0]}, folded ${sizes[1]} each; median (min–max) of ${runs}\n`)
  /** @type {Cost | undefined} */
  let ours
  const rows = [...costs].map(([name, list]) => {
    const [cpu, wall, peak] = KINDS.map(kind => median(list.map(one => one[kind])))
    const cost = { cpu, wall, peak }
    if (name.endsWith('shap-flame')) ours = cost
    const peer = ours && name !== 'node alone' && cost !== ours ? ours : undefined
    return [name, ...KINDS.map(kind => spread(list.map(one => one[kind]))), ...KINDS.map(kind => (peer ? `${digits(cost[kind] / peer[kind])}x` : ''))]
  })
  table(['two profiles', 'CPU, s', 'wall, s', 'peak, MB', 'CPU', 'wall', 'peak'], rows)
  quoteRatios(costs, nodes)
}

/** @param {Map<string, Cost[]>} costs @param {number} nodes */
function quoteRatios (costs, nodes) {
  const ratios = (/** @type {string} */ kind, /** @type {string} */ peer, /** @type {keyof Cost} */ key) => {
    const [ours, theirs] = ['shap-flame', peer].map(name => costs.get(`${kind}: ${name}`))
    return ours && theirs && ours.map((cost, run) => cost[key] / theirs[run][key])
  }
  /** @type {[string, number[] | undefined][]} */
  const all = [
    ['diff cpu/go', ratios('diff of pprof', 'go tool pprof -diff_base', 'cpu')],
    ['diff peak/go', ratios('diff of pprof', 'go tool pprof -diff_base', 'peak')],
    ['merge cpu/go', ratios('merge of pprof', 'go tool pprof', 'cpu')],
    ['merge peak/go', ratios('merge of pprof', 'go tool pprof', 'peak')]
  ]
  for (const [name, list] of all) if (list) quote(name, list, nodes)
}

main()
