'use strict'

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')

const ROOT = path.join(__dirname, '..', '..')

/** @returns {string | undefined} the compiler, where npm installed it and Node's types */
function compiler () {
  try {
    require.resolve('@types/node/package.json')
    return path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')
  } catch {
    return undefined
  }
}

/** @param {string[]} args */
function compile (args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [/** @type {string} */ (compiler()), ...args], { cwd: ROOT, encoding: 'utf8' })
  assert.equal(stdout + stderr, '')
  assert.equal(status, 0)
}

const skip = compiler() ? false : 'typescript or @types/node is not installed'

test('the JSDoc types of lib hold', { skip }, () => {
  compile(['-p', 'lib/jsconfig.json'])
})

// With a module of their own name they are consumers as others are: by `exports`.
const CONSUMER = ['--noEmit', '--strict', '--target', 'es2022', '--types', 'node']
const WAYS = [
  ['ESM', 'usage.mts', 'node16', 'node16'],
  ['CommonJS', 'usage.cts', 'node16', 'node16'],
  ['ESM of a bundler', 'usage.mts', 'esnext', 'bundler']
]
for (const [what, file, module, resolution] of WAYS) {
  test(`a program in ${what} compiles against what the package exports`, { skip }, () => {
    compile([...CONSUMER, '--module', module, '--moduleResolution', resolution, `test/api/types/${file}`])
  })
}

test('the API\'s tests hold against index.d.ts', { skip }, () => {
  compile([
    '--noEmit', '--strict', '--allowJs', '--checkJs', '--target', 'es2022', '--module', 'node16', '--types', 'node',
    '--skipLibCheck', 'test/api/library.test.js', 'test/api/sample-heap-allocations.test.js', 'test/api/types.test.js'
  ])
})

test('index.d.ts declares exactly what index.js exports', () => {
  const text = fs.readFileSync(path.join(ROOT, 'lib', 'index.d.ts'), 'utf8')
  const declared = [...text.matchAll(/^export (?:function|class) (\w+)/gm)].map(match => match[1])
  assert.deepEqual(declared.sort(), Object.keys(require('../../lib/index.js')).sort())
})

test('Format names each format of the table', () => {
  const text = fs.readFileSync(path.join(ROOT, 'lib', 'index.d.ts'), 'utf8')
  const declared = /^export type Format = (.*)$/m.exec(text)?.[1].split(' | ').map(name => name.replaceAll('\'', ''))
  assert.deepEqual(declared, require('../../lib/formats.js').FORMATS.map((/** @type {{ name: string }} */ format) => format.name))
})

test('exactly the methods of Profile are declared', () => {
  const text = fs.readFileSync(path.join(ROOT, 'lib', 'index.d.ts'), 'utf8')
  const body = /^export class Profile \{$([\s\S]*?)^\}$/m.exec(text)?.[1] ?? ''
  const declared = [...body.matchAll(/^ {2}(?:readonly )?(\w+)(?: \(|:)/gm)].map(match => match[1])
  const { Profile } = require('../../lib/index.js')
  const real = Object.getOwnPropertyNames(Profile.prototype).filter(name => name !== 'constructor')
  assert.deepEqual([...new Set(declared)].sort(), real.sort())
})
