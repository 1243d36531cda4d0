'use strict'
/** What the benchmarks share: the peer's installation, statistics, tables, memory, the report. */
const { execFileSync, spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const ROOT = path.join(__dirname, '..', '..')
const CACHE = path.join(__dirname, '..', '.cache')
const DATADOG = '5.20.0'

/** Hands something to all.js, where it is who runs us. @param {object} entry */
function hand (entry) {
  const { SHF_BENCH_REPORT: file } = process.env
  if (file) fs.appendFileSync(file, `${JSON.stringify(entry)}\n`)
}

/**
 * A figure that BENCHMARKS.md may quote.
 * @param {string} name in figures.js
 * @param {number[] | string} value of each run, or what is to be read
 * @param {number} [of] the size that it is of
 */
function quote (name, value, of) {
  hand({ name, text: typeof value === 'string' ? value : spread(value), of })
}

/** Says what is not measured, and why. @param {string} why */
function leaveOut (why) {
  console.error(`left out: ${why}`)
  hand({ leftOut: why })
}

/** @returns {boolean} whether @datadog/pprof is there, or could be installed, and runs on this Node */
function hasDatadog () {
  let why = ''
  try {
    const { status, stderr } = spawnSync(process.execPath, ['-e', 'require(process.argv[1])', datadogFolder()], { encoding: 'utf8' })
    if (status !== 0) why = stderr
  } catch (error) {
    why = String(error)
  }
  if (why) leaveOut(`@datadog/pprof ${DATADOG}: ${why.trim().split('\n').at(-1)}`)
  return !why
}

/** Installs @datadog/pprof beside the project, once. @returns {string} its folder */
function datadogFolder () {
  const prefix = path.join(CACHE, 'peers')
  const folder = path.join(prefix, 'node_modules', '@datadog', 'pprof')
  const manifest = path.join(folder, 'package.json')
  if (fs.existsSync(manifest) && JSON.parse(fs.readFileSync(manifest, 'utf8')).version === DATADOG) return folder
  fs.mkdirSync(prefix, { recursive: true })
  fs.writeFileSync(path.join(prefix, 'package.json'), '{"private":true}\n')
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--prefix', prefix]
  execFileSync('npm', [...args, `@datadog/pprof@${DATADOG}`], { stdio: ['ignore', 2, 2] })
  return folder
}

/** @param {number[]} list */
function median (list) {
  const sorted = [...list].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

/** @param {number} value */
function digits (value) {
  return value.toFixed(Math.abs(value) < 9.995 ? 2 : Math.abs(value) < 99.95 ? 1 : 0)
}

/** `median (min–max)`. @param {number[]} list */
function spread (list) {
  return `${digits(median(list))} (${digits(Math.min(...list))}–${digits(Math.max(...list))})`
}

/**
 * Prints rows in columns, the first to the left and the others to the right.
 * @param {string[]} titles
 * @param {string[][]} rows
 */
function table (titles, rows) {
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map(row => row[i].length)))
  const line = (/** @type {string[]} */ cells) => cells.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  ').trimEnd()
  console.log(line(titles))
  console.log(widths.map(width => '-'.repeat(width)).join('  '))
  for (const row of rows) console.log(line(row))
  console.log()
}

/** @param {string} key VmRSS or VmHWM @param {number | 'self'} [pid] @returns {number} MB; 0 where it is not known */
function memory (key, pid = 'self') {
  try {
    const found = new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))
    return found ? Number(found[1]) / 1000 : 0
  } catch {
    return 0
  }
}

/** Lets the kernel forget this process's highest RSS so far (Linux). */
function forgetPeak () {
  try {
    fs.writeFileSync('/proc/self/clear_refs', '5')
  } catch {
    // Elsewhere the peak is not known: 0.
  }
}

/** @param {string[]} argv @param {Record<string, number>} defaults `--name number` for each */
function numbersFrom (argv, defaults) {
  const values = { ...defaults }
  for (let i = 0; i < argv.length; i += 2) {
    const name = argv[i].replace(/^--/, '')
    const value = Number(argv[i + 1])
    if (!(name in values) || !(value > 0)) {
      console.error(`usage: ${Object.entries(defaults).map(([key, n]) => `[--${key} ${n}]`).join(' ')}`)
      process.exit(64)
    }
    values[name] = value
  }
  return values
}

/**
 * Runs this very benchmark on another Node line (see csrc/tools/node_lines.js), if one is asked for.
 * @param {number} major
 * @returns {boolean} whether it did
 */
function onNode (major) {
  if (major === Number(process.versions.node.split('.')[0])) return false
  const { nodes, missing } = require('../../csrc/tools/node_lines.js')
  const line = nodes().find(one => one.major === major)
  if (!line) throw new Error(`Node ${major}: ${missing(major)}`)
  const env = { ...process.env, SHAP_FLAME_BINDINGS: line.bindings }
  execFileSync(line.bin, process.argv.slice(1), { env, stdio: 'inherit' })
  return true
}

function machine () {
  const os = require('node:os')
  return `Node ${process.version}, ${os.cpus().length} × ${os.cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${process.platform} ${process.arch}`
}

module.exports = { ROOT, CACHE, DATADOG, quote, leaveOut, hasDatadog, datadogFolder, median, digits, spread, table, memory, forgetPeak, numbersFrom, onNode, machine }
