'use strict'

/**
 * Runs every test: C units, CLI (bats), API, exits, viewer, linters, package, third-party programs
 * (node:test). Prints only what failed, what was skipped and why, a line for each suite, and at
 * last how long each took. The last line is `N passed, N failed`.
 *
 * SHF_NO_SKIP=1: a skipped test is a failure; a whole run first builds for the other Node lines.
 * SHF_FUZZ_SECONDS=N: each fuzzer runs for so long as well.
 * SHF_JOBS=N: suites at a time; by default three, as many tests wait; one on a single processor.
 *
 *   node test/run.js [c] [cli] [api/attach] ...      some suites; all by default
 */

const { spawn } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const readline = require('node:readline')

const ROOT = path.join(__dirname, '..')
/** This one attaches to what opens its inspector on Node's own port, as in the README. */
const ALONE = ['api/readme']
/** Those that take longest, which begin first: so that no processor idles at the end. */
const LONGEST = ['fuzz/fuzz', 'install/install', 'exits/exits', 'lint/clang-tidy', 'exits/attached', 'exits/hostile-programs',
  'lint/coverage', 'lint/uninitialised', 'c', 'api/attach', 'exits/inspector', 'cli/processes', 'api/accuracy', 'cli/check',
  'api/offheap', 'api/faults', 'cli/maps', 'cli/report', 'api/attach-security', 'cli/snapshots', 'browser/viewer',
  'api/types', 'cli/run', 'exits/snapshots', 'cli/outputs', 'third-party/programs']
/** These need no other Node line, so they run while the addons for those are built. */
const WITHOUT_NODE_LINES = ['c', 'fuzz/fuzz', 'lint/coverage', 'lint/uninitialised']
/** Folders of suites in JavaScript. */
const FOLDERS = ['api', 'exits', 'browser', 'lint', 'install', 'third-party']

/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {string} command
 * @property {string[]} args
 *
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {string[]} skipped names and reasons
 * @property {number} ms
 * @property {number} cpu milliseconds of user and system time, of all its processes that were waited for
 */

/**
 * @param {string} folder
 * @param {string} ending
 * @returns {string[]} its files, relative to the root
 */
function filesIn (folder, ending) {
  const full = path.join(ROOT, folder)
  if (!fs.existsSync(full)) return []
  return fs.readdirSync(full).filter(name => name.endsWith(ending)).sort().map(name => path.join(folder, name))
}

/** @returns {string} bats, from npm: its package has no link in node_modules/.bin everywhere */
function bats () {
  try {
    return path.join(path.dirname(require.resolve('bats/package.json')), 'bin', 'bats')
  } catch {
    return 'bats'
  }
}

/** @returns {Suite[]} */
function allSuites () {
  const tap = ['--test', '--test-reporter=tap']
  return [
    { name: 'c', command: process.env.MAKE || 'make', args: ['-s', '-C', 'test/c', 'check'] },
    ...filesIn('test/cli', '.bats').map(file => suite('cli', file, bats(), ['--tap', file])),
    ...FOLDERS.flatMap(folder => filesIn(`test/${folder}`, '.test.js').map(file => suite(folder, file, process.execPath, [...tap, file]))),
    ...(process.env.SHF_FUZZ_SECONDS ? [suite('fuzz', 'fuzz.test.js', process.execPath, [...tap, 'test/fuzz/fuzz.test.js'])] : [])
  ]
}

/**
 * @param {string} kind
 * @param {string} file
 * @param {string} command
 * @param {string[]} args
 * @returns {Suite}
 */
function suite (kind, file, command, args) {
  return { name: `${kind}/${path.basename(file).replace(/\.(bats|test\.js)$/, '')}`, command, args }
}

/**
 * Reads TAP: a result's diagnosis stands behind it (bats, node) or in front of
 * it (our C harness), so both are kept until the next result.
 */
class TapReader {
  /** @type {Counts} */
  counts = { passed: 0, failed: 0, skipped: [], ms: 0, cpu: 0 }
  /** @type {string[]} what is printed when the suite has ended */
  failures = []
  /** @type {string[]} */
  #notes = []
  /** @type {{ ok: boolean, name: string, lines: string[] } | undefined} */
  #open
  #yaml = false
  #suiteOnly = false

