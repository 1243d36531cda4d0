'use strict'
/** What the tests of ends have in common: environments, captures, Node lines. */
const assert = require('node:assert')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { it } = require('node:test')
const { nodes, missing } = require('../../csrc/tools/node_lines.js')

const REGISTER = path.join(__dirname, '..', '..', 'lib', 'register.js')
const LABELS = path.join(__dirname, '..', 'fixtures', 'preload-labels.js')
const PATIENCE_MS = 60000

/**
 * @typedef {object} Capture
 * @property {string} state
 * @property {string} [restarts] how often sampling was begun again
 * @property {boolean} collected a collection was forced before it
 * @property {string[]} functions of the target
 * @property {Record<string, number>} alloc bytes that each of them allocated, itself
 */

// Captures are read by the core of this very Node.
if (!process.env.SHAP_FLAME_BINDINGS) {
  const own = nodes().find(line => line.major === Number(process.versions.node.split('.')[0]))
  if (own) process.env.SHAP_FLAME_BINDINGS = own.bindings
}

/**
 * @param {string} folder
 * @param {string} target whose functions are wanted
 * @returns {Promise<Capture[]>}
 */
async function readCaptures (folder, target) {
  const shap = require('../..')
  const names = fs.readdirSync(folder).filter(name => name.endsWith('.shfc'))
  return Promise.all(names.map(async name => {
    const profile = await shap.read(path.join(folder, name))
    const type = profile.types.includes('alloc_space') ? 'alloc_space' : 'inuse_space'
    const rows = profile.top(0, type).filter(row => row.file === target)
    const { state, restarts } = profile.meta
    const collected = profile.sources.some(({ gc }) => gc === 'forced')
    profile.free()
    const alloc = Object.fromEntries(rows.map(row => [row.name, row.self.alloc_space]))
    return { state, restarts, collected, alloc, functions: rows.map(row => row.name) }
  }))
}

/** @param {() => Promise<boolean> | boolean} held @param {string} what */
async function until (held, what) {
  const begun = Date.now()
  while (!(await held())) {
    if (Date.now() - begun > PATIENCE_MS) assert.fail(`never came: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

/** @returns {NodeJS.ProcessEnv} without settings of ours */
function cleanEnvironment () {
  const env = { ...process.env }
  for (const name of Object.keys(env)) if (/^(SHAP_FLAME_|NODE_)/.test(name)) delete env[name]
  return env
}

/**
 * @param {import('../../csrc/tools/node_lines.js').NodeLine} node
 * @param {string} folder for captures
 * @returns {NodeJS.ProcessEnv} in which every process samples itself
 */
function preloadEnvironment (node, folder) {
  return {
    ...cleanEnvironment(),
    // SHF_LABELS=1 runs these tests with labels.
    NODE_OPTIONS: `--require "${REGISTER}"${process.env.SHF_LABELS ? ` --require "${LABELS}"` : ''}`,
    SHAP_FLAME_BINDINGS: node.bindings,
    SHAP_FLAME_CAPTURES: folder,
    SHAP_FLAME_INTERVAL: '16k',
    SHAP_FLAME_NO_GC: '1',
    // SHAP_FLAME_LINES=1 runs these tests with lines.
    ...process.env.SHAP_FLAME_LINES && { SHAP_FLAME_LINES: process.env.SHAP_FLAME_LINES },
    SHAP_FLAME_EVERY: 'off'
  }
}

/** @param {(folder: string) => Promise<void>} use */
async function withFolder (use) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-test-'))
  try {
    await use(folder)
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
}

/**
 * @param {number} major a Node line
 * @returns {(name: string, body: (node: import('../../csrc/tools/node_lines.js').NodeLine) => Promise<void>) => void} adds a test of it
 */
function testsOf (major) {
  const node = nodes().find(line => line.major === major)
  const skip = !node && process.env.SHF_NO_SKIP !== '1' && missing(major)
  return (name, body) => {
    it(`node ${major} · ${name}`, { skip }, async () => {
      if (!node) assert.fail(missing(major))
      await body(node)
    })
  }
}

module.exports = { PATIENCE_MS, REGISTER, readCaptures, until, cleanEnvironment, preloadEnvironment, withFolder, testsOf }
