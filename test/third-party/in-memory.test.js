'use strict'
/**
 * Code that a program compiles while it runs, as tsx, ts-node, jest, vitest and webpack's
 * development builds do: V8 knows its map and what it calls itself, no file does.
 */
const assert = require('node:assert')
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const test = require('node:test')
const { nodes } = require('../../csrc/tools/node_lines.js')

const SHAP = path.join(__dirname, '..', '..', 'bin', 'shap-flame.js')
const ESBUILD = require.resolve('esbuild')

/**
 * What V8 holds of a script is read soon after a collection that meets it on the stack, at most every
 * 20 ms. `meet()` brings one about, so that no test waits for luck.
 */
const MEET = `globalThis.meet = () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30)
  gc()
}
`

const SOURCE = `interface Session {
  id: number
  tokens: string[]
}

type Unused = {
  a: 1
  b: 2
}

const sessions: Session[] = []

export function openSession (id: number): Session {
  const session = { id, tokens: Array.from({ length: 40 }, (_, i) => \`\${id}:\${i}\`) }
  sessions.push(session)
  return session
}
declare function meet(): void
meet()
for (let i = 0; i < 20000; i++) openSession(i)
;(globalThis as any).kept = sessions
`

/** What a runner of TypeScript does: esbuild's output goes to V8, and to no file. */
const RUNNER = `
const fs = require('node:fs')
const { transformSync } = require(${JSON.stringify(ESBUILD)})
require.extensions['.ts'] = (module, file) => {
  const options = { loader: 'ts', format: 'cjs', minifyWhitespace: true, sourcemap: process.env.MAPS && 'inline', sourcefile: file }
  module._compile(transformSync(fs.readFileSync(file, 'utf8'), options).code, file)
}
`

/** What a compiler adds stands in no line of the source. */
const HELPED = `
const fs = require('node:fs')
const { transformSync } = require(${JSON.stringify(ESBUILD)})
const helper = 'function __helper(n) { return Array.from({ length: n }, (_, i) => ({ i })) }'
require.extensions['.ts'] = (module, file) => {
  const options = { loader: 'ts', format: 'cjs', sourcemap: 'inline', sourcefile: file, banner: helper }
  module._compile(transformSync(fs.readFileSync(file, 'utf8'), options).code, file)
}
`
const HELPED_SOURCE = 'type Row = { i: number }\n\n\n\nmeet()\n;(globalThis as any).kept = [__helper(3e5), __helper(3e5)]\n'

/** What webpack's devtools eval and eval-source-map make of a module. */
const EVAL = `
const { transformSync } = require(${JSON.stringify(ESBUILD)})
const source = 'type Row = { i: number }\\n\\nexports.remember = function remember (n: number): Row[] {\\n  meet()\\n  return Array.from({ length: n }, (_, i) => ({ i }))\\n}\\n'
const options = { loader: 'ts', sourcemap: process.env.MAPS && 'inline', sourcefile: 'webpack://shop/./src/cache.ts' }
const module_ = { exports: {} }
new Function('exports', 'code', 'eval(code)')(module_.exports, transformSync(source, options).code + '\\n//# sourceURL=webpack-internal:///./src/cache.ts\\n')
global.kept = [module_.exports.remember(3e5), module_.exports.remember(3e5)]
`

/** What node:vm was given no name for is called as it calls itself; a name that it was given stays. */
const VM = `
const vm = require('node:vm')
const code = name => 'function ' + name + ' (n) { meet(); return Array.from({ length: n }, (_, i) => ({ i })) }\\n' + name
const hoards = [
  vm.runInThisContext(code('named') + '\\n//# sourceURL=rules.js', { filename: 'given.js' }),
  vm.runInThisContext(code('nameless') + '\\n//# sourceURL=rules-of-its-own.js'),
  vm.runInThisContext(code('silent'))
]
global.kept = hoards.map(hoard => hoard(4e5))
`

