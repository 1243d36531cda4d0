'use strict'

const { pathToFileURL } = require('node:url')
const { writeCapture } = require('./capture-writer.js')
const { Budget, STEPS, STEPS_AT_END, blockSizes, guessInterval } = require('./block-sizes.js')
const { Scripts } = require('./scripts.js')

/**
 * Turns a profile of the HeapProfiler domain into a capture. The profile's arrays are of the app's
 * realm, see own-realm.js: they are read by index.
 *
 * @typedef {object} CallFrame
 * @property {string} functionName
 * @property {string} scriptId
 * @property {string} url
 * @property {number} lineNumber 0-based, -1 where it is not known
 * @property {number} columnNumber
 *
 * @typedef {object} HeapNode
 * @property {CallFrame} callFrame
 * @property {number} selfSize
 * @property {number} id
 * @property {HeapNode[]} children
 *
 * @typedef {{ size: number, nodeId: number, ordinal: number }} HeapSample `size`: size of a block times
 *   V8's rounded weight
 * @typedef {{ head: HeapNode, samples: HeapSample[] }} SamplingHeapProfile as getSamplingProfile and
 *   stopSampling answer it, under `profile`
 *
 * @typedef {object} How the profile was sampled
 * @property {number} [interval] of startSampling; undefined: it is guessed
 * @property {boolean} alloc whether samples include collected blocks; then memory in use is unknown
 * @property {number} [since] Unix time in ms
 * @property {number} [depth] frames to keep of each stack; V8 itself keeps 128
 * @property {boolean} [exactDepth] do not mark truncated stacks
 * @property {number} [pid]
 * @property {number} [thread]
 * @property {FunctionLocations} [locations] known from earlier profiles of the thread, updated by this one
 * @property {Record<string, string>} [meta] as from processMeta(); frames of scripts below `hide` are omitted
 */

/** Frames that V8's inspector keeps of a stack by default. */
const PROTOCOL_DEPTH = 128

/**
 * Positions of functions. V8 forgets them when it collects a script whose work is done, although its
 * functions are still in the profile.
 */
class FunctionLocations {
  /** Scripts reported by the debugger. */
  scripts = new Scripts()
  /** @type {Map<string, string>} */
  #names = new Map()
  /** @type {Map<string, CallFrame | undefined>} undefined if two functions of a script have the same name */
  #functions = new Map()

  /** @param {CallFrame} frame */
  #remember (frame) {
    const key = `${frame.scriptId}:${frame.functionName}`
    const known = this.#functions.get(key)
    const other = known && (known.lineNumber !== frame.lineNumber || known.columnNumber !== frame.columnNumber)
    if (!this.#functions.has(key) || other) this.#functions.set(key, other ? undefined : frame)
    if (frame.url) this.#names.set(frame.scriptId, frame.url)
  }

  /**
   * @param {CallFrame} frame
   * @returns {CallFrame} with its position, if known
   */
  complete (frame) {
    if (frame.scriptId === '0') return frame
    const located = frame.url && frame.lineNumber >= 0
    if (located) this.#remember(frame)
    const known = located ? frame : this.#functions.get(`${frame.scriptId}:${frame.functionName}`) ?? frame
    const name = known.url || (this.#names.get(frame.scriptId) ?? '')
    const url = this.scripts.nameOf(frame.scriptId, name)
    return url === known.url ? known : { ...known, url }
  }
}

/**
 * @typedef {object} Step
 * @property {HeapNode} node
 * @property {CallFrame} frame
 * @property {Step | undefined} caller
 * @property {number} depth
 * @property {boolean} ours
 */

/** Tables of functions and nodes, without duplicates. */
class Tree {
  /** @type {import('./capture-writer.js').CaptureFunction[]} */
  functions = [{ name: '(root)', script: '', scriptId: 0, line: 0, column: 0 }]
  /** @type {import('./capture-writer.js').CaptureNode[]} */
  nodes = [{ parent: -1, function: 0 }]
  /** @type {Map<string, number>} */
  #functionRows = new Map()
  /** @type {Map<number, number>[]} of each node, its children's rows by function */
  #children = [new Map()]

  /** @param {CallFrame} frame */
  #function ({ functionName: name, url: script, scriptId, lineNumber, columnNumber }) {
    const key = `${scriptId}:${lineNumber}:${columnNumber}:${name}:${script}`
    const known = this.#functionRows.get(key)
    if (known !== undefined) return known
    const row = this.functions.push({
      name,
      script,
      scriptId: Number(scriptId) || 0,
      line: lineNumber + 1,
      column: columnNumber + 1
    }) - 1
    this.#functionRows.set(key, row)
    return row
  }

