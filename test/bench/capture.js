'use strict'
/**
 * How long does a capture hold the main thread, and what does it add to memory?
 *
 *   node test/bench/capture.js [--runs 5] [--paths 9500] [--each 20] [--interval 8192] [--node 26]
 *
 * Each contender profiles the same large call tree in a process of its own, in
 * turns, so that none samples another's objects. Times are milliseconds: for which the
 * main thread ran, where it is held (Linux tells), else of the clock. Memory is MB; figures are the median of the runs with (min–max).
 */
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { ROOT, CACHE, DATADOG, quote, leaveOut, hasDatadog, datadogFolder, median, digits, spread, table, memory, forgetPeak, numbersFrom, onNode, machine } = require('./tools.js')
const { buildTree } = require('./tree.js')

const STACK = 64
const CONTENDERS = ['v8', 'ours', 'datadog', 'inspector']
const MAIN = 'held on the main thread'
const major = Number(process.versions.node.split('.')[0])

/**
 * One run's figures by name. `pause` is what the main thread pays until it has
 * what the rest is made from; `peak` the highest RSS over that at its begin.
 * @typedef {Record<string, number>} Figures
 */

const nothing = new Int32Array(new SharedArrayBuffer(4))

/** @returns {number} milliseconds that this thread ran so far; those of the clock where that is not known */
function ran () {
  Atomics.wait(nothing, 0, 0, 1) // the kernel adds up when a thread leaves its CPU
  try {
    return Number(fs.readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6
  } catch {
    return performance.now()
  }
}

/** @template T @param {() => T} work @returns {[T, number]} result, milliseconds that this thread ran */
function timed (work) {
  const begin = ran()
  const result = work()
  return [result, ran() - begin]
}

/** @template T @param {() => T} work @returns {[T, number, () => number]} result, milliseconds, RSS added at most so far */
function measured (work) {
  const before = memory('VmRSS')
  forgetPeak()
  const [result, ms] = timed(work)
  return [result, ms, () => Math.max(0, memory('VmHWM') - before)]
}

/** V8's GetAllocationProfile alone, sampling as we do. @param {() => void} build @param {number} interval @returns {Promise<Figures>} */
async function profileV8 (build, interval) {
  const probe = require(path.join(CACHE, 'build', 'probe', process.versions.modules, 'build', 'Release', 'probe.node'))
  probe.start(interval, STACK, 6)
  build()
  const [[get, nodes, samples], , peak] = measured(() => probe.get())
  const figures = { pause: get, peak: peak(), nodes, samples }
  probe.free()
  probe.stop()
  return figures
}

/** @param {() => void} build @param {number} interval @returns {Promise<Figures>} */
async function profileOurs (build, interval) {
  const shap = require('../..')
  await shap.start({ interval, depth: STACK, maxProfilerMemory: 2 ** 30 })
  build()
  const [pending, pause, peak] = measured(() => shap.capture())
  const peakHeld = peak()
  const [profile, model] = await timedAsync(() => pending)
  const peakModel = peak()
  const { pause_get_us: get, pause_copy_us: copy } = profile.meta
  const stalls = watchLoop()
  const [pprof, encode] = await timedAsync(() => profile.toPprof())
  const stall = stalls()
  const [forced, withGc] = timed(() => shap.capture({ gc: true }))
  await forced
  await shap.stop()
  const figures = { pause, peak: peakHeld, peakModel, model, encode, stall, gc: Math.max(0, withGc - pause), size: pprof.length / 1000 }
  const { nodes, samples } = profile.counts
  return { ...figures, nodes, samples, get: Number(get ?? NaN) / 1000, copy: Number(copy ?? NaN) / 1000 }
}

/** @template T @param {() => Promise<T>} work @returns {Promise<[T, number]>} */
async function timedAsync (work) {
  const begin = performance.now()
  const result = await work()
  return [result, performance.now() - begin]
}

/** Watches for how long the event loop stands still. @returns {() => number} ends it; the longest in ms */
function watchLoop () {
  let last = performance.now()
  let longest = 0
  const look = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }
  const timer = setInterval(look, 1)
  return () => {
    look()
    clearInterval(timer)
    return longest
  }
}

