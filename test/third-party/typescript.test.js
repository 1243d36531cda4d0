'use strict'
/**
 * A TypeScript program of several files, built by the tools that people build with:
 * a profile of each build shows the functions of the sources, by their names and at
 * their lines, in every output.
 */
const assert = require('node:assert')
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const test = require('node:test')
const { read } = require('../../lib/index.js')
const { readPprof } = require('../support/read-pprof.js')

const ROOT = path.join(__dirname, '..', '..')
const SHAP = path.join(ROOT, 'bin', 'shap-flame.js')
const TSC = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
const PROJECT = path.join(__dirname, '..', 'fixtures', 'typescript')
const FILES = ['main', 'pool', 'words']
const TIMEOUT = 180000
/** What bundlers add is in no source: their helpers, of little weight. */
const HELPERS = 0.03

/** @type {[string, string, string][]} name, file, how its line begins */
const FUNCTIONS = [
  ['main', 'main', 'async function main'],
  ['Pool', 'pool', '  constructor('],
  ['keep', 'pool', '  keep('],
  ['get all', 'pool', '  get all'],
  ['later', 'pool', '  async later('],
  ['one', 'pool', '  private one ='],
  ['makeWords', 'words', 'export const makeWords'],
  ['pages', 'words', 'export function* pages'],
  ['countWords', 'words', 'export default function countWords'],
  ['build', 'words', '  build('],
  ['fill', 'words', '    return Array.from'],
  ['Base', 'words', 'export class Base'],
  ['Derived', 'words', 'export class Derived']
]

/**
 * @typedef {object} Build
 * @property {string} name
 * @property {(folder: string) => void | Promise<void>} make
 * @property {string} [entry] default: dist/main.js
 * @property {string[]} [gone] functions that its output does not have
 */

/** @param {string} folder @param {string[]} options */
function tsc (folder, ...options) {
  const common = ['--outDir', 'dist', '--module', 'commonjs', '--ignoreDeprecations', '5.0', '--strict', 'false']
  const files = [...FILES, 'padder.d'].map(file => `src/${file}.ts`)
  execFileSync(process.execPath, [TSC, ...common, ...options, ...files], { cwd: folder })
}

/** @param {string} folder @param {object} options */
function esbuild (folder, options) {
  require('esbuild').buildSync({
    absWorkingDir: folder,
    entryPoints: ['src/main.ts'],
    bundle: true,
    platform: 'node',
    sourcemap: true,
    outfile: 'dist/main.js',
    logLevel: 'silent',
    ...options
  })
}

/** @param {string} folder @param {boolean} minify */
function swc (folder, minify) {
  const { transformFileSync } = require('@swc/core')
  fs.mkdirSync(path.join(folder, 'dist'))
  for (const file of FILES) {
    const { code, map } = transformFileSync(path.join(folder, 'src', `${file}.ts`), {
      sourceMaps: true,
      sourceFileName: `../src/${file}.ts`,
      minify,
      module: { type: 'commonjs' },
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript' },
        minify: minify ? { compress: true, mangle: { toplevel: true } } : undefined
      }
    })
    fs.writeFileSync(path.join(folder, 'dist', `${file}.js`), `${code}\n//# sourceMappingURL=${file}.js.map\n`)
    fs.writeFileSync(path.join(folder, 'dist', `${file}.js.map`), map ?? '')
  }
}

/** @param {string} folder */
async function terser (folder) {
  esbuild(folder, {})
  const file = path.join(folder, 'dist', 'main.js')
  const { code, map } = await require('terser').minify(fs.readFileSync(file, 'utf8'), {
    toplevel: true,
    sourceMap: { content: fs.readFileSync(`${file}.map`, 'utf8'), filename: 'main.js', url: 'main.js.map' }
  })
  fs.writeFileSync(file, code ?? '')
  fs.writeFileSync(`${file}.map`, String(map))
}

