'use strict'

/** What the README tells people to type is there. */
const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { createRequire } = require('node:module')
const { test } = require('node:test')
const { readArguments } = require('../../lib/cli/arguments.js')

const README = fs.readFileSync(path.join(__dirname, '..', '..', 'README.md'), 'utf8')

/** @returns {{ load (text: string): any } | undefined} the reader that mocha brings along */
function yamlReader () {
  try {
    return createRequire(require.resolve('mocha/package.json'))('js-yaml')
  } catch {
    return undefined
  }
}

/**
 * A shell's words, as far as the README's commands need it.
 * @param {string} line
 */
function words (line) {
  return (line.match(/'[^']*'|\S+/g) ?? []).map(word => word.replace(/^'(.*)'$/, '$1'))
}

/** @param {string} command behind `npx shap-flame` */
function understood (command) {
  const all = words(command)
  const name = ['report', 'diff', 'check'].includes(all[0]) ? all[0] : 'run'
  return readArguments(name, name === 'run' ? all : all.slice(1), {})
}

test('every command of the README is understood', () => {
  // An explanation stands behind three spaces.
  const commands = [...README.matchAll(/^ {4}npx shap-flame (.+?)(?: {3,}.*)?$/gm)].map(match => match[1])
  assert.ok(commands.length > 8)
  for (const command of commands) assert.doesNotThrow(() => understood(command), command)
})

const yaml = yamlReader()
test('the README\'s workflow is YAML whose commands are there', { skip: yaml ? false : 'js-yaml is not installed' }, () => {
  const workflows = [...README.matchAll(/```yaml\n([^]*?)```/g)].map(match => yaml?.load(match[1]))
  assert.equal(workflows.length, 1)
  const { steps } = workflows[0].jobs.heap
  const runs = steps.map((/** @type {{ run?: string }} */ step) => step.run).filter(Boolean)
  const { values, behind } = understood(runs.find((/** @type {string} */ run) => run.startsWith('npx shap-flame ')).slice('npx shap-flame '.length))
  assert.deepEqual([values.runs, values.baseline, values.saveBaseline, values.maxGrowth?.[0].maxGrowth], [3, ['heap.pb.gz'], true, 10])
  assert.deepEqual(behind, ['npm', 'test'])
  for (const step of steps) assert.ok(step.run || /^actions\/[\w/-]+@v\d+$/.test(step.uses), JSON.stringify(step))
})