  /** @param {string} line */
  read (line) {
    if (/^\s*---$/.test(line)) this.#yaml = true
    const result = this.#yaml ? null : /^\s*(not )?ok \d+(?: -)? ?(.*)$/.exec(line)
    if (result) {
      this.#close()
      this.#open = { ok: !result[1], name: result[2], lines: [...this.#notes, line] }
      this.#notes = []
    } else if (this.#yaml) {
      // node:test reports a describe() as a result of its own: its tests are counted.
      if (/^\s*type: 'suite'$/.test(line)) this.#suiteOnly = true
      this.#open?.lines.push(line)
    } else if (/^# \S+_test$/.test(line)) {
      this.#close() // our C harness begins another program
    } else if (/^\s*#/.test(line)) {
      this.#note(line)
    } else if (!/^(TAP version|\s*\d+\.\.\d+|Bail out)/.test(line)) {
      this.#note(line) // what a test printed, a compiler's error
    }
    if (/^\s*\.\.\.$/.test(line)) this.#yaml = false
  }

  /** @param {string} line */
  #note (line) {
    if (this.#open && !this.#open.ok) this.#open.lines.push(line)
    else this.#notes.push(line)
  }

  #close () {
    const test = this.#open
    const only = this.#suiteOnly
    this.#open = undefined
    this.#suiteOnly = false
    if (!test || only) return
    const skip = /#\s*skip\b\s*(.*)$/i.exec(test.name)
    if (skip) {
      const name = test.name.slice(0, skip.index).trim()
      this.counts.skipped.push(skip[1] ? `${name}: ${skip[1]}` : name)
    } else if (test.ok || /#\s*todo\b/i.test(test.name)) {
      this.counts.passed++
    } else {
      this.counts.failed++
      this.failures.push(...test.lines)
    }
  }

  /** @returns {string[]} what belongs to no result */
  end () {
    this.#close()
    return this.#notes
  }
}

/** Runs its arguments, whose descriptor 3 is closed, and prints there the processor time that they took. */
const TIMED = ['-c', '"$@" 3>&-; code=$?; times >&3; exit $code', 'suite']

/**
 * @param {string} times what the shell's `times` prints: its own line, then its children's
 * @returns {number} milliseconds of user and system time
 */
function processorTime (times) {
  const all = [...times.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, rest]) => Number(minutes) * 60 + Number(rest))
  return 1000 * all.reduce((sum, value) => sum + value, 0)
}

/**
 * @param {Suite} suite
 * @returns {Promise<Counts>}
 */
function runSuite ({ name, command, args }) {
  return new Promise(resolve => {
    const began = Date.now()
    const child = spawn('/bin/sh', [...TIMED, command, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] })
    const tap = new TapReader()
    let times = ''
    /** @type {string[]} */
    const errors = []
    readline.createInterface({ input: child.stdout }).on('line', line => tap.read(line))
    readline.createInterface({ input: child.stderr }).on('line', line => errors.push(line))
    child.stdio[3]?.on('data', text => { times += text })
    child.on('error', error => errors.push(error.message))
    child.on('close', code => {
      const rest = tap.end()
      const { counts } = tap
      // No result at all, or a bad end that no result explains: the suite itself failed.
      const broken = counts.failed === 0 && (code !== 0 || counts.passed + counts.skipped.length === 0)
      const output = (broken ? [...rest, ...errors] : errors).slice(-60).map(line => `  ${line}`)
      const lines = tap.failures.map(line => `  ${line}`)
      if (broken) {
        counts.failed++
        lines.push(`  ${name}: ${[command, ...args].join(' ')} ended with ${code}`)
      }
      if (counts.failed > 0) lines.push(...output)
      counts.ms = Date.now() - began
      counts.cpu = processorTime(times)
      console.log([...lines, summary(name, counts)].join('\n'))
      resolve(counts)
    })
  })
}

/**
 * @param {string} name
 * @param {Counts} counts
 * @returns {string}
 */
function summary (name, { passed, failed, skipped, ms }) {
  const mark = failed > 0 ? 'FAILED' : 'ok'
  const parts = [`${passed} passed`]
  if (failed > 0) parts.push(`${failed} failed`)
  if (skipped.length > 0) parts.push(`${skipped.length} skipped`)
  return `${mark.padEnd(6)} ${name.padEnd(24)} ${parts.join(', ')} (${seconds(ms)})`
}

