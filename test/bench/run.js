'use strict'
/**
 * What does profiling cost a whole process?
 *
 *   node test/bench/run.js [--runs 7] [--interval 65536] [--requests 4000] [--node 26]
 *
 * The same work without a profiler and with each, from start to exit with the
 * profile written, in turns (A B C A B C …). Seconds of wall clock, and the
 * highest RSS of the largest process; median with (min–max).
 */
const { spawn } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { ROOT, DATADOG, hasDatadog, median, digits, spread, table, memory, numbersFrom, onNode, machine } = require('./tools.js')

const WORK = path.join(__dirname, 'work.js')
const PEER = path.join(__dirname, 'peer.js')
const SHAP = path.join(ROOT, 'bin', 'shap-flame.js')
const REGISTER = path.join(ROOT, 'lib', 'register.js')
const major = Number(process.versions.node.split('.')[0])

/** @typedef {{ label: string, args: string[], env?: Record<string, string> }} Contender */

/** @param {number} interval @param {string} folder @returns {Contender[]} */
function contenders (interval, folder) {
  const peer = (/** @type {string} */ name) => ({ SHF_BENCH_PEER: `${name},${interval},${folder}` })
  const own = ['--quiet', '--interval', String(interval)]
  const preload = { SHAP_FLAME_INTERVAL: String(interval), SHAP_FLAME_OUT_DIR: folder }
  const noGc = { ...preload, SHAP_FLAME_NO_GC: '1' }
  return [
    { label: 'no profiler', args: [] },
    { label: 'shap-flame: 4 outputs, forced GC', args: [SHAP, ...own, '--out-dir', folder] },
    { label: '  only the preload and its capture', args: ['--require', REGISTER], env: preload },
    { label: '  the same without the forced GC', args: ['--require', REGISTER], env: noGc },
    { label: '@datadog/pprof: pprof', args: ['--require', PEER], env: peer('datadog') },
    { label: 'node:inspector: .heapprofile', args: ['--require', PEER], env: peer('inspector') },
    { label: 'node --heap-prof: .heapprofile', args: ['--heap-prof', `--heap-prof-interval=${interval}`, `--heap-prof-dir=${folder}`] }
  ]
}

/** @param {number} pid @returns {number[]} the process and all below it */
function family (pid) {
  try {
    const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
    return [pid, ...children.flatMap(child => family(Number(child)))]
  } catch {
    return [pid]
  }
}

/** @param {Contender} contender @param {number} requests @returns {Promise<{ seconds: number, rss: number }>} */
async function measure ({ args, env }, requests) {
  const begin = performance.now()
  const child = spawn(process.execPath, [...args, WORK, String(requests)], { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'] })
  let rss = 0
  const timer = setInterval(() => {
    for (const pid of family(Number(child.pid))) rss = Math.max(rss, memory('VmHWM', pid))
  }, 10)
  const status = await new Promise(resolve => child.on('exit', (code, signal) => resolve(signal ?? code)))
  clearInterval(timer)
  if (status !== 0) throw new Error(`${args.join(' ')}: ended with ${status}`)
  return { seconds: (performance.now() - begin) / 1000, rss }
}

async function main () {
  const { runs, interval, requests, node } = numbersFrom(process.argv.slice(2), { runs: 7, interval: 65536, requests: 4000, node: major })
  if (onNode(node)) return
  const peer = hasDatadog()
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-bench-'))
  const all = contenders(interval, folder).filter(({ label }) => peer || !label.startsWith('@datadog'))
  /** @type {{ seconds: number[], rss: number[] }[]} */
  const figures = all.map(() => ({ seconds: [], rss: [] }))
  try {
    for (let run = -1; run < runs; run++) {
      for (const [i, contender] of all.entries()) {
        const { seconds, rss } = await measure(contender, requests)
        if (run < 0) continue // the first round warms the disk's cache
        figures[i].seconds.push(seconds)
        figures[i].rss.push(rss)
      }
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
  console.log(`${machine()}\n@datadog/pprof ${DATADOG}; one sample per ${interval} bytes, ${requests} requests, ${runs} runs each\n`)
  const base = median(figures[0].seconds)
  table(
    ['whole process', 'seconds (min–max)', 'ratio', 'RSS, MB (min–max)'],
    all.map(({ label }, i) => [label, spread(figures[i].seconds), digits(median(figures[i].seconds) / base), spread(figures[i].rss)])
  )
}

main()
