'use strict'
/**
 * What does sampling cost while it runs?
 *
 *   node test/bench/overhead.js [--runs 7] [--scale 1] [--node 26]
 *
 * Four workloads (workloads.js), each without a profiler and with each, at two
 * intervals and 64 frames, in turns, in a process of its own: user and system time of
 * all its threads, and with Linux's perf the instructions in user mode, from the
 * first round after warming up to the last. No profile is made: capture.js measures
 * that. Each ratio is to the run without a profiler in the same turn; median (min–max).
 */
const { execFileSync, spawnSync } = require('node:child_process')
const fs = require('node:fs')
const { Session } = require('node:inspector')
const os = require('node:os')
const path = require('node:path')
const v8 = require('node:v8')
const { ownLineFlags } = require('../../lib/common/v8-flags.js')
const { DATADOG, quote, leaveOut, hasDatadog, datadogFolder, median, spread, table, numbersFrom, onNode, machine } = require('./tools.js')

const DEPTH = 64
/** @type {Record<'service' | 'parser' | 'compiler' | 'buffers', number>} */
const ROUNDS = { service: 120, parser: 12, compiler: 2, buffers: 120 }
const major = Number(process.versions.node.split('.')[0])

/** @typedef {'none' | 'v8' | 'ours' | 'lines' | 'heap only' | 'datadog' | 'no inlining'} Profiler */
/** @typedef {{ label: string, profiler: Profiler, interval: number }} Contender */
/** @typedef {{ cpu: number, instructions: number }} Cost seconds; NaN where perf is missing */

/** @type {Contender[]} */
const CONTENDERS = [
  { label: 'no profiler', profiler: 'none', interval: 0 },
  ...[512, 64].flatMap(kib => [
    { label: `V8's sampler alone, ${kib}k`, profiler: /** @type {const} */ ('v8'), interval: kib * 1024 },
    { label: `shap-flame, ${kib}k`, profiler: /** @type {const} */ ('ours'), interval: kib * 1024 },
    { label: `  with --lines, ${kib}k`, profiler: /** @type {const} */ ('lines'), interval: kib * 1024 },
    { label: `  with --no-offheap, ${kib}k`, profiler: /** @type {const} */ ('heap only'), interval: kib * 1024 },
    { label: `@datadog/pprof, ${kib}k`, profiler: /** @type {const} */ ('datadog'), interval: kib * 1024 }
  ]),
  { label: 'no profiler, but --no-inlining', profiler: 'no inlining', interval: 0 }
]

/** @param {Profiler} profiler @param {number} interval */
async function startProfiler (profiler, interval) {
  if (profiler === 'datadog') require(datadogFolder()).heap.start(interval, DEPTH)
  if (profiler === 'v8') startV8(interval)
  if (!['ours', 'lines', 'heap only'].includes(profiler)) return
  await require('../..').start({ interval, depth: DEPTH, offheap: profiler !== 'heap only', lines: profiler === 'lines' })
}

/** As our sampler asks for it, without depth: the inspector has no such option. @param {number} samplingInterval */
function startV8 (samplingInterval) {
  const session = new Session()
  session.connect()
  session.post('HeapProfiler.startSampling', { samplingInterval, includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true })
}

/** Tells perf to count from now on, or no longer. @returns {(word: string) => void} */
function perfControl () {
  const { SHF_BENCH_PERF: fifos } = process.env
  if (!fifos) return () => {}
  const [out, back] = [fs.openSync(`${fifos}.ctl`, 'w'), fs.openSync(`${fifos}.ack`, 'r')]
  return word => {
    fs.writeSync(out, `${word}\n`)
    fs.readSync(back, Buffer.alloc(16))
  }
}

/** One run, in a process of its own. @param {{ name: keyof typeof ROUNDS, rounds: number, profiler: Profiler, interval: number }} how */
async function runOne ({ name, rounds, profiler, interval }) {
  const flags = profiler === 'no inlining' ? ['--no-turbo-inlining', '--no-maglev-inlining'] : profiler === 'lines' ? ownLineFlags() : []
  for (const flag of flags) v8.setFlagsFromString(flag)
  /** @type {(rounds: number) => void | Promise<void>} */
  const work = require('./workloads.js')[name]
  const control = perfControl()
  await startProfiler(profiler, interval)
  await work(Math.ceil(rounds / 2))
  control('enable')
  const before = process.cpuUsage()
  await work(rounds)
  const { user, system } = process.cpuUsage(before)
  control('disable')
  fs.writeSync(1, JSON.stringify((user + system) / 1e6))
  // Not process.exit: Node 24 does not bear a peer's sampler that still runs there.
  const { reallyExit } = /** @type {{ reallyExit: (code: number) => never }} */ (/** @type {unknown} */ (process))
  reallyExit.call(process, 0)
}

