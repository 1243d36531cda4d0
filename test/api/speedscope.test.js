'use strict'

/** speedscope's JSON, decoded and held against the folded stacks of the same profile. */

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, test } = require('node:test')
const shap = require('../../lib/index.js')

/**
 * @typedef {object} Sampled
 * @property {string} type
 * @property {string} name
 * @property {string} unit
 * @property {number} startValue
 * @property {number} endValue
 * @property {number[][]} samples
 * @property {number[]} weights
 *
 * @typedef {object} File
 * @property {string} $schema
 * @property {string} exporter
 * @property {number} activeProfileIndex
 * @property {{ frames: { name: string, file?: string, line?: number, col?: number }[] }} shared
 * @property {Sampled[]} profiles
 */

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-test-'))
after(() => fs.rmSync(folder, { recursive: true, force: true }))

/** @type {unknown[]} */
const kept = []

/** @param {number} depth */
function nest (depth) {
  kept.push(new Array(500).fill(depth))
  if (depth > 0) nest(depth - 1)
}

async function profiled () {
  await shap.start({ interval: 2048 })
  for (let i = 0; i < 200; i++) nest(i % 7)
  const profile = await shap.capture({ gc: true })
  await shap.stop()
  return profile
}

/**
 * @param {import('../../lib/index.js').Profile} profile
 * @param {import('../../lib/index.js').SampleType} [type]
 * @returns {Promise<File>}
 */
async function decoded (profile, type) {
  return JSON.parse((await profile.encode('speedscope', { type })).toString())
}

/**
 * @param {Buffer} folded
 * @returns {Map<string, number>} what each stack holds
 */
function stacksOf (folded) {
  const lines = folded.toString().split('\n').filter(Boolean)
  return new Map(lines.map(line => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]))
}

/**
 * @param {File} file
 * @param {Sampled} sampled
 * @returns {Map<string, number>} the same of a profile, by the same texts
 */
function stacksIn ({ shared }, { samples, weights }) {
  const texts = shared.frames.map(({ name, file, line, col }) => {
    const place = [file, line, col].filter(part => part !== undefined).join(':')
    return place && name !== '(root)' ? `${name} (${place})` : name.replace('(root)', 'root')
  })
  const root = shared.frames.length - 1
  /** @type {Map<string, number>} */
  const stacks = new Map()
  for (const [at, sample] of samples.entries()) {
    const stack = sample[0] === root ? '(root)' : sample.map(frame => texts[frame]).join(';')
    assert.ok(!stacks.has(stack), `${stack} stands there twice`)
    stacks.set(stack, weights[at])
  }
  return stacks
}

test('each profile has the stacks and totals of the folded output', async () => {
  const profile = await profiled()
  const file = await decoded(profile)
  assert.deepEqual(file.profiles.map(({ name }) => name), profile.types)
  for (const sampled of file.profiles) {
    const type = /** @type {import('../../lib/index.js').SampleType} */ (sampled.name)
    assert.deepEqual(stacksIn(file, sampled), stacksOf(await profile.toFolded({ type })), type)
    assert.equal(sampled.endValue, profile.total(type), type)
  }
})

test('a file conforms to the schema', async () => {
  const file = await decoded(await profiled())
  assert.equal(file.$schema, 'https://www.speedscope.app/file-format-schema.json')
  assert.match(file.exporter, /^shap-flame@\d/)
  for (const frame of file.shared.frames) {
    assert.equal(typeof frame.name, 'string')
    assert.ok(['undefined', 'string'].includes(typeof frame.file))
    for (const position of [frame.line, frame.col]) assert.ok(position === undefined || position > 0)
  }
  for (const { type, name, unit, startValue, endValue, samples, weights } of file.profiles) {
    assert.deepEqual([type, startValue], ['sampled', 0])
    assert.equal(unit, name.endsWith('_space') ? 'bytes' : 'none')
    assert.equal(samples.length, weights.length)
    assert.equal(weights.reduce((sum, weight) => sum + weight, 0), endValue)
    assert.ok(samples.flat().every(frame => frame in file.shared.frames))
  }
})

test('the requested type is shown first', async () => {
  const profile = await profiled()
  for (const type of profile.types) {
    const { activeProfileIndex, profiles } = await decoded(profile, type)
    assert.equal(profiles[activeProfileIndex].name, type)
  }
})

test('write picks speedscope for .speedscope.json, and JSON for .json', async () => {
  const profile = await shap.read(Buffer.from('a;b 5\n'))
  await profile.write(path.join(folder, 'o.speedscope.json'))
  await profile.write(path.join(folder, 'o.json'))
  assert.ok(JSON.parse(fs.readFileSync(path.join(folder, 'o.speedscope.json'), 'utf8')).shared)
  assert.equal(JSON.parse(fs.readFileSync(path.join(folder, 'o.json'), 'utf8')).version, 1)
})
