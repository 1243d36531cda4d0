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
/** Bits of the types, as csrc/shf.h numbers them. */
const ALLOC = 0b0011
const INUSE = 0b1100

/** Strings without duplicates. */
class Strings {
  /** @type {Map<string, number>} */
  #ids = new Map()
  /** @type {Buffer[]} */
  texts = []

  /** @param {string} text */
  add (text) {
    const known = this.#ids.get(text)
    if (known !== undefined) return known
    this.#ids.set(text, this.texts.length)
    return this.texts.push(Buffer.from(text)) - 1
  }
}

/**
 * @template T
 * @param {readonly T[]} rows
 * @param {number} size of a row in bytes
 * @param {(to: Buffer, at: number, row: T, number: number) => void} put
 * @returns {Buffer} padded to a multiple of 8 bytes
 */
function part (rows, size, put) {
  const to = Buffer.alloc(Math.ceil(rows.length * size / 8) * 8)
  rows.forEach((row, number) => put(to, number * size, row, number))
  return to
}

/**
 * @param {Buffer} to
 * @param {number} at
 * @param {readonly number[]} values 32 bits each
 */
function words (to, at, values) {
  values.forEach((value, index) => to.writeUInt32LE(value >>> 0, at + 4 * index))
}

/**
 * @param {CaptureSource} source
 * @returns {Buffer}
 */
function sourceRow ({ interval, since, gc, pid, thread, alloc, depth }) {
  const row = Buffer.alloc(48)
  row.writeBigUInt64LE(BigInt(interval), 0)
  row.writeBigUInt64LE(BigInt(since), 8)
  words(row, 16, [0, Number(gc), pid, thread, alloc ? ALLOC : INUSE, depth, 0, 0])
  return row
}

/**
 * @param {Rows} rows
 * @returns {Buffer}
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
    to.writeBigUInt64LE(BigInt(size), at + 8)
    words(to, at + 16, [source.alloc ? count : 0, source.alloc ? 0 : count])
  })
  let end = 0
  const ends = part(strings.texts, 4, (to, at, text) => to.writeUInt32LE(end += text.length, at))
  const text = Buffer.concat(strings.texts, Math.ceil(end / 8) * 8)
  const header = Buffer.alloc(HEADER_BYTES)
  const parts = [header, sourceRow(source), metas, ends, functionRows, nodeRows, bucketRows, text]
  header.write(MAGIC, 'latin1')
  words(header, 8, [VERSION, HEADER_BYTES])
  header.writeBigUInt64LE(BigInt(parts.reduce((sum, { length }) => sum + length, 0)), 16)
  words(header, 24, [1, Object.keys(meta).length, strings.texts.length, functions.length, nodes.length, buckets.length])
  header.writeBigUInt64LE(BigInt(end), 48)
  return Buffer.concat(parts)
}

module.exports = { writeCapture }