/** A server's module by eval: V8 collects while none of its code runs. */
const BETWEEN = `
const kept = []
const module_ = { exports: {} }
const code = 'exports.remember = function remember (kept, n) {\\n  for (let i = 0; i < n; i++) kept.push({ i, s: [i] })\\n}\\n//# sourceURL=webpack-internal:///./src/cache.ts\\n'
new Function('exports', 'code', 'eval(code)')(module_.exports, code)
let turns = 300
const timer = setInterval(() => {
  module_.exports.remember(kept, 1000)
  gc()
  if (--turns === 0) clearInterval(timer)
}, 10)
global.kept = kept
`

/** Two texts of one name, as where a module is compiled anew, each with its map. */
const TWICE = `
const { transformSync } = require(${JSON.stringify(ESBUILD)})
const body = name => 'exports.' + name + ' = function ' + name + ' (n: number) {\\n  meet()\\n  return Array.from({ length: n }, (_, i) => ({ i }))\\n}\\n'
const options = { loader: 'ts', sourcemap: 'inline', sourcefile: 'webpack://shop/./src/cache.ts' }
const compiled = source => transformSync(source, options).code + '\\n//# sourceURL=webpack-internal:///./src/cache.ts\\n'
const exported = {}
for (const source of [body('before'), 'type Row = {}\\n\\n\\n\\n' + body('after')]) new Function('exports', 'code', 'eval(code)')(exported, compiled(source))
global.kept = [exported.before(4e5), exported.after(4e5)]
`

/** @param {import('node:test').TestContext} t @param {Record<string, string>} files */
function folderOf (t, files) {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'shap-flame-memory-'))
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries({ ...files, 'meet.js': MEET })) fs.writeFileSync(path.join(folder, name), text)
  return folder
}

/**
 * @param {import('../../csrc/tools/node_lines.js').NodeLine} line
 * @param {string} cwd
 * @param {string[]} args of the program
 * @param {Record<string, string>} [env]
 * @param {string[]} [options]
 * @returns {{ folded: string, listing: string }}
 */
function profiled (line, cwd, args, env = {}, options = []) {
  const outputs = ['--folded', 'o.folded', '--listing', 'o.txt', '--source-lines', '1', '--type', 'inuse_space']
  execFileSync(line.bin, [SHAP, '--quiet', '--interval', '16k', ...outputs, ...options, '--', line.bin, '--expose-gc', '-r', './meet.js', ...args], {
    cwd,
    env: { ...process.env, SHAP_FLAME_BINDINGS: line.bindings, ...env },
    stdio: ['ignore', 'ignore', 'inherit']
  })
  const [folded, listing] = ['o.folded', 'o.txt'].map(file => fs.readFileSync(path.join(cwd, file), 'utf8'))
  return { folded, listing }
}