  /**
   * @param {number} parent row
   * @param {CallFrame} frame
   * @returns {number} row
   */
  child (parent, frame) {
    const callee = this.#function(frame)
    const known = this.#children[parent].get(callee)
    if (known !== undefined) return known
    const row = this.nodes.push({ parent, function: callee }) - 1
    this.#children.push(new Map())
    this.#children[parent].set(callee, row)
    return row
  }
}

/**
 * @param {string | undefined} folders one a line
 * @returns {(url: string) => boolean} whether a script is in one of them
 */
function inFolders (folders) {
  const prefixes = (folders ?? '').split('\n').filter(Boolean).flatMap(one => [one, pathToFileURL(one).href])
  return url => prefixes.some(prefix => url.startsWith(prefix))
}

/**
 * Omits shap-flame's own frames, and those of Node and V8 below them.
 *
 * @param {HeapNode} head
 * @param {string | undefined} hide
 * @param {FunctionLocations} locations
 * @returns {Step[]} the other nodes, parents before children
 */
function walk (head, hide, locations) {
  const isOwn = inFolders(hide)
  /** @type {Step[]} */
  const steps = [{ node: head, frame: head.callFrame, caller: undefined, depth: 0, ours: false }]
  for (const step of steps) {
    const { children } = step.node
    for (let i = 0; i < children.length; i++) {
      const node = children[i]
      const frame = locations.complete(node.callFrame)
      const { url } = frame
      const ours = isOwn(url) || (step.ours && (url === '' || url.startsWith('node:')))
      steps.push({ node, frame, caller: step, depth: step.depth + 1, ours })
    }
  }
  return steps.filter(step => !step.ours)
}

/**
 * The node of a stack's last `keep` frames.
 * @param {Tree} tree
 * @param {Step} step
 * @param {number} keep
 */
function rowOf (tree, step, keep) {
  /** @type {Step[]} */
  const frames = []
  for (let at = step; at.depth > 0 && frames.length < keep; at = /** @type {Step} */ (at.caller)) frames.push(at)
  return frames.reduceRight((parent, { frame }) => tree.child(parent, frame), 0)
}

/** @param {HeapSample[]} samples */
function productsOf (samples) {
  const products = []
  for (let i = 0; i < samples.length; i++) products.push(samples[i].size)
  return products
}

/**
 * @param {HeapSample[]} samples
 * @returns {Map<number, Map<number, number>>} by node id, the number of samples of each product
 */
function countSamples (samples) {
  /** @type {Map<number, Map<number, number>>} */
  const byNode = new Map()
  for (let i = 0; i < samples.length; i++) {
    const { nodeId, size } = samples[i]
    const sizes = byNode.get(nodeId) ?? new Map()
    if (sizes.size === 0) byNode.set(nodeId, sizes)
    sizes.set(size, (sizes.get(size) ?? 0) + 1)
  }
  return byNode
}

/**
 * @param {number} averaged stacks
 * @returns {Record<string, string>} metadata about that limit
 */
function sizesNote (averaged) {
  if (averaged === 0) return {}
  const which = averaged === 1 ? 'of one stack' : `of ${averaged} stacks`
  return { limit_sizes: `block sizes ${which} are estimated from V8's rounded sums: computing them would have delayed the app` }
}

/**
 * @param {SamplingHeapProfile} profile
 * @param {How} how
 * @returns {Uint8Array} a capture
 */
function toCapture ({ head, samples }, how) {
  const { alloc, depth = PROTOCOL_DEPTH - 1, exactDepth = false, since = Date.now(), meta = {}, locations = new FunctionLocations() } = how
  const interval = how.interval ?? guessInterval(productsOf(samples))
  const max = Math.min(depth, PROTOCOL_DEPTH - 1)
  const tree = new Tree()
  const byNode = countSamples(samples)
  const sizes = blockSizes(interval, new Budget(meta.state === 'ended' ? STEPS_AT_END : STEPS))
  /** @type {import('./capture-writer.js').CaptureBucket[]} */
  const buckets = []
  for (const step of walk(head, meta.hide, locations)) {
    const counts = byNode.get(step.node.id)
    if (!counts) continue
    // One more frame marks a truncated stack.
    const node = rowOf(tree, step, exactDepth ? depth : max + 1)
    for (const { size, count } of sizes.of(counts, step.node.selfSize)) buckets.push({ node, size, count })
  }
  return writeCapture({
    source: {
      interval,
      since,
      gc: true, // V8's inspector forces a collection before it answers
      pid: how.pid ?? Number(meta.pid ?? 0),
      thread: how.thread ?? Number(meta.thread ?? 0),
      alloc,
      depth: exactDepth ? 0 : max
    },
    meta: { engine: 'inspector', ...meta, ...sizesNote(sizes.averaged()), ...locations.scripts.metaFor(tree.functions) },
    functions: tree.functions,
    nodes: tree.nodes,
    buckets
  })
}

module.exports = { FunctionLocations, toCapture }
