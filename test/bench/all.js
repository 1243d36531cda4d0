'use strict'
/**
 * The benchmarks, one after the other, and at the end every figure of .github/BENCHMARKS.md,
 * in its tables.
 *
 *   npm run bench [-- --quick] [NAME…]
 *
 * All but run, noise, coverage, compiled and click, which BENCHMARKS.md does not quote and which a
 * NAME asks for. A whole run takes about half an hour; --quick less than ten minutes, of
 * smaller inputs, and its figures are for looking only. What is compared with comes
 * from npm, or is left out, with a message. Ends with 1 when a benchmark failed.
 */
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { tables } = require('./figures.js')
const { ROOT, machine } = require('./tools.js')

/** Arguments as a rule, and those that make it quick. @type {Record<string, string[][]>} */
const QUOTED = {
  folded: [[], ['--stacks', '20000', '--runs', '3']],
  rounding: [[], ['--samples', '300']],
  paint: [[], ['--stacks', '2000', '--runs', '3']],
  soak: [['--seconds', '120', '--beside', '60'], ['--seconds', '20', '--beside', '10', '--segment', '10']],
  diff: [[], ['--nodes', '50000', '--runs', '2']],
  capture: [['--runs', '3'], ['--runs', '2', '--paths', '2000']],
  start: [['--runs', '21'], ['--runs', '3']],
  overhead: [['--runs', '5'], ['--runs', '1', '--scale', '0.2']]
}

/** @type {Record<string, string[][]>} */
const OTHERS = {
  run: [[], ['--runs', '1', '--requests', '1000']],
  noise: [[], ['--pairs', '2', '--scale', '0.2']],
  coverage: [[], ['--samplings', '50']],
  compiled: [[], ['--megabytes', '60']],
  click: [[], ['2000']]
}

const ALL = { ...QUOTED, ...OTHERS }

/** @typedef {{ name?: string, text: string, of?: number, leftOut?: string }} Entry what a benchmark handed over */

/** @param {string} file @returns {Entry[]} */
function entriesOf (file) {
  if (!fs.existsSync(file)) return []
  return fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map(line => JSON.parse(line))
}

/** @param {Entry[]} entries @param {boolean} quick @param {number} seconds */
function report (entries, quick, seconds) {
  const quoted = new Map(entries.map(entry => [entry.name ?? '', entry]))
  const leftOut = [...new Set(entries.flatMap(entry => entry.leftOut ?? []))]
  console.log(`The figures of .github/BENCHMARKS.md${quick ? ': but of small inputs, for looking only' : ''}\n${machine()}; ${Math.round(seconds / 60)} minutes\n`)
  console.log(`${tables(quoted)}\n`)
  for (const why of leftOut) console.log(`left out: ${why}`)
}

/**
 * @param {string[]} names
 * @param {boolean} quick
 * @param {string} handed the file that they hand their figures over in
 * @returns {string[]} those that failed
 */
function runAll (names, quick, handed) {
  const env = { ...process.env, SHF_BENCH_REPORT: handed }
  return names.filter(name => {
    const command = [path.join('test', 'bench', `${name}.js`), ...ALL[name][quick ? 1 : 0]]
    console.log(`$ node ${command.join(' ')}\n`)
    const { status } = spawnSync(process.execPath, command, { cwd: ROOT, stdio: 'inherit', env })
    console.log()
    return status !== 0
  })
}

function main () {
  const args = process.argv.slice(2)
  const quick = args.includes('--quick')
  const names = args.filter(arg => arg !== '--quick')
  const unknown = names.find(name => !(name in ALL))
  if (unknown) {
    console.error(`bench: no benchmark is called ${unknown}; there are ${Object.keys(ALL).join(', ')}, and --quick`)
    process.exit(64)
  }
  const begin = performance.now()
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-bench-'))
  const handed = path.join(folder, 'figures')
  const failed = runAll(names.length ? names : Object.keys(QUOTED), quick, handed)
  report(entriesOf(handed), quick, (performance.now() - begin) / 1000)
  fs.rmSync(folder, { recursive: true, force: true })
  if (failed.length) console.error(`bench: failed: ${failed.join(', ')}`)
  process.exitCode = failed.length ? 1 : 0
}

main()
