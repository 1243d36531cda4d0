'use strict'

/** The commands of the README and of the help pages do what these say. */
const assert = require('node:assert/strict')
const { spawn, spawnSync } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { createRequire } = require('node:module')
const { after, before, describe, test } = require('node:test')
const { readArguments } = require('../../lib/cli/arguments.js')
const { COMMANDS, TOPICS, helpText } = require('../../lib/cli/commands/help.js')
const { tables } = require('../bench/figures.js')

const ROOT = path.join(__dirname, '..', '..')
const README = fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8')

/** @returns {{ load (text: string): any } | undefined} the reader that mocha brings along */
function yamlReader () {
  try {
    return createRequire(require.resolve('mocha/package.json'))('js-yaml')
  } catch {
    return undefined
  }
}

/** @param {string} text @returns {string[]} commands that stand in it; an explanation is behind three spaces */
function commandsIn (text) {
  return [...text.matchAll(/^ {4}((?:npx |gzip .*\| )?shap-flame .+?)(?: {3,}.*)?$/gm)].map(match => match[1])
}

/** @param {string} name of a command or a topic */
const pageOf = name => fs.readFileSync(path.join(ROOT, 'lib', 'help', `${name}.md`), 'utf8')

/** @param {string} command */
const examplesOf = command => commandsIn(/^## Examples$([^]*?)^## /m.exec(pageOf(command))?.[1] ?? '')

/** Options in the pages that are Node's. */
const NODE_FLAGS = ['--disable-sigusr1', '--permission', '--allow-addons', '--allow-fs-read', '--experimental-async-context-frame']

/** A program that allocates, ends, and has a file of its own for limits. */
const APP = `
'use strict'
const cache = require('./src/cache.js')
function churn () { let last; for (let i = 0; i < 2e5; i++) last = { i, k: [i, i] }; return last }
churn()
cache.retain(2e4)
`
const CACHE = `
'use strict'
const kept = []
exports.retain = count => { for (let i = 0; i < count; i++) kept.push({ i, text: [i] }) }
`
const SERVER = 'setInterval(() => Array.from({ length: 1e4 }, (_, i) => ({ i })), 5); console.log("up")'

describe('every example', () => {
  /** @type {string} */
  let folder
  /** @type {NodeJS.ProcessEnv} */
  let env
  /** @type {import('node:child_process').ChildProcess} */
  let server

  /** @param {string} command */
  const shell = command => spawnSync('sh', ['-c', command], { cwd: folder, env, encoding: 'utf8' })

  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-examples-'))
    const bin = path.join(folder, 'bin')
    for (const name of ['bin', 'src', 'shap-flame']) fs.mkdirSync(path.join(folder, name))
    fs.writeFileSync(path.join(bin, 'shap-flame'), `#!/bin/sh\nexec node '${ROOT}/bin/shap-flame.js' "$@"\n`, { mode: 0o755 })
    fs.writeFileSync(path.join(bin, 'npx'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 })
    fs.writeFileSync(path.join(bin, 'npm'), '#!/bin/sh\nexec node "$1.js"\n', { mode: 0o755 })
    for (const name of ['app.js', 'test.js']) fs.writeFileSync(path.join(folder, name), APP)
    fs.writeFileSync(path.join(folder, 'server.js'), APP)
    fs.writeFileSync(path.join(folder, 'src', 'cache.js'), CACHE)
    const own = Object.entries(process.env).filter(([name]) => !/^(SHAP_FLAME_|GITHUB_)/.test(name))
    env = { ...Object.fromEntries(own), PATH: `${bin}${path.delimiter}${process.env.PATH}`, NO_COLOR: '1', SHAP_FLAME_INTERVAL: '8k' }
    assert.equal(shell('shap-flame -q --pprof old.pb.gz --folded a.folded --heapprofile chrome.heapprofile app.js').status, 0)
    for (const name of ['a', 'b', 'c', 'd', 'before', 'after', 'base', 'new', 'shap-flame/server.4711.1', 'shap-flame/server.4711.2']) {
      fs.copyFileSync(path.join(folder, 'old.pb.gz'), path.join(folder, `${name}.pb.gz`))
    }
    fs.copyFileSync(path.join(folder, 'a.folded'), path.join(folder, 'b.folded'))
    server = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'ignore'] })
    await once(/** @type {import('node:stream').Readable} */ (server.stdout), 'data')
  })

  after(() => {
    server.kill()
    fs.rmSync(folder, { recursive: true, force: true })
  })

  /** @param {string} command as it is written, run for a process that there is, and not for a minute */
  function check (command) {
    const attach = command.includes('shap-flame attach')
    const inTime = attach ? `${command.replace(/ --duration \d+/, '')} --duration 0.5`.replace(/ attach \d+/, ` attach ${server.pid}`) : command
    const { status, stdout, stderr } = shell(inTime)
    assert.equal(status, 0, `${command}\n${stdout}${stderr}`)
    assert.ok(stdout + stderr, `${command}: no output`)
    assert.doesNotMatch(stderr, /internal error|no profile|cannot be (read|written)|cannot (read|write)/)
  }

  const linux = process.platform === 'linux' ? false : 'attach needs Linux'
  for (const [where, commands] of [['the README', commandsIn(README)], ['the page of ci', commandsIn(pageOf('ci'))], ...COMMANDS.map(name => [`the page of ${name}`, examplesOf(name)])]) {
    test(`of ${where} runs`, { skip: String(where).includes('attach') && linux }, () => {
      assert.ok(commands.length > 2, `${commands.length} commands`)
      for (const command of /** @type {string[]} */ (commands)) check(command)
    })
  }

  test('of code in the README runs', () => {
    const blocks = [...README.matchAll(/```js\n([^]*?)```/g)].map(match => match[1])
    assert.equal(blocks.length, 1)
    const code = `const work = async () => require('./app.js')\nmodule.exports = (async () => {\n${blocks[0]}\n})()\n`
    fs.writeFileSync(path.join(folder, 'code.js'), code.replace("'shap-flame'", JSON.stringify(path.join(ROOT, 'lib', 'index.js'))))
    const { status, stderr } = shell('node code.js')
    assert.equal(status, 0, stderr)
    assert.match(fs.readFileSync(path.join(folder, 'work.svg'), 'utf8'), /^<\?xml|^<svg/)
  })
})

