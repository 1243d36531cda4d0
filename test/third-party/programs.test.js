'use strict'
/**
 * Real programs, each run from its own command, unchanged, without shap-flame
 * and with it: the same output, the same end, and a profile that shows the
 * program and nothing of shap-flame.
 */
const assert = require('node:assert')
const { spawn } = require('node:child_process')
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const http = require('node:http')
const os = require('node:os')
const path = require('node:path')
const test = require('node:test')
const { readPprof } = require('../support/read-pprof.js')

const ROOT = path.join(__dirname, '..', '..')
const SHAP = path.join(ROOT, 'bin', 'shap-flame.js')
const OWN = ['bin', 'lib', 'build', 'csrc'].map(name => path.join(ROOT, name) + path.sep)
const TIMEOUT = 180000
const TOP = 20

/**
 * @typedef {object} Program
 * @property {string} name
 * @property {string[]} [needs] packages without which it is skipped
 * @property {(folder: string) => string[]} command what stands behind `node`, or behind `--`
 * @property {boolean} [other] the command is not a script: it goes behind `--`
 * @property {(folder: string) => string} [cwd] the run's own folder by default
 * @property {(folder: string) => void} [prepare]
 * @property {(child: Running) => Promise<void>} [drive] what happens while it runs
 * @property {RegExp} files where a function among the top rows comes from
 * @property {RegExp} functions names one of which is among the top rows
 * @property {number | NodeJS.Signals} end
 * @property {string[]} [makes] files in the folder to be compared
 *
 * @typedef {import('node:child_process').ChildProcess & { stdout: NodeJS.ReadableStream }} Running
 * @typedef {{ end: number | NodeJS.Signals | null, stdout: string, stderr: string, made: string[] }} Outcome
 */

/** @param {string} name @param {string} file */
const inPackage = (name, file) => path.join(packageFolder(name), file)

/** @type {Program[]} */
const PROGRAMS = [
  {
    name: 'TypeScript compiles a real file',
    needs: ['typescript', '@babel/parser'],
    prepare: folder => fs.copyFileSync(inPackage('@babel/parser', 'lib/index.js'), path.join(folder, 'parser.js')),
    command: () => [
      inPackage('typescript', 'bin/tsc'),
      '--allowJs', '--outDir', 'out', '--listEmittedFiles', 'parser.js'
    ],
    files: /\/typescript\/lib\/_tsc\.js$/,
    functions: /^(createNode|createSymbol|Node|Token|Identifier\d*|Symbol\d*|getFlowNode|parse\w*|bind\w*|create\w+)$/,
    end: 0,
    makes: ['out/parser.js']
  },
  {
    name: '@babel/parser parses its own bundle',
    needs: ['@babel/parser'],
    command: () => [inPackage('@babel/parser', 'bin/babel-parser.js'), inPackage('@babel/parser', 'lib/index.js')],
    // The package ships its source map: the bundle's functions are those of its sources.
    files: /\/@babel\/parser\/src\/[\w/-]+\.ts$/,
    functions: /^(startNode\w*|parse\w*|Node|Position|SourceLocation|State|Token|clone|createPosition|curPosition|finish\w*|next\w*)$/,
    end: 0
  },
  {
    name: 'prettier formats a large file',
    needs: ['prettier', '@babel/parser'],
    prepare: folder => fs.copyFileSync(inPackage('@babel/parser', 'lib/index.js'), path.join(folder, 'parser.js')),
    command: () => [inPackage('prettier', 'bin/prettier.cjs'), 'parser.js'],
    files: /\/prettier\/(index|plugins\/\w+|doc)\.mjs$/,
    functions: /./,
    end: 0
  },
  {
    name: 'a fastify server under load dies of SIGTERM',
    needs: ['fastify'],
    command: () => [path.join(__dirname, '..', 'fixtures', 'fastify-server.js')],
    drive: child => loadThenStop(child, 2000),
    files: /\/(fastify|find-my-way|fast-json-stringify|secure-json-parse|ajv)\/|fastify-server\.js$/,
    functions: /./,
    end: 'SIGTERM'
  },
  {
    name: 'a fastify server under load closes on SIGTERM',
    needs: ['fastify'],
    command: () => [path.join(__dirname, '..', 'fixtures', 'fastify-server.js'), 'close'],
    drive: child => loadThenStop(child, 2000),
    files: /\/(fastify|find-my-way|fast-json-stringify|secure-json-parse|ajv)\/|fastify-server\.js$/,
    functions: /./,
    end: 0
  },
  {
    name: 'mocha through npm test',
    needs: ['mocha'],
    other: true,
    command: () => ['npm', 'test'],
    cwd: () => path.join(__dirname, '..', 'fixtures', 'mocha'),
    files: /\/mocha\/words\.js$/,
    functions: /^(countWords|makeText|numberedWord)$/,
    end: 1
  },
  {
    name: 'an ES module with top-level await',
    command: () => [path.join(__dirname, '..', 'fixtures', 'top-level-await.mjs')],
    files: /top-level-await\.mjs$/,
    functions: /^keepRows$/,
    end: 0
  }
]

