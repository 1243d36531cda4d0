'use strict'

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, afterEach, test } = require('node:test')

const shap = require('../../lib/index.js')
const { functionName } = require('../../lib/sources/function-names.js')

const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'shap-flame-maps-'))
const SOURCE = path.join(folder, 'src', 'app.ts')

after(() => fs.rmSync(folder, { recursive: true, force: true }))
afterEach(() => shap.stop())

// Line 1 is the source's line 6; line 2 its line 7.
const MAP = { version: 3, sources: ['src/app.ts'], names: [], mappings: 'AAKA;AACA' }

/**
 * @param {string} name
 * @param {object | string} map
 * @returns {Buffer} a profile of a function in a file with that map
 */
function profiled (name, map) {
  const file = path.join(folder, name)
  fs.writeFileSync(file, `exports.keep = () => Array.from({ length: 2000 }, (_, i) => new Array(200).fill(i))\n//# sourceMappingURL=${name}.map\n`)
  fs.writeFileSync(`${file}.map`, typeof map === 'string' ? map : JSON.stringify(map))
  return Buffer.from(`keep (${file}:1:16) 64\n`)
}

test('read() maps to sources, or keeps generated positions if asked', async () => {
  const input = profiled('read.js', MAP)
  const mapped = await shap.read(input)
  assert.deepEqual(mapped.top(1).map(({ name, file, line, column }) => [name, file, line, column]), [['keep', SOURCE, 6, 1]])
  const plain = await shap.read(input, { sourceMaps: false })
  assert.equal(plain.top(1)[0].file, path.join(folder, 'read.js'))
  assert.deepEqual(await plain.mapSources(), [])
  assert.equal(plain.top(1)[0].file, SOURCE)
})

/** Line 8 calls hit(), line 10 on one line of its own function. */
const TYPED = `interface Row {
  id: number
}
declare function hit (row: Row): Row[]

export function rows (count: number): Row[] {
  const all: Row[] = []
  all.push(...hit({ id: count }))
  return all }
export const short = (row: Row): Row[] => hit(row)
`

/** @type {Record<string, () => { code: string, map: string }>} */
const COMPILERS = {
  esbuild: () => require('esbuild').transformSync(TYPED, { loader: 'ts', sourcemap: 'external', sourcefile: 'calls.ts' }),
  swc: () => require('@swc/core').transformSync(TYPED, { filename: 'calls.ts', sourceMaps: true, jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }),
  tsc: () => {
    const ts = require('typescript')
    const { outputText, sourceMapText } = ts.transpileModule(TYPED, { fileName: 'calls.ts', compilerOptions: { sourceMap: true, target: ts.ScriptTarget.ES2022 } })
    return { code: outputText, map: sourceMapText }
  },
  'esbuild, minified': () => require('esbuild').transformSync(TYPED, { loader: 'ts', minify: true, sourcemap: 'external', sourcefile: 'calls.ts' })
}

for (const [name, compile] of Object.entries(COMPILERS)) {
  test(`lines of calls are those of the source: ${name}`, async () => {
    const { code, map } = compile()
    const file = path.join(folder, `${name.replace(/\W/g, '')}.js`)
    fs.writeFileSync(file, `${code}\n//# sourceMappingURL=${path.basename(file)}.map\n`)
    fs.writeFileSync(`${file}.map`, map)
    const lines = code.split('\n')
    /** @param {RegExp} text @param {number} [from] */
    const lineOf = (text, from = 0) => 1 + lines.findIndex((line, at) => at >= from && text.test(line))
    const [start, short] = [lineOf(/function \w+\(/), lineOf(/=>\s*hit\(/)]
    const call = lineOf(/\bhit\(/)
    const pprof = path.join(folder, 'calls.pb')
    const description = {
      file,
      types: [['alloc_space', 'bytes']],
      locations: [{ lines: [['rows', call, start]] }, { lines: [['rows', start + 1, start]] }, { lines: [['short', short, short]] }, { lines: [['short', short + 1, short]] }],
      samples: [{ at: [1], values: [3] }, { at: [2], values: [4] }, { at: [3], values: [5] }, { at: [4], values: [6] }]
    }
    execFileSync(process.execPath, [path.join(__dirname, '../support/write-pprof.js'), JSON.stringify(description), pprof])
    const profile = await shap.read(pprof)
    const folded = (await (await profile.group('line')).toFolded()).toString()
    const expected = name.endsWith('minified') ? [] : ['rows (FILE:7) 4', 'rows (FILE:8) 3', 'short (FILE:10) 5']
    for (const line of expected) assert.ok(folded.includes(line.replace('FILE', path.join(folder, 'calls.ts'))), `${line} is not in\n${folded}\n${code}`)
    assert.doesNotMatch(folded, /calls\.ts:(?!7\)|8\)|10\)|\d+:)/)
  })
}

