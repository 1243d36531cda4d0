'use strict'

/**
 * Runs every test: C units, CLI (bats), API, the package and real programs (node:test).
 * Prints only what failed, what was skipped and why, and a line for each suite. The last
 * line is `N passed, N failed`. SHF_NO_SKIP=1 makes a skipped test a failure. Two suites
 * run at a time where there are two processors; SHF_JOBS sets another number.
 *
 *   node test/run.js [c] [cli] [api] [third-party]      some suites; all by default
 */

const { spawn } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const readline = require('node:readline')

const ROOT = path.join(__dirname, '..')
/**
 * These build with all processors, write what others would pick up (lib/prebuilds), or
 * attach to what opens its inspector on Node's own port, as in the README.
 */
const ALONE = ['api/readme', 'lint/', 'install/']

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
    ...filesIn('test/api', '.test.js').map(file => suite('api', file, process.execPath, [...tap, file])),
    ...filesIn('test/exits', '.test.js').map(file => suite('exits', file, process.execPath, [...tap, file])),
    ...filesIn('test/browser', '.test.js').map(file => suite('browser', file, process.execPath, [...tap, file])),
    ...filesIn('test/lint', '.test.js').map(file => suite('lint', file, process.execPath, [...tap, file])),
    ...filesIn('test/install', '.test.js').map(file => suite('install', file, process.execPath, [...tap, file])),
    ...filesIn('test/third-party', '.test.js').map(file => suite('third-party', file, process.execPath, [...tap, file]))
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
  counts = { passed: 0, failed: 0, skipped: [] }
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

/**
 * @param {Suite} suite
 * @returns {Promise<Counts>}
 */
function runSuite ({ name, command, args }) {
  return new Promise(resolve => {
    const began = Date.now()
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
    const tap = new TapReader()
    /** @type {string[]} */
    const errors = []
    readline.createInterface({ input: child.stdout }).on('line', line => tap.read(line))
    readline.createInterface({ input: child.stderr }).on('line', line => errors.push(line))
    child.on('error', error => errors.push(error.message))
    child.on('close', code => {
      const rest = tap.end()
      const { counts } = tap
      // No result at all, or a bad end that no result explains: the suite itself failed.
      const broken = counts.failed === 0 && (code !== 0 || counts.passed + counts.skipped.length === 0)
      const said = (broken ? [...rest, ...errors] : errors).slice(-60).map(line => `  ${line}`)
      const lines = tap.failures.map(line => `  ${line}`)
      if (broken) {
        counts.failed++
        lines.push(`  ${name}: ${[command, ...args].join(' ')} ended with ${code}`)
      }
      if (counts.failed > 0) lines.push(...said)
      console.log([...lines, summary(name, counts, Date.now() - began)].join('\n'))
      resolve(counts)
    })
  })
}

/**
 * @param {string} name
 * @param {Counts} counts
 * @param {number} ms
 * @returns {string}
 */
function summary (name, { passed, failed, skipped }, ms) {
  const mark = failed > 0 ? 'FAILED' : 'ok'
  const parts = [`${passed} passed`]
  if (failed > 0) parts.push(`${failed} failed`)
  if (skipped.length > 0) parts.push(`${skipped.length} skipped`)
  return `${mark.padEnd(6)} ${name.padEnd(20)} ${parts.join(', ')} (${(ms / 1000).toFixed(1)} s)`
}

/**
 * Takes suites from the front of a list until it is empty.
 * @param {Suite[]} suites
 * @param {Counts} sum
 */
async function runInTurn (suites, sum) {
  for (let one = suites.shift(); one; one = suites.shift()) {
    const { name } = one
    const counts = await runSuite(one)
    sum.passed += counts.passed
    sum.failed += counts.failed
    sum.skipped.push(...counts.skipped.map(text => `${name}: ${text}`))
  }
}

/** @returns {number} suites at a time */
function jobs () {
  const asked = Number(process.env.SHF_JOBS)
  return Number.isInteger(asked) && asked > 0 ? asked : Math.min(2, os.availableParallelism())
}

/** @param {string[]} only names of kinds of suites */
async function main (only) {
  const suites = allSuites().filter(({ name }) => only.length === 0 || only.some(kind => name === kind || name.startsWith(`${kind}/`)))
  const alone = suites.filter(({ name }) => ALONE.some(kind => name.startsWith(kind)))
  const together = suites.filter(suite => !alone.includes(suite))
  /** @type {Counts} */
  const sum = { passed: 0, failed: 0, skipped: [] }
  await Promise.all(Array.from({ length: jobs() }, () => runInTurn(together, sum)))
  await runInTurn(alone, sum)
  tell(sum)
}

/** @param {Counts} sum */
function tell ({ passed, failed, skipped }) {
  const forbidden = process.env.SHF_NO_SKIP === '1'
  if (skipped.length > 0) {
    console.log(`\nSKIPPED, ${forbidden ? 'which SHF_NO_SKIP=1 forbids' : 'so not tested here'}:`)
    for (const line of skipped) console.log(`  ${line}`)
  }
  const bad = failed + (forbidden ? skipped.length : 0)
  const rest = !forbidden && skipped.length > 0 ? `, ${skipped.length} skipped` : ''
  if (passed + bad === 0) console.log('\nno test ran')
  console.log(`\n${passed} passed, ${bad} failed${rest}`)
  process.exitCode = bad > 0 || passed === 0 ? 1 : 0
}

main(process.argv.slice(2))