/** @param {string} folder @returns {string} start of the names of two pipes for perf; empty where it cannot count */
function findPerf (folder) {
  const fifos = path.join(folder, 'perf')
  const counted = spawnSync('perf', ['stat', '-x,', '-e', 'instructions:u', process.execPath, '-e', '0'], { encoding: 'utf8' })
  if (counted.status !== 0 || !/^\d+,/m.test(counted.stderr)) return ''
  execFileSync('mkfifo', [`${fifos}.ctl`, `${fifos}.ack`])
  return fifos
}

/** @param {object} how @param {string} fifos @returns {Cost} */
function measure (how, fifos) {
  const command = [process.execPath, __filename, 'one', JSON.stringify(how)]
  const perf = ['perf', 'stat', '-x,', '-D', '-1', '-e', 'instructions:u', '--control', `fifo:${fifos}.ctl,${fifos}.ack`]
  const [file, ...args] = fifos ? [...perf, ...command] : command
  const done = spawnSync(file, args, { encoding: 'utf8', env: { ...process.env, SHF_BENCH_PERF: fifos } })
  if (done.status !== 0) throw new Error(`${JSON.stringify(how)}: ${done.stderr}`)
  return { cpu: Number(done.stdout), instructions: fifos ? Number(/^(\d+),/m.exec(done.stderr)?.[1] ?? NaN) : NaN }
}

/** @param {string} name @param {Contender[]} contenders @param {Cost[][]} costs of each */
function report (name, contenders, costs) {
  const ratios = (/** @type {number} */ i, /** @type {keyof Cost} */ key) => {
    const list = costs[i].map((cost, run) => cost[key] / costs[0][run][key])
    return list.some(Number.isNaN) ? 'not counted' : summary(list)
  }
  const rows = contenders.map(({ label }, i) => [label, spread(costs[i].map(({ cpu }) => cpu)), i ? ratios(i, 'cpu') : '', i ? ratios(i, 'instructions') : ''])
  table([name, 'CPU, s', 'ratio', 'ratio of instructions'], rows)
  for (const [i, { profiler, interval }] of contenders.entries()) {
    const added = costs[i].map(({ instructions }, run) => 100 * (instructions / costs[0][run].instructions - 1))
    if (i && !added.some(Number.isNaN)) quote(`${name}: ${profiler}${interval ? `, ${interval / 1024}k` : ''}`, percents(added))
  }
}

/** @param {number[]} list */
function percents (list) {
  const [middle, least, most] = [median(list), Math.min(...list), Math.max(...list)].map(value => (Math.round(10 * value) / 10 + 0).toFixed(1).replace('-', '−'))
  return `${middle} (${least} to ${most})`
}

/** With a digit more than spread() has. @param {number[]} list */
function summary (list) {
  return `${median(list).toFixed(3)} (${Math.min(...list).toFixed(3)}–${Math.max(...list).toFixed(3)})`
}

function main () {
  const { runs, scale, node } = numbersFrom(process.argv.slice(2), { runs: 7, scale: 1, node: major })
  if (onNode(node)) return
  const peer = hasDatadog()
  const contenders = CONTENDERS.filter(({ profiler }) => peer || profiler !== 'datadog')
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-bench-'))
  try {
    const fifos = findPerf(folder)
    if (!fifos) leaveOut('instructions, which perf cannot count here')
    console.log(`${machine()}; @datadog/pprof ${DATADOG}; ${runs} runs each\n`)
    for (const [name, rounds] of Object.entries(ROUNDS)) {
      /** @type {Cost[][]} */
      const costs = contenders.map(() => [])
      for (let run = 0; run < runs; run++) {
        for (const [i, { profiler, interval }] of contenders.entries()) costs[i].push(measure({ name, rounds: Math.ceil(rounds * scale), profiler, interval }, fifos))
      }
      report(name, contenders, costs)
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[2] === 'one') runOne(JSON.parse(process.argv[3]))
else main()