/** @param {() => void} build @param {number} interval @returns {Promise<Figures>} */
async function profileDatadog (build, interval) {
  const { heap, encodeSync } = require(datadogFolder())
  heap.start(interval, STACK)
  build()
  const before = memory('VmRSS')
  forgetPeak()
  const [tree, get] = timed(() => heap.v8Profile())
  const [profile, serialize] = timed(() => heap.convertProfile(tree))
  const peak = Math.max(0, memory('VmHWM') - before)
  const [pprof, encode] = timed(() => encodeSync(profile))
  heap.stop()
  return { pause: get + serialize, get, serialize, encode, peak, size: pprof.length / 1000 }
}

/** @param {() => void} build @param {number} interval @returns {Promise<Figures>} */
async function profileInspector (build, interval) {
  const { Session } = require('node:inspector')
  const session = new Session()
  session.connect()
  session.post('HeapProfiler.startSampling', { samplingInterval: interval, stackDepth: STACK })
  build()
  /** @type {any} */
  let profile
  const [, get, peak] = measured(() => session.post('HeapProfiler.getSamplingProfile', (_, got) => (profile = got.profile)))
  const figures = { pause: get, peak: peak() }
  const [text, encode] = timed(() => JSON.stringify(profile))
  return { ...figures, encode, size: text.length / 1000 }
}

/** @param {string} contender @param {Record<string, number>} how */
async function runContender (contender, { paths, each, interval }) {
  const profile = { v8: profileV8, ours: profileOurs, datadog: profileDatadog, inspector: profileInspector }[contender]
  /** @type {any} */
  let kept
  const figures = await profile?.(() => (kept = buildTree(paths, each)), interval)
  if (kept.length !== paths * each) throw new Error('the tree is not whole')
  process.stdout.write(JSON.stringify(figures))
}

/** @returns {boolean} whether the probe of V8's own part is there */
function hasProbe () {
  try {
    buildProbe()
    return true
  } catch (error) {
    leaveOut(`V8's part alone, for its probe could not be built: ${/** @type {Error} */ (error).message.split('\n')[0]}`)
    return false
  }
}

/** Builds the probe of V8's own part for the Node that runs. */
function buildProbe () {
  const build = path.join(CACHE, 'build', 'probe', process.versions.modules)
  const source = fs.readFileSync(path.join(__dirname, '../../test/bench/probe.cc'), 'utf8')
  const copy = path.join(build, 'probe.cc')
  const fresh = fs.existsSync(copy) && fs.readFileSync(copy, 'utf8') === source
  if (fresh && fs.existsSync(path.join(build, 'build', 'Release', 'probe.node'))) return
  fs.mkdirSync(build, { recursive: true })
  fs.writeFileSync(copy, source)
  fs.writeFileSync(path.join(build, 'binding.gyp'), '{"targets": [{"target_name": "probe", "sources": ["probe.cc"]}]}\n')
  const { nodeGyp, headersOf, gypEnvironment } = require('../../csrc/tools/node_lines.js')
  const headers = headersOf(process.execPath)
  const args = [nodeGyp(), 'rebuild', '--directory', build, '--loglevel', 'warn', ...(headers ? ['--nodedir', headers] : [])]
  execFileSync(process.execPath, args, { stdio: 'ignore', env: gypEnvironment() })
}

/** @param {Record<string, Figures[]>} all @param {string} contender @param {string} name */
const of = (all, contender, name) => (all[contender] ?? []).map(figures => figures[name])