test('read() accepts a folder of maps', async () => {
  const maps = path.join(folder, 'maps')
  fs.mkdirSync(maps)
  fs.writeFileSync(path.join(maps, 'far.js.map'), JSON.stringify(MAP))
  const profile = await shap.read(Buffer.from('keep (/srv/app/far.js:1:16) 64\n'), { sourceMaps: maps })
  assert.equal(profile.top(1)[0].file, '/srv/app/src/app.ts')
})

test('read() of a foreign profile reads only below the named folders', async () => {
  const input = profiled('named.js', MAP)
  const inside = await shap.read(input, { sourceRoot: [__dirname, folder] })
  assert.equal(inside.top(1)[0].file, SOURCE)
  const warned = once(process, 'warning')
  const outside = await shap.read(input, { sourceRoot: __dirname })
  assert.match((await warned)[0].message, /^1 file has a source map outside/)
  assert.equal(outside.top(1)[0].file, path.join(folder, 'named.js'))
  const listing = await (await outside.filter({ focus: 'keep' })).toListing({ sourceLines: 2 })
  assert.ok(!listing.toString().includes('Array.from'), 'a transform lost the folders')
  await assert.rejects(shap.read(input, { sourceRoot: /** @type {any} */ (1) }), { code: 'ERR_SHAP_FLAME_ARGUMENT' })
})

test('an unusable map is a process warning', async () => {
  const warned = once(process, 'warning')
  const profile = await shap.read(profiled('bad.js', 'no map'))
  const [warning] = await warned
  assert.equal(warning.code, 'SHAP_FLAME_SOURCE_MAP')
  assert.equal(warning.message, `${path.join(folder, 'bad.js')}: its source map is not valid JSON`)
  assert.equal(profile.top(1)[0].file, path.join(folder, 'bad.js'))
})

test('capture() maps to sources if asked, or keeps generated positions', async () => {
  profiled('live.js', MAP)
  const { keep } = require(path.join(folder, 'live.js'))
  await shap.start({ interval: 4096 })
  const kept = [keep(), keep()]
  const plain = await shap.capture()
  const mapped = await shap.capture({ sourceMaps: true })
  assert.equal(kept.length, 2)
  /** @param {import('../../lib/index.js').Profile} profile */
  const files = profile => new Set(profile.top(0).map(row => row.file))
  assert.ok(files(plain).has(path.join(folder, 'live.js')))
  assert.ok(files(mapped).has(SOURCE))
  assert.ok(!files(mapped).has(path.join(folder, 'live.js')))
})

test('mapping keeps totals, types and sources, and the profile may be written meanwhile', async () => {
  const input = profiled('sums.js', MAP)
  const profile = await shap.read(input, { sourceMaps: false })
  const before = [profile.total(), profile.types, profile.sources]
  const [folded] = await Promise.all([profile.toFolded(), profile.mapSources()])
  assert.equal(folded.toString(), input.toString())
  assert.deepEqual([profile.total(), profile.types, profile.sources], before)
  profile.free()
  await assert.rejects(profile.mapSources(), { code: 'ERR_SHAP_FLAME_FREED' })
})

test('a profile without a map is not changed', async () => {
  const text = `f (${__filename}:1:1);g (node:fs:1:1);(GC) 64\nh (/srv/absent.js:1:2) 8\n`
  const profile = await shap.read(Buffer.from(text))
  assert.equal((await profile.toFolded()).toString(), text)
})

/**
 * @param {string} name what V8 calls the function
 * @param {string} generated the line, with ^ where V8 says that the function begins
 * @param {Record<number, string>} names by column
 * @param {object} [rest] of the site; `mapped` and `at` by default at the function itself
 */
function named (name, generated, names, rest = {}) {
  const column = generated.indexOf('^')
  const code = generated.replace('^', '')
  return functionName({ name, code, column, nameAt: at => names[at], mapped: column, at: { line: 0, column: 0 }, ...rest })
}

test('names come from the token in front of the function', () => {
  assert.equal(named('a', 'function a^(b){}', { 9: 'build', 11: 'rows' }), 'build')
  assert.equal(named('a', 'async function*a^(){}', { 15: 'pages' }), 'pages')
  assert.equal(named('a', 'let a=^b=>b', { 4: 'build', 6: 'rows' }), 'build')
  assert.equal(named('a', 'let a=async function^(b){}', { 4: 'build' }), 'build')
  assert.equal(named('a', 'x={a:^b=>b}', { 3: 'build' }), 'build')
  assert.equal(named('get a', 'x={get a^(){}}', { 7: 'all' }), 'get all')
  assert.equal(named('e.pad', 'e.pad=^r=>r', { 0: 'exports' }), 'exports.pad')
})

