'use strict'

const assert = require('node:assert')
const { readFile } = require('node:fs/promises')
const path = require('node:path')
const { fileURLToPath } = require('node:url')
const { threadId } = require('node:worker_threads')
const binding = require('../common/native.js')
const { chooseSampler, currentSampler, useSampler } = require('../sampling/choose-engine.js')
const { processMeta } = require('../common/metadata.js')
const { DEFAULT_MEMORY } = require('./sampling.js')
const { coded } = require('../common/errors.js')
const { setImmediate } = require('../common/node-originals.js')

/**
 * The five functions of sample-heap-allocations. They report live memory only.
 *
 * @typedef {{ location: string, allocations: string[], source?: string[] }} Formatted
 *
 * @typedef {object} Callsite
 * @property {number} depth
 * @property {string} name
 * @property {string} script
 * @property {number} script_id
 * @property {number} start_position
 * @property {number} line_number
 * @property {number} column_number
 * @property {{ size: number, count: number }[]} allocations
 * @property {Formatted} [formatted]
 *
 * @typedef {{ callsites: Callsite[] }} Stack
 */

/**
 * @param {number} [interval] mean bytes between samples
 * @param {number} [stack_depth] frames kept of each stack
 */
function startSampling (interval = 32, stack_depth = 6) {
  assert.equal(typeof interval, 'number', 'First parameter "interval" needs to be a number')
  assert.equal(typeof stack_depth, 'number', 'Second parameter "stack_depth" needs to be a number')
  assert.ok(interval >= 1, 'First parameter "interval" needs to be at least 1 byte')
  assert.ok(stack_depth >= 1, 'Second parameter "stack_depth" needs to be at least 1')
  if (currentSampler()) throw coded('RUNNING', 'a heap sampler already runs in this thread')
  const { sampler, instead } = chooseSampler()
  sampler.start({
    interval: Math.round(interval),
    // Otherwise the sampler takes one frame more, to recognize stacks that were cut.
    depth: Math.round(stack_depth),
    exactDepth: true,
    alloc: false,
    inuse: true,
    maxMemory: DEFAULT_MEMORY,
    thread: threadId
  })
  useSampler(sampler)
  if (instead) process.emitWarning(instead, { code: 'SHAP_FLAME_ENGINE' })
}

function stopSampling () {
  currentSampler()?.stop()
}

/** @returns {Uint8Array | undefined} undefined if sampling is not running */
function captureBytes () {
  return currentSampler()?.capture({ gc: false, meta: processMeta() })
}

/** @param {(callsite: Callsite) => void} cb called with each callsite, outer ones first */
function visitAllocationProfile (cb) {
  assert.equal(typeof cb, 'function', 'First parameter "cb" needs to be a function')
  const bytes = captureBytes()
  if (bytes) binding.core().visit(bytes).forEach(callsite => cb(callsite))
}

/** @returns {Stack[]} stacks with allocations, outermost callsite first */
function collectAllocations () {
  const bytes = captureBytes()
  return bytes ? binding.core().callsites(bytes) : []
}

/**
 * @param {string} script
 * @returns {string | undefined} the path of a script that is a file on disk
 */
function scriptPath (script) {
  if (path.isAbsolute(script)) return script
  if (!script.startsWith('file:')) return undefined
  try {
    return fileURLToPath(script)
  } catch {
    return undefined
  }
}

/**
 * @param {Iterable<string>} scripts
 * @returns {Promise<Map<string, string[]>>} each readable script's lines
 */
async function readSources (scripts) {
  /** @type {Map<string, string[]>} */
  const sources = new Map()
  for (const script of new Set(scripts)) {
    const file = scriptPath(script)
    // The script may be gone, or never was a file.
    const text = file && await readFile(file, 'utf8').catch(() => undefined)
    if (text) sources.set(script, text.split(/\r?\n/))
  }
  return sources
}

/**
 * @param {Callsite} callsite
 * @param {Map<string, string[]>} sources
 * @param {number} count
 * @returns {Formatted}
 */
function format (callsite, sources, count) {
  const { script, line_number: line, column_number: column, allocations } = callsite
  /** @type {Formatted} */
  const formatted = {
    location: `${script}:${line}:${column}`,
    allocations: allocations.filter(one => one.count > 0).map(one => `${one.count} x ${one.size}`)
  }
  const lines = sources.get(script)
  if (lines && line > 0) formatted.source = lines.slice(line - 1, line - 1 + count)
  return formatted
}

/**
 * @param {Stack[]} allocations
 * @param {number} count
 */
async function formatAll (allocations, count) {
  const callsites = allocations.flatMap(stack => stack.callsites)
  const sources = await readSources(count > 0 ? callsites.map(one => one.script) : [])
  for (const callsite of callsites) callsite.formatted = format(callsite, sources, count)
}

/**
 * Adds `formatted` to each callsite.
 *
 * @param {{ allocations: Stack[], includeSourceLines?: number }} options
 *   `includeSourceLines`: source lines of each function on disk; 0: none
 * @param {(error: Error | null, allocations?: Stack[]) => void} cb called once
 */
function addFormat ({ allocations, includeSourceLines = 5 }, cb) {
  assert.ok(Array.isArray(allocations), '"allocations" needs to be an array')
  assert.equal(typeof includeSourceLines, 'number', '"includeSourceLines" needs to be a number')
  assert.equal(typeof cb, 'function', 'Second parameter "cb" needs to be a function')
  // In setImmediate: an exception of cb must not become a rejected promise.
  formatAll(allocations, includeSourceLines).then(
    () => setImmediate(cb, null, allocations),
    error => setImmediate(cb, error)
  )
}

module.exports = { startSampling, stopSampling, visitAllocationProfile, collectAllocations, addFormat }