/** @type {Build[]} */
const BUILDS = [
  { name: 'tsc', make: folder => tsc(folder, '--target', 'es2022', '--sourceMap') },
  {
    name: 'tsc for ES2015, maps inline',
    make: folder => tsc(folder, '--target', 'es2015', '--inlineSourceMap', '--inlineSources'),
    // Its async functions are generators without a name, under one that allocates next to nothing.
    gone: ['main', 'later', 'one']
  },
  { name: 'esbuild', make: folder => esbuild(folder, {}) },
  { name: 'esbuild, minified', make: folder => esbuild(folder, { minify: true }) },
  {
    name: 'esbuild, a minified ES module with its map inline',
    make: folder => esbuild(folder, { minify: true, format: 'esm', outfile: 'dist/main.mjs', sourcemap: 'inline' }),
    entry: 'dist/main.mjs'
  },
  { name: 'swc', make: folder => swc(folder, false) },
  { name: 'swc, minified', make: folder => swc(folder, true) },
  { name: 'terser over esbuild', make: terser }
]

/** @type {Map<string, string>} */
const SOURCES = new Map(FILES.map(file => [file, fs.readFileSync(path.join(PROJECT, 'src', `${file}.ts`), 'utf8')]))

/** @param {string} file @param {string} begins */
function lineOf (file, begins) {
  const at = (SOURCES.get(file) ?? '').split('\n').findIndex(line => line.startsWith(begins))
  assert.ok(at >= 0, `${file}.ts has no line that begins with ${begins}`)
  return at + 1
}

for (const build of BUILDS) {
  test(`only sources: ${build.name}`, { timeout: TIMEOUT }, async t => {
    const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'shap-flame-ts-'))
    t.after(() => fs.rmSync(folder, { recursive: true, force: true }))
    fs.cpSync(path.join(PROJECT, 'src'), path.join(folder, 'src'), { recursive: true })
    fs.cpSync(path.join(PROJECT, 'padder'), path.join(folder, 'node_modules', 'padder'), { recursive: true })
    await build.make(folder)
    const outputs = ['--pprof', 'o.pb.gz', '--folded', 'o.folded', '--listing', 'o.txt', '--svg', 'o.svg']
    const run = [SHAP, '--quiet', '--interval', '256', ...outputs, build.entry ?? 'dist/main.js']
    assert.strictEqual(execFileSync(process.execPath, run, { cwd: folder, encoding: 'utf8' }), 'held 251\n')

    const profile = await read(path.join(folder, 'o.pb.gz'), { sourceMaps: false })
    const rows = profile.top(0, 'alloc_space').filter(row => row.file.startsWith(folder))
    const left = rows.filter(row => row.file.startsWith(path.join(folder, 'dist')))
    const share = left.reduce((sum, row) => sum + row.self.alloc_space, 0) / profile.total('alloc_space')
    assert.ok(share < HELPERS, `${(100 * share).toFixed(1)}% is of generated files: ${left.map(row => row.name).join(', ')}`)
    const others = rows.filter(row => !left.includes(row) && !/\/src\/\w+\.ts$|\/node_modules\/padder\/index\.js$/.test(row.file))
    assert.deepStrictEqual(others, [])

    const { functions } = readPprof(fs.readFileSync(path.join(folder, 'o.pb.gz')))
    const [folded, listing, svg] = ['o.folded', 'o.txt', 'o.svg'].map(file => fs.readFileSync(path.join(folder, file), 'utf8'))
    let drawn = 0
    for (const [name, file, begins] of FUNCTIONS) {
      if (build.gone?.includes(name)) continue
      const source = path.join(folder, 'src', `${file}.ts`)
      const line = lineOf(file, begins)
      // Newer V8s call the initializer of a class's fields as the class.
      const named = rows.filter(row => row.name === name)
      assert.deepStrictEqual([...new Set(named.map(row => row.file))], [source], name)
      const found = named.filter(row => row.line === line)
      assert.ok(found.length > 0, `${name} is at line ${named.map(row => row.line).join(', ')}, not ${line}`)
      assert.ok(functions.some(one => one.name === name && one.file === source), `pprof: ${name}`)
      const place = `${name} (${source}:${line}:${found[0].column})`
      assert.ok(folded.includes(place), `folded: ${place}`)
      const short = `${name} (src/${file}.ts:${line}:${found[0].column})`
      assert.ok(listing.includes(short), `listing: ${short}`)
      // What is too narrow for the picture is one grey block there.
      const wide = found[0].total.alloc_space > profile.total('alloc_space') / 100
      assert.ok(!wide || svg.includes(short), `svg: ${short}`)
      if (wide) drawn++
    }
    assert.ok(drawn >= 3, `the picture has ${drawn} of them`)
  })
}