for (const program of PROGRAMS) {
  const absent = (program.needs ?? []).filter(name => !packageFolder(name))
  const skip = absent.length > 0 ? `npm's ${absent.join(' and ')} not installed: run npm install` : false
  if (skip && process.env.SHF_NO_SKIP === '1') test(program.name, () => assert.fail(skip))
  else test(program.name, { skip, timeout: 2 * TIMEOUT }, t => checkProgram(t, program))
}

/** @param {import('node:test').TestContext} t @param {Program} program */
async function checkProgram (t, program) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-real-'))
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }))
  const own = program.command(folder)
  const plain = await run(program, path.join(folder, 'work'), program.other ? own : [process.execPath, ...own])
  const outputs = outputsIn(path.join(folder, 'profile'))
  const options = ['--quiet', '--type', 'alloc_space', ...Object.entries(outputs).flatMap(([format, file]) => [`--${format}`, file])]
  const command = [process.execPath, SHAP, ...options, ...(program.other ? ['--'] : []), ...own]
  const profiled = await run(program, path.join(folder, 'work'), command)

  await t.test('output and exit status are the same', () => {
    assert.strictEqual(plain.end, program.end)
    assert.deepStrictEqual(profiled, plain)
  })
  await t.test('its functions are among the top rows', () => checkTop(program, outputs.json))
  await t.test('no frame of shap-flame is shown', () => checkNoOwnFrames(outputs))
  await t.test('the formats agree in totals', () => checkTotals(outputs))
}

/** @param {string} folder */
function outputsIn (folder) {
  fs.mkdirSync(folder)
  const at = (/** @type {string} */ name) => path.join(folder, name)
  return { pprof: at('p.pb.gz'), folded: at('p.folded'), listing: at('p.txt'), heapprofile: at('p.heapprofile'), json: at('p.json') }
}

/**
 * Runs a command in a fresh folder.
 * @param {Program} program
 * @param {string} folder
 * @param {string[]} command
 * @returns {Promise<Outcome>}
 */
async function run (program, folder, [command, ...args]) {
  fs.rmSync(folder, { recursive: true, force: true })
  fs.mkdirSync(folder)
  program.prepare?.(folder)
  const cwd = program.cwd?.(folder) ?? folder
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: TIMEOUT, killSignal: 'SIGKILL', env: cleanEnvironment() })
  /** @type {Buffer[]} */
  const out = []
  /** @type {Buffer[]} */
  const err = []
  child.stdout.on('data', chunk => out.push(chunk))
  child.stderr.on('data', chunk => err.push(chunk))
  const ended = new Promise(resolve => child.on('close', (code, signal) => resolve(signal ?? code)))
  await Promise.race([program.drive?.(/** @type {Running} */ (child)), ended])
  const end = /** @type {Outcome['end']} */ (await ended)
  const made = (program.makes ?? []).map(name => digest(fs.readFileSync(path.join(folder, name))))
  return { end, stdout: steady(Buffer.concat(out)), stderr: steady(Buffer.concat(err)), made }
}

/** A long text is compared by its digest; in a short one times and ports differ from run to run. @param {Buffer} text */
function steady (text) {
  if (text.length > 65536) return `${text.length} bytes, ${digest(text)}`
  return text.toString().replace(/\(?\d+ms\)?|\(\d+s\)|(?<=listening )\d+/g, '-')
}