test('names of classes come from their class', () => {
  assert.equal(named('a', 'var a=^class{x=1}', { 4: 'Pool' }), 'Pool')
  assert.equal(named('a', '^class a extends b{x=1}', { 6: 'Pool', 16: 'Base' }), 'Pool')
  assert.equal(named('a', 'var a=class{m(){}constructor^(b){}}', { 4: 'Pool' }), 'Pool')
  assert.equal(named('a', 'class a{}class b{}class a{constructor^(b){}}', { 6: 'No', 24: 'Pool' }), 'Pool')
})

test('constructors and fields of a class that the map does not name are of the class around', () => {
  const source = ['export class Pool {', '  kept = []', '  constructor(size) {', '  }', '}']
  assert.equal(named('a', 'class a{kept=[];constructor^(b){}}', {}, { source, at: { line: 2, column: 2 } }), 'Pool')
  assert.equal(named('a', 'class a{^kept=[];m(){}}', {}, { source, at: { line: 1, column: 2 } }), 'Pool')
  assert.equal(named('a', 'class a{^kept=[];m(){}}', { 6: 'Store' }, { source, at: { line: 1, column: 2 } }), 'Store')
  assert.equal(named('a', 'class a extends b^{kept=[]}', {}, { source, at: { line: 0, column: 7 } }), 'Pool')
  assert.equal(named('Pool', 'class Pool{^kept=[]}', {}, { source, at: { line: 1, column: 2 } }), 'Pool')
})

test('names of parameters, callees and surrounding functions are not used', () => {
  assert.equal(named('', 'x.map(^b=>b)', { 2: 'map', 6: 'row' }), '')
  assert.equal(named('n', 'x.map(^b=>b)', { 2: 'map', 6: 'row' }), 'n')
  assert.equal(named('a', 'xa(^b=>b)', { 1: 'wrong' }), 'a')
  assert.equal(named('a', 'function a^(b){}', { 9: 'no name' }), 'a')
  assert.equal(named('<static_initializer>', 'class a{^static b=1}', { 8: 'static' }), '<static_initializer>')
})

test('names that a minifier dropped come from the source at the mapped position', () => {
  /** @param {string} text */
  const at = text => ({ source: [text.replace('^', '')], at: { line: 0, column: text.indexOf('^') } })
  assert.equal(named('', 'x(function^(){})', {}, { mapped: 2, ...at('x(^function fill(row) {})') }), 'fill')
  assert.equal(named('', 'x(^()=>1)', {}, at('export const build: Maker<(a: number) => void> = ^() => 1')), 'build')
  assert.equal(named('o', '^class o{}', {}, at('export ^class Base {}')), 'Base')
  assert.equal(named('', 'x(^()=>1)', {}, at('  return call(^() => 1)')), '')
  assert.equal(named('', 'x(^()=>1)', {}, at('  call(a, b == ^() => 1)')), '')
  assert.equal(named('e', 'x(^()=>1)', {}, { ...at('^function other() {}'), mapped: 0 }), 'e', 'the mapping of what is around')
  assert.equal(named('build', 'x(^()=>1)', {}, at('const other = build = ^() => 1')), 'build', 'V8\'s own name is in the source')
})

/**
 * @param {number} functions
 * @param {(name: string, at: number) => string} find
 * @returns {number} milliseconds that it takes, of a few tries the least
 */
function fastest (functions, find) {
  const tries = Array.from({ length: 3 }, () => {
    const begun = performance.now()
    for (let i = 0; i < functions; i++) find(`a${i}`, i)
    return performance.now() - begun
  })
  return Math.min(...tries)
}

test('many constructors in one source take little more time than one', () => {
  const lines = Array.from({ length: 20000 }, (_, i) => `const value${i} = compute(${i})`)
  /** @param {string} name @param {number} i */
  const find = (name, i) => named(name, `class ${name}{constructor^(){}}`, {}, { source: [...lines], at: { line: 19990, column: 0 } }) + i
  const one = fastest(1, find)
  const source = [...lines]
  const many = fastest(400, (name, i) => (
    named(name, `class ${name}{constructor^(){}}`, {}, { source, at: { line: 19990 - i % 7, column: 0 } })
  ))
  assert.ok(many < 40 * one, `400 take ${many.toFixed(1)} ms, one ${one.toFixed(1)} ms`)
})

test('the word at the mapped place is the name where the map has none', () => {
  const { wordAt } = require('../../lib/sources/function-names.js')
  assert.equal(wordAt('export async function GET(request) {', 22), 'GET')
  assert.equal(wordAt('  #rows = () => []', 2), '#rows')
  assert.equal(wordAt('export class Pool<T> extends Base {', 13), 'Pool')
  assert.equal(wordAt('export async function GET(request) {', 0), undefined, 'a word of the language')
  assert.equal(wordAt('export async function GET(request) {', 25), undefined, 'no word')
  assert.equal(wordAt('call(row, all)', 5), undefined, 'an argument')
  assert.equal(wordAt(undefined, 5), undefined)
})
