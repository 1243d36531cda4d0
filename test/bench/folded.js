'use strict'
/**
 * Folded stacks to SVG, beside inferno: CPU seconds of the whole process and its
 * peak memory, in turns; and what a node of the call tree takes of it, beyond
 * what the same command takes for a file of one line.
 *
 *   node test/bench/folded.js [--stacks 100000] [--runs 5]
 *
 * inferno-flamegraph (cargo install inferno --version 0.12.8) is looked for on
 * PATH, or at INFERNO; GNU time measures both. The input is made once.
 */
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { ROOT, CACHE, quote, leaveOut, median, digits, spread, table, numbersFrom, machine } = require('./tools.js')

const FRAMES = 20000
const SHALLOW = 10
const DEEP = 60
const TIME = '/usr/bin/time'

/** @typedef {{ cpu: number, peak: number, size: number }} Cost seconds, MB, MB */

/** The same numbers on every run. */
function random () {
  let state = 0x2545f491
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** @returns {string[]} */
function frameNames (next = random()) {
  const pick = (/** @type {string[]} */ words) => words[Math.floor(next() * words.length)]
  const verbs = ['parse', 'render', 'handle', 'next', 'resolve', 'transform', 'compile', 'encode', 'visit', 'walk', 'merge', 'clone']
  const nouns = ['Request', 'Response', 'Layer', 'Token', 'Node', 'Buffer', 'Stream', 'Column', 'Schema', 'Header', 'Chunk', 'Module']
  const packages = ['express', 'koa', 'lodash', 'pg', 'graphql', 'webpack', 'typescript', 'axios', '@babel/core', '@grpc/grpc-js', 'zod', 'rxjs']
  const files = ['index', 'router', 'parser', 'utils', 'stream', 'client', 'schema', 'visitor', 'runtime', 'core', 'cache', 'helpers']
  return Array.from({ length: FRAMES }, () => {
    const name = next() < 0.1 ? '(anonymous)' : pick(verbs) + pick(nouns)
    const line = 1 + Math.floor(next() * 2400)
    const kind = next()
    if (kind < 0.1) return `${name} (node:internal/${pick(files)}/${pick(files)}:${line})`
    if (kind < 0.4) return `${name} (/srv/app/src/${pick(files)}/${pick(files)}.js:${line})`
    return `${name} (/srv/app/node_modules/${pick(packages)}/lib/${pick(files)}.js:${line})`
  })
}

/**
 * Stacks of 10 to 60 frames: each grows from a node of the tree so far.
 * @param {string} file @param {number} stacks
 */
function writeInput (file, stacks) {
  const names = frameNames()
  const next = random()
  const [parents, frames, depths] = [[-1], [-1], [0]]
  const fd = fs.openSync(`${file}.part`, 'w')
  let text = ''
  for (let i = 0; i < stacks; i++) {
    let node
    do node = Math.floor(next() * parents.length); while (depths[node] >= DEEP - 1)
    const drawn = depths[node] + 1 + Math.floor(-Math.log(1 - next()) * 2)
    const depth = Math.min(DEEP, Math.max(SHALLOW, drawn))
    while (depths[node] < depth) {
      depths.push(depths[node] + 1)
      parents.push(node)
      frames.push(Math.floor(next() * FRAMES))
      node = parents.length - 1
    }
    const stack = []
    for (let at = node; at > 0; at = parents[at]) stack.push(names[frames[at]])
    text += `${stack.reverse().join(';')} ${Math.floor(64 * (1 - next()) ** -0.9)}\n`
    if (text.length < 1e6 && i + 1 < stacks) continue
    fs.writeSync(fd, text)
    text = ''
  }
  fs.closeSync(fd)
  fs.renameSync(`${file}.part`, file)
  return parents.length
}

/** @param {number} stacks @returns {{ file: string, nodes: number }} */
function inputOf (stacks) {
  const file = path.join(CACHE, `stacks-${stacks}.folded`)
  const count = `${file}.nodes`
  fs.mkdirSync(CACHE, { recursive: true })
  if (!fs.existsSync(file) || !fs.existsSync(count)) {
    console.error(`making ${file}`)
    fs.writeFileSync(count, `${writeInput(file, stacks)}\n`)
  }
  return { file, nodes: Number(fs.readFileSync(count, 'utf8')) }
}

/** @returns {string} a file of one line */
function oneLine () {
  const file = path.join(CACHE, 'stacks-1.folded')
  fs.writeFileSync(file, 'main;parse 1\n')
  return file
}

/** @param {string[]} command @param {string} svg @returns {Cost} */
function run (command, svg) {
  const out = fs.openSync(svg, 'w')
  const done = spawnSync(TIME, ['-f', '%U %S %M', ...command], { stdio: ['ignore', out, 'pipe'], encoding: 'utf8' })
  fs.closeSync(out)
  const [user, system, peak] = (done.stderr ?? '').trim().split('\n').at(-1)?.split(' ').map(Number) ?? []
  if (done.status !== 0 || !Number.isFinite(peak)) throw new Error(`${command.join(' ')}: ${done.error ?? done.stderr}`)
  return { cpu: user + system, peak: peak * 1024 / 1e6, size: fs.statSync(svg).size / 1e6 }
}

/** @returns {string | undefined} */
function findInferno () {
  const { INFERNO, PATH = '' } = process.env
  const places = INFERNO ? [INFERNO] : PATH.split(path.delimiter).map(folder => path.join(folder, 'inferno-flamegraph'))
  const found = places.find(file => fs.existsSync(file))
  if (!found) leaveOut(`inferno-flamegraph, which is not ${INFERNO ? `at ${INFERNO}` : 'on PATH'} (cargo install inferno --version 0.12.8)`)
  return found
}

function main () {
  const { stacks, runs } = numbersFrom(process.argv.slice(2), { stacks: 100000, runs: 5 })
  if (!fs.existsSync(TIME)) return leaveOut(`folded stacks to SVG, for GNU time is not at ${TIME}`)
  const { file, nodes } = inputOf(stacks)
  const inferno = findInferno()
  const svg = path.join(CACHE, 'bench.svg')
  const report = (/** @type {string} */ input) => [process.execPath, path.join(ROOT, 'bin', 'shap-flame.js'), 'report', input, '--svg', '-', '--quiet']
  /** @type {Map<string, string[]>} */
  const commands = new Map([['shap-flame', report(file)], ['shap-flame, one line', report(oneLine())]])
  if (inferno) commands.set('inferno', [inferno, file])
  commands.set('node alone', [process.execPath, '-e', '0'])
  /** @type {Map<string, Cost[]>} */
  const costs = new Map([...commands.keys()].map(name => [name, []]))
  for (let i = 0; i < runs; i++) for (const [name, command] of commands) costs.get(name)?.push(run(command, svg))
  console.log(`${machine()}; ${stacks} stacks, ${digits(fs.statSync(file).size / 1e6)} MB; median (min–max) of ${runs}\n`)
  const rows = [...costs].map(([name, list]) => [
    name, spread(list.map(one => one.cpu)), spread(list.map(one => one.peak)), digits(median(list.map(one => one.size)))
  ])
  table(['folded stacks to SVG', 'CPU, s', 'peak, MB', 'SVG, MB'], rows)
  const peak = (/** @type {string} */ name) => median((costs.get(name) ?? []).map(one => one.peak))
  const each = (peak('shap-flame') - peak('shap-flame, one line')) * 1e6 / nodes
  console.log(`\n${nodes.toLocaleString('en-US')} nodes, strings included: ${digits(each)} bytes each`)
  const [ours, theirs] = ['shap-flame', 'inferno'].map(name => costs.get(name))
  for (const key of /** @type {const} */ (['cpu', 'peak', 'size'])) {
    if (ours && theirs) quote(`svg ${key}/inferno`, ours.map((cost, run) => cost[key] / theirs[run][key]), stacks)
  }
}

if (require.main === module) main()

module.exports = { inputOf, findInferno }