/** @param {Buffer} bytes */
function digest (bytes) {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Without what the test runner sets for its own children. */
function cleanEnvironment () {
  const env = { ...process.env }
  delete env.NODE_TEST_CONTEXT
  delete env.NODE_OPTIONS
  return env
}

/** @param {Running} child @param {number} requests */
async function loadThenStop (child, requests) {
  const port = await new Promise(resolve => {
    child.stdout.on('data', (/** @type {Buffer} */ chunk) => {
      const found = /listening (\d+)/.exec(String(chunk))
      if (found) resolve(Number(found[1]))
    })
  })
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 })
  for (let i = 0; i < requests; i += 8) {
    await Promise.all(Array.from({ length: 8 }, (_, n) => request(agent, port, i + n)))
  }
  child.kill('SIGTERM')
  agent.destroy()
}

/** @param {http.Agent} agent @param {number} port @param {number} i @returns {Promise<void>} */
function request (agent, port, i) {
  const method = i % 2 ? 'POST' : 'GET'
  const headers = { 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const sent = http.request({ agent, port, host: '127.0.0.1', path: '/notes', method, ...(i % 2 ? { headers } : {}) }, response => {
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`))
      response.resume().on('end', resolve)
    })
    sent.on('error', reject)
    sent.end(i % 2 ? JSON.stringify({ id: i, tags: ['one', 'two', 'three'] }) : undefined)
  })
}

/** @param {Program} program @param {string} file */
function checkTop (program, file) {
  /** @type {{ name: string, file: string, self: Record<string, number> }[]} */
  const functions = JSON.parse(fs.readFileSync(file, 'utf8')).functions
  const top = functions.slice(0, TOP)
  const found = top.filter(row => program.files.test(row.file) && program.functions.test(row.name) && row.self.alloc_space > 0)
  assert.ok(found.length > 0, `top rows:\n${top.map(row => `${row.self.alloc_space} ${row.name} ${row.file}`).join('\n')}`)
}

/** @param {ReturnType<typeof outputsIn>} outputs */
function checkNoOwnFrames (outputs) {
  const { functions } = readPprof(fs.readFileSync(outputs.pprof))
  assert.ok(functions.length > 0)
  const own = functions.filter(({ file }) => OWN.some(folder => file.replace('file://', '').startsWith(folder)))
  assert.deepStrictEqual(own, [])
  for (const text of [outputs.folded, outputs.listing, outputs.heapprofile, outputs.json]) {
    const lines = fs.readFileSync(text, 'utf8').split(/[\n,]/)
    assert.deepStrictEqual(lines.filter(line => OWN.some(folder => line.includes(folder) && !line.includes('"hide"'))), [])
  }
}

/** @param {ReturnType<typeof outputsIn>} outputs */
function checkTotals (outputs) {
  const pprof = readPprof(fs.readFileSync(outputs.pprof)).totals
  const json = JSON.parse(fs.readFileSync(outputs.json, 'utf8')).totals
  const expected = json.alloc_space.value
  assert.ok(expected > 1e6, `${expected} bytes in all`)
  for (const type of Object.keys(json)) assert.strictEqual(pprof[type], json[type].value, `pprof ${type}`)
  assert.strictEqual(foldedTotal(outputs.folded), expected, 'folded')
  assert.strictEqual(heapprofileTotal(outputs.heapprofile), expected, 'heapprofile')
  const listed = /^\s*alloc_space\s+([\d,]+) bytes/m.exec(fs.readFileSync(outputs.listing, 'utf8'))
  assert.strictEqual(Number(listed?.[1].replace(/,/g, '')), expected, 'listing')
}

/** @param {string} file */
function foldedTotal (file) {
  const lines = fs.readFileSync(file, 'utf8').trimEnd().split('\n').filter(line => !line.startsWith('#'))
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

/** @param {string} file */
function heapprofileTotal (file) {
  const { head, samples } = JSON.parse(fs.readFileSync(file, 'utf8'))
  const open = [head]
  let sum = 0
  for (let node = open.pop(); node; node = open.pop()) {
    sum += node.selfSize
    open.push(...node.children)
  }
  const sampled = samples.reduce((/** @type {number} */ all, /** @type {{ size: number }} */ one) => all + one.size, 0)
  assert.strictEqual(sampled, sum, 'samples and tree of the heapprofile')
  return sum
}

/** @param {string} name @returns {string} empty where it is not installed */
function packageFolder (name) {
  const folder = path.join(ROOT, 'node_modules', name)
  return fs.existsSync(path.join(folder, 'package.json')) ? folder : ''
}
