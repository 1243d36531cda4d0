'use strict'

/** Writes a segment of a capture, as described in csrc/capture/capture.h, without the addon. */

/**
 * @typedef {object} CaptureSource
 * @property {number} interval 0: unknown, values are not scaled
 * @property {number} since Unix time in ms
 * @property {boolean} gc whether a collection was forced
 * @property {number} pid
 * @property {number} thread
 * @property {boolean} alloc whether it counts allocations; else memory in use
 * @property {number} depth frames kept; 0: truncated stacks are not marked
 *
 * @typedef {{ name: string, script: string, scriptId: number, line: number, column: number }} CaptureFunction
 *   line and column are 1-based, 0: unknown
 * @typedef {{ parent: number, function: number }} CaptureNode parents come before children; -1: the root
 * @typedef {{ node: number, size: number, count: number }} CaptureBucket
 *
 * @typedef {object} Rows
 * @property {CaptureSource} source
 * @property {Record<string, string>} meta
 * @property {CaptureFunction[]} functions
 * @property {CaptureNode[]} nodes
 * @property {CaptureBucket[]} buckets
 */

const MAGIC = 'SHFCAP\r\n'
const VERSION = 2
const HEADER_BYTES = 64
const NONE = 0xffffffff
/** Bits of the types, as csrc/shf/profile.h numbers them. */
const ALLOC = 0b0011
const INUSE = 0b1100

const encoder = new (require('node:util').TextEncoder)()

/**
 * @param {string} text
 * @returns {Uint8Array} in UTF-8
 */
function bytesOf (text) {
  return encoder.encode(text)
}

/** Strings without duplicates. */
class Strings {
  /** @type {Map<string, number>} */
  #ids = new Map()
  /** @type {Uint8Array[]} */
  texts = []

  /** @param {string} text */
  add (text) {
    const known = this.#ids.get(text)
    if (known !== undefined) return known
    this.#ids.set(text, this.texts.length)
    return this.texts.push(bytesOf(text)) - 1
  }
}

/** @param {number} bytes @returns {DataView} of so many zeros */
function zeros (bytes) {
  return new DataView(new ArrayBuffer(bytes))
}

/**
 * @template T
 * @param {readonly T[]} rows
 * @param {number} size of a row in bytes
 * @param {(to: DataView, at: number, row: T, number: number) => void} put
 * @returns {DataView} padded to a multiple of 8 bytes
 */
function part (rows, size, put) {
  const to = zeros(Math.ceil(rows.length * size / 8) * 8)
  rows.forEach((row, number) => put(to, number * size, row, number))
  return to
}

/**
 * @param {DataView} to
 * @param {number} at
 * @param {readonly number[]} values 32 bits each
 */
function words (to, at, values) {
  values.forEach((value, index) => to.setUint32(at + 4 * index, value >>> 0, true))
}

/** @param {DataView} to @param {number} at @param {number} value of 64 bits */
function long (to, at, value) {
  to.setBigUint64(at, BigInt(value), true)
}

/**
 * @param {CaptureSource} source
 * @returns {DataView}
 */
function sourceRow ({ interval, since, gc, pid, thread, alloc, depth }) {
  const row = zeros(48)
  long(row, 0, interval)
  long(row, 8, since)
  words(row, 16, [0, Number(gc), pid, thread, alloc ? ALLOC : INUSE, depth, 0, 0])
  return row
}

/**
 * @param {readonly Uint8Array[]} parts
 * @param {number} [length] of the result; the rest is 0
 * @returns {Uint8Array}
 */
function concatenate (parts, length = parts.reduce((sum, { byteLength }) => sum + byteLength, 0)) {
  const all = new Uint8Array(length)
  let at = 0
  for (const one of parts) {
    all.set(one, at)
    at += one.byteLength
  }
  return all
}

/**
 * @param {Rows} rows
 * @returns {Uint8Array}
 */
function writeCapture ({ source, meta, functions, nodes, buckets }) {
  const strings = new Strings()
  const metas = part(Object.entries(meta), 8, (to, at, [key, value]) => {
    words(to, at, [strings.add(key), strings.add(value)])
  })
  const functionRows = part(functions, 24, (to, at, { name, script, scriptId, line, column }) => {
    words(to, at, [strings.add(name), strings.add(script), scriptId, 0, line, column])
  })
  const nodeRows = part(nodes, 16, (to, at, node, number) => {
    words(to, at, [number, node.parent < 0 ? NONE : node.parent, node.function, 0]) // no lines of calls
  })
  const bucketRows = part(buckets, 24, (to, at, { node, size, count }) => {
    words(to, at, [node, 0])
    long(to, at + 8, size)
    words(to, at + 16, [source.alloc ? count : 0, source.alloc ? 0 : count])
  })
  let end = 0
  const ends = part(strings.texts, 4, (to, at, text) => words(to, at, [end += text.byteLength]))
  const text = concatenate(strings.texts, Math.ceil(end / 8) * 8)
  const header = zeros(HEADER_BYTES)
  const views = [header, sourceRow(source), metas, ends, functionRows, nodeRows, bucketRows]
  const parts = [...views.map(({ buffer }) => new Uint8Array(buffer)), text]
  parts[0].set(bytesOf(MAGIC))
  words(header, 8, [VERSION, HEADER_BYTES])
  long(header, 16, parts.reduce((sum, { byteLength }) => sum + byteLength, 0))
  words(header, 24, [1, Object.keys(meta).length, strings.texts.length, functions.length, nodes.length, buckets.length])
  long(header, 48, end)
  return concatenate(parts)
}

module.exports = { writeCapture, concatenate }