for (const command of COMMANDS) {
  test(`the help of ${command} has 80 columns at most, in colour too, and says the same`, () => {
    const plain = helpText(command)
    const color = helpText(command, { color: true })
    // eslint-disable-next-line no-control-regex
    assert.equal(color.replace(/\u001b\[\d+m/g, ''), plain)
    assert.notEqual(color, plain)
    assert.deepEqual(plain.split('\n').filter(line => line.length > 80), [])
    assert.doesNotMatch(plain, /[`#]/)
    for (const part of ['Usage', 'Examples', 'Exit status', 'Environment', 'Other']) assert.ok(plain.includes(`\n${part}\n`), part)
  })

  test(`every option that the page of ${command} names is one of its own`, () => {
    const words = [...pageOf(command).matchAll(/`(--[a-z][a-z0-9-]*)/g)].map(match => match[1]).filter(word => !NODE_FLAGS.includes(word))
    for (const word of words) assert.match(helpText(command), new RegExp(`^  (-\\w, )?${word}\\b`, 'm'))
  })
}

for (const topic of TOPICS) {
  test(`the page of ${topic} has 80 columns at most, and names options that exist`, () => {
    const page = helpText(topic)
    assert.deepEqual(page.split('\n').filter(line => line.length > 80), [])
    const known = COMMANDS.map(command => helpText(command)).join('\n')
    const words = [...pageOf(topic).matchAll(/`(--[a-z][a-z0-9-]*)/g)].map(match => match[1]).filter(word => !NODE_FLAGS.includes(word))
    for (const word of words) assert.ok(known.includes(word), word)
  })
}

for (const page of ['README.md', 'csrc/IMPLEMENTATION.md', '.github/CONTRIBUTING.md']) {
  test(`the files that ${page} names exist`, () => {
    const text = fs.readFileSync(path.join(ROOT, page), 'utf8')
    const names = [...text.matchAll(/`((?:[\w.-]+\/)+[\w.-]*)`/g)].map(match => match[1]).filter(name => !/[A-Z]{4}|^shap-flame\/$|^test\/\.cache/.test(name))
    const places = [ROOT, path.join(ROOT, 'csrc'), path.join(ROOT, 'lib'), path.dirname(path.join(ROOT, page))]
    assert.ok(names.length > 0)
    for (const name of names) assert.ok(places.some(place => fs.existsSync(path.join(place, name))), name)
  })
}

test('the README has at most 160 lines', () => {
  assert.ok(README.split('\n').length <= 161)
})

const yaml = yamlReader()
test('the workflow of `help ci` is YAML whose commands exist', { skip: yaml ? false : 'js-yaml is not installed' }, () => {
  const text = /^## A workflow.*\n\n((?:(?: {4}.*)?\n)+)/m.exec(pageOf('ci'))?.[1] ?? ''
  assert.ok(yaml)
  const { steps } = yaml.load(text.replace(/^ {4}/gm, '')).jobs.heap
  const runs = steps.map((/** @type {{ run?: string }} */ step) => step.run).filter(Boolean)
  const words = runs.find((/** @type {string} */ run) => run.startsWith('npx shap-flame check ')).split(/\s+/).slice(3)
  const { values, afterDashes } = readArguments('check', words, {})
  assert.deepEqual([values.runs, values.baseline, values.saveBaseline, values.maxGrowth?.[0].maxGrowth], [3, ['heap.pb.gz'], true, 10])
  assert.deepEqual(afterDashes, ['npm', 'test'])
  for (const step of steps) assert.ok(step.run || /^actions\/[\w/-]+@v\d+$/.test(step.uses), JSON.stringify(step))
})

test('the project\'s own workflow is YAML whose commands and suites are there', { skip: yaml ? false : 'js-yaml is not installed' }, () => {
  const text = fs.readFileSync(path.join(ROOT, '.github', 'workflows', 'ci.yml'), 'utf8')
  const { scripts } = require('../../package.json')
  assert.ok(yaml)
  const { jobs } = yaml.load(text)
  const steps = Object.values(jobs).flatMap(job => job.steps)
  for (const { run = '', uses } of steps) {
    if (!run) assert.match(uses, /^actions\/[\w-]+@v\d+$/)
    const script = /^npm run (\S+)$/.exec(run)?.[1]
    if (script) assert.ok(script in scripts, script)
    const [, file, rest = ''] = /^(?:node )?((?:[.\w]+\/)+[.\w]+)(.*)$/.exec(run) ?? []
    if (file) assert.ok(fs.existsSync(path.join(ROOT, file)), file)
    if (file !== 'test/run.js') continue
    for (const suite of rest.trim().split(' ')) assert.ok(fs.existsSync(path.join(ROOT, 'test', suite)), suite)
  }
  assert.deepEqual(jobs.test.strategy.matrix.node, [20, 22, 24, 26])
  assert.doesNotMatch(text, /secrets\.|registry/)
})

test('the figures are those that `npm run bench` prints, in its order', () => {
  const rows = (/** @type {string} */ text) => text.split('\n').filter(line => line.startsWith('| ')).map(line => line.split(' | '))
  const section = fs.readFileSync(path.join(ROOT, '.github', 'BENCHMARKS.md'), 'utf8')
  /** @param {string[][]} table */
  const names = table => table.map(([what, , by, other]) => [what.replace(/\d[\d,]*/g, 'N'), other ? '' : by])
  const there = rows(section)
  assert.deepEqual(names(there), names(rows(tables(new Map()))))
  for (const [what, ...cells] of there.slice(1)) {
    if (what.includes('overhead')) continue
    assert.match(cells.join(' '), /\d/, what)
  }
})