for (const line of nodes()) {
  test(`Node ${line.major}: TypeScript that is compiled in memory is at its source's lines`, t => {
    const cwd = folderOf(t, { 'leak.ts': SOURCE, 'runner.js': RUNNER })
    const { folded, listing } = profiled(line, cwd, ['-r', './runner.js', 'leak.ts'], { MAPS: '1' })
    assert.match(folded, new RegExp(`openSession \\(${cwd}/leak\\.ts:13:\\d+\\)`))
    assert.ok(!folded.includes('leak.ts:1:2'), 'a generated position is left')
    assert.ok(listing.includes('const session = { id,'), 'its source line is missing')
  })

  test(`Node ${line.major}: without a map it is named as generated, and no line of the source is shown`, t => {
    const cwd = folderOf(t, { 'leak.ts': SOURCE, 'runner.js': RUNNER })
    const { folded, listing } = profiled(line, cwd, ['-r', './runner.js', 'leak.ts'])
    assert.match(folded, new RegExp(`openSession \\(${cwd}/leak\\.ts \\[generated\\]:\\d+:\\d+\\)`))
    assert.ok(!/leak\.ts:\d/.test(folded), 'a generated position passes for one of the source')
    assert.ok(!listing.includes('interface Session'), 'a line that has nothing to do with it')
  })

  test(`Node ${line.major}: a helper that the compiler adds is named as generated`, t => {
    const cwd = folderOf(t, { 'leak.ts': HELPED_SOURCE, 'runner.js': HELPED })
    const { folded, listing } = profiled(line, cwd, ['-r', './runner.js', 'leak.ts'])
    assert.match(folded, new RegExp(`__helper \\(${cwd}/leak\\.ts \\[generated\\]:1:\\d+\\)`))
    assert.ok(!/│ type Row/.test(listing), 'a line that has nothing to do with it')
  })

  test(`Node ${line.major}: what eval was given is called as it calls itself, and mapped where it has a map`, t => {
    const cwd = folderOf(t, { 'app.js': EVAL })
    assert.match(profiled(line, cwd, ['app.js']).folded, /remember \(webpack-internal:\/\/\/\.\/src\/cache\.ts:\d+:\d+\)/)
    const bundled = folderOf(t, { 'app.js': EVAL.replace('sourceURL=webpack-internal:///', 'sourceURL=webpack://shop/') })
    assert.match(profiled(line, bundled, ['app.js']).folded, /remember \(webpack:\/\/shop\/\.\/src\/cache\.ts \[generated\]:\d+:\d+\)/)
    const { folded, listing } = profiled(line, cwd, ['app.js'], { MAPS: '1' })
    assert.match(folded, new RegExp(`remember \\(${cwd}/src/cache\\.ts:3:\\d+\\)`))
    assert.ok(listing.includes('return Array.from({ length: n }'), 'its source line is missing')
  })

  test(`Node ${line.major}: so is what eval was given, though no collection meets it on the stack`, t => {
    const { folded } = profiled(line, folderOf(t, { 'app.js': BETWEEN }), ['app.js'])
    assert.match(folded, /remember \(webpack-internal:\/\/\/\.\/src\/cache\.ts:1:\d+\)/)
  })

  test(`Node ${line.major}: what node:vm was given no name for is called as it calls itself`, t => {
    const { folded } = profiled(line, folderOf(t, { 'app.js': VM }), ['app.js'])
    assert.match(folded, /nameless \(rules-of-its-own\.js:1:\d+\)/)
    assert.match(folded, /named \(given\.js:1:\d+\)/)
    assert.match(folded, /silent \(evalmachine\.<anonymous>:1:\d+\)/)
  })

  test(`Node ${line.major}: of two texts of one name, no function is at a line of the other's source`, t => {
    const { folded } = profiled(line, folderOf(t, { 'app.js': TWICE }), ['app.js'])
    assert.match(folded, /before \(webpack-internal:\/\/\/\.\/src\/cache\.ts:\d+:\d+\)/)
    assert.match(folded, /after \(webpack-internal:\/\/\/\.\/src\/cache\.ts:\d+:\d+\)/)
    assert.ok(!/\(\/[^;]*src\/cache\.ts/.test(folded), 'one is mapped by the map of either')
  })

  test(`Node ${line.major}: the inspector's engine knows names and maps of code in memory`, t => {
    const engine = ['--engine', 'inspector']
    const leak = folderOf(t, { 'leak.ts': SOURCE, 'runner.js': RUNNER })
    const mapped = profiled(line, leak, ['-r', './runner.js', 'leak.ts'], { MAPS: '1' }, engine)
    assert.match(mapped.folded, new RegExp(`openSession \\(${leak}/leak\\.ts:13:\\d+\\)`))
    const plain = profiled(line, leak, ['-r', './runner.js', 'leak.ts'], {}, engine)
    assert.match(plain.folded, new RegExp(`openSession \\(${leak}/leak\\.ts \\[generated\\]:\\d+:\\d+\\)`))
    assert.ok(!/leak\.ts:\d/.test(plain.folded) && !plain.listing.includes('interface Session'), 'a line that has nothing to do with it')
    const cwd = folderOf(t, { 'app.js': EVAL.replace('const module_', 'global.module_'), 'vm.js': VM.replace('const hoards', 'global.hoards') })
    assert.match(profiled(line, cwd, ['app.js'], { MAPS: '1' }, engine).folded, new RegExp(`remember \\(${cwd}/src/cache\\.ts:3:\\d+\\)`))
    const { folded } = profiled(line, cwd, ['vm.js'], {}, engine)
    assert.match(folded, /nameless \(rules-of-its-own\.js:1:\d+\)/)
    assert.match(folded, /named \(given\.js:1:\d+\)/)
  })
}