/** @param {number} ms */
function seconds (ms) {
  return `${(ms / 1000).toFixed(1)} s`
}

/** @param {string} name @returns {number} place among those that begin first */
function rank (name) {
  const place = LONGEST.indexOf(name)
  return place < 0 ? LONGEST.length : place
}

/**
 * Takes suites from the front of a list until it is empty.
 * @param {Suite[]} suites
 * @param {Map<string, Counts>} done
 */
async function runInTurn (suites, done) {
  for (let next = suites.shift(); next; next = suites.shift()) done.set(next.name, await runSuite(next))
}

/** @returns {number} suites at a time */
function jobs () {
  const given = Number(process.env.SHF_JOBS)
  if (Number.isInteger(given) && given > 0) return given
  return os.availableParallelism() > 1 ? 3 : 1
}

/** A whole run that may skip nothing needs each Node line: what is missing is fetched and built. */
async function prepareNodeLines () {
  for (const args of [[], ['--arm64']]) {
    const child = spawn(process.execPath, ['csrc/tools/node_lines.js', ...args], { cwd: ROOT, stdio: ['ignore', 2, 2] })
    // Where it fails, the tests of that line do.
    await new Promise(resolve => child.once('close', resolve))
  }
}

/** @param {string[]} only names of suites, or of folders of them */
async function main (only) {
  const began = Date.now()
  const suites = allSuites().filter(({ name }) => only.length === 0 || only.some(kind => name === kind || name.startsWith(`${kind}/`)))
  const alone = suites.filter(({ name }) => ALONE.includes(name))
  const together = suites.filter(suite => !alone.includes(suite)).sort((a, b) => rank(a.name) - rank(b.name))
  const early = together.filter(({ name }) => WITHOUT_NODE_LINES.includes(name))
  const later = together.filter(suite => !early.includes(suite))
  /** @type {Map<string, Counts>} */
  const done = new Map()
  const prepared = process.env.SHF_NO_SKIP === '1' && only.length === 0 ? prepareNodeLines() : Promise.resolve()
  const others = Array.from({ length: jobs() - 1 }, async () => {
    await runInTurn(early, done)
    await prepared
    await runInTurn(later, done)
  })
  await prepared
  await runInTurn(later, done)
  await runInTurn(early, done)
  await Promise.all(others)
  await runInTurn(alone, done)
  if (done.size > 1) printTimes(done, Date.now() - began)
  printSum(done)
}

/** @param {Map<string, Counts>} done @param {number} ms of the whole run */
function printTimes (done, ms) {
  const row = (/** @type {number} */ wall, /** @type {number} */ cpu, /** @type {string} */ name) =>
    console.log(`${seconds(wall).padStart(10)}${seconds(cpu).padStart(10)}  ${name}`)
  console.log('\nTime by suite, longest first, and processor time (user and system):')
  for (const [name, counts] of [...done].sort(([, a], [, b]) => b.ms - a.ms)) row(counts.ms, counts.cpu, name)
  const sums = [...done.values()].reduce(([wall, cpu], counts) => [wall + counts.ms, cpu + counts.cpu], [0, 0])
  row(sums[0], sums[1], `all suites, in ${seconds(ms)}`)
}

/** @param {Map<string, Counts>} done */
function printSum (done) {
  const forbidden = process.env.SHF_NO_SKIP === '1'
  const skipped = [...done].flatMap(([name, counts]) => counts.skipped.map(text => `${name}: ${text}`))
  if (skipped.length > 0) {
    console.log(`\nSKIPPED, ${forbidden ? 'which SHF_NO_SKIP=1 forbids' : 'so not tested here'}:`)
    for (const line of skipped) console.log(`  ${line}`)
  }
  let [passed, bad] = [0, forbidden ? skipped.length : 0]
  for (const counts of done.values()) {
    passed += counts.passed
    bad += counts.failed
  }
  const rest = !forbidden && skipped.length > 0 ? `, ${skipped.length} skipped` : ''
  if (passed + bad === 0) console.log('\nno test ran')
  console.log(`\n${passed} passed, ${bad} failed${rest}`)
  process.exitCode = bad > 0 || passed === 0 ? 1 : 0
}

main(process.argv.slice(2))