/** @param {Record<string, Figures[]>} all */
function report (all) {
  const base = median(of(all, 'ours', 'pause'))
  const row = (/** @type {string} */ label, /** @type {string} */ contender, /** @type {string} */ name, /** @type {number} */ to) => {
    const list = of(all, contender, name)
    if (list.length === 0) return [label, 'left out', '']
    return [label, spread(list), `${digits(median(list) / to)}×`]
  }
  table([`${MAIN}, ms`, 'median (min–max)', 'to ours'], [
    row("V8's GetAllocationProfile alone", 'v8', 'pause', base),
    row('shap-flame capture()', 'ours', 'pause', base),
    row("  V8's part of it", 'ours', 'get', base),
    row('  the flat copy', 'ours', 'copy', base),
    row('@datadog/pprof tree + serialize', 'datadog', 'pause', base),
    row('  tree', 'datadog', 'get', base),
    row('  serialize', 'datadog', 'serialize', base),
    row('node:inspector getSamplingProfile', 'inspector', 'pause', base),
    row('apart: a forced GC (ours, gc: true)', 'ours', 'gc', base)
  ])
  const encode = median(of(all, 'ours', 'encode'))
  table(['encode and gzip, ms', 'median (min–max)', 'to ours'], [
    row('shap-flame toPprof(), other thread', 'ours', 'encode', encode),
    row('  event loop stood still meanwhile', 'ours', 'stall', encode),
    row('  before it: capture to profile', 'ours', 'model', encode),
    row('@datadog/pprof encodeSync', 'datadog', 'encode', encode),
    row('node:inspector JSON.stringify', 'inspector', 'encode', encode)
  ])
  const peak = median(of(all, 'ours', 'peak'))
  table(['added RSS at the peak, MB', 'median (min–max)', 'to ours'], [
    row("V8's GetAllocationProfile alone", 'v8', 'peak', peak),
    row('shap-flame capture()', 'ours', 'peak', peak),
    row('  until it is a profile', 'ours', 'peakModel', peak),
    row('@datadog/pprof tree + serialize', 'datadog', 'peak', peak),
    row('node:inspector getSamplingProfile', 'inspector', 'peak', peak)
  ])
  if (all.v8 && all.datadog) reportWanted(all)
  for (const peer of ['datadog', 'inspector']) {
    const theirs = of(all, peer, 'pause')
    if (theirs.length) quote(`held/${peer}`, of(all, 'ours', 'pause').map((ms, run) => ms / theirs[run]), all.ours[0].nodes)
  }
}

/**
 * Held or not, by the median and by the best run: on a busy machine the second tells more.
 * @param {Record<string, Figures[]>} all
 */
function reportWanted (all) {
  const beyond = all.ours.map(({ pause, get }) => pause - get)
  const allowed = all.ours.map(({ nodes }, i) => (0.25 * nodes + 0.1 * all.v8[i].samples) / 1000)
  const best = (/** @type {number[]} */ list) => Math.min(...list)
  const line = (/** @type {string} */ what, /** @type {number[]} */ is, /** @type {number[]} */ limit) => {
    const cell = (/** @type {(list: number[]) => number} */ pick) => `${digits(pick(is))} of ${digits(pick(limit))}${pick(is) <= pick(limit) ? '' : ' (NO)'}`
    return [what, cell(median), cell(best)]
  }
  const scaled = (/** @type {string} */ contender, /** @type {string} */ name, /** @type {number} */ by) => of(all, contender, name).map(value => value * by)
  table(['wanted at most', 'median', 'best run'], [
    line('beyond V8, ms: .25 µs/node + .1 µs/sample', beyond, allowed),
    line("pause, ms: a quarter of @datadog/pprof's", of(all, 'ours', 'pause'), scaled('datadog', 'pause', 1 / 4)),
    line("peak RSS, MB: V8's + 10", of(all, 'ours', 'peak'), of(all, 'v8', 'peak').map(value => value + 10)),
    line("encode, ms: a tenth of @datadog/pprof's", of(all, 'ours', 'encode'), scaled('datadog', 'encode', 1 / 10))
  ])
}

function main () {
  const how = numbersFrom(process.argv.slice(2), { runs: 5, paths: 9500, each: 20, interval: 8192, node: major })
  if (onNode(how.node)) return
  const without = [...(hasDatadog() ? [] : ['datadog']), ...(hasProbe() ? [] : ['v8'])]
  const contenders = CONTENDERS.filter(name => !without.includes(name))
  /** @type {Record<string, Figures[]>} */
  const all = Object.fromEntries(contenders.map(name => [name, []]))
  for (let run = 0; run < how.runs; run++) {
    for (const contender of contenders) {
      const args = ['--expose-gc', '--max-old-space-size=4096', __filename, 'contender', contender, JSON.stringify(how)]
      all[contender].push(JSON.parse(execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 2] })))
    }
  }
  const { nodes, samples } = all.ours[0]
  console.log(`${machine()}\n@datadog/pprof ${DATADOG}; ${nodes} nodes, ${samples} samples, one per ${how.interval} bytes; ${how.runs} runs each\n`)
  report(all)
}

if (process.argv[2] === 'contender') runContender(process.argv[3], JSON.parse(process.argv[4]))
else main()
