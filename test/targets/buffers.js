'use strict'
/**
 * Allocates known bytes outside of V8's heap, in functions of one kind each.
 * run() tells what they were; all that is kept is in `kept`.
 */
const fs = require('node:fs')

/** @type {unknown[]} */
const kept = []
Object.assign(globalThis, { keptByBuffers: kept })
const place = { last: /** @type {unknown} */ (null) }

const BIG = 100e6
const MANY = { count: 600, size: 48 * 1024 }
const DROPPED = { count: 500, size: 100e3 }
const TYPED = { count: 20, size: 100e3 * Float64Array.BYTES_PER_ELEMENT }
const SHARED = { count: 8, size: 1e6 }
const PIECES = { count: 24e3, size: 1000 }

function keepBig() {
  kept.push(Buffer.alloc(BIG))
}

function keepMany() {
  for (let i = 0; i < MANY.count; i++) kept.push(Buffer.allocUnsafeSlow(MANY.size))
}

function dropSome() {
  for (let i = 0; i < DROPPED.count; i++) place.last = new ArrayBuffer(DROPPED.size)
}

function keepTyped() {
  for (let i = 0; i < TYPED.count; i++) kept.push(new Float64Array(TYPED.size / Float64Array.BYTES_PER_ELEMENT))
}

function keepShared() {
  for (let i = 0; i < SHARED.count; i++) kept.push(new SharedArrayBuffer(SHARED.size))
}

/** Small ones share a slab. */
function keepPieces() {
  for (let i = 0; i < PIECES.count; i++) kept.push(Buffer.allocUnsafe(PIECES.size))
}

/** @param {string} file */
function keepFile(file) {
  kept.push(fs.readFileSync(file))
}

/** The pace of samples is bounded by the second: each function has one of its own. */
function rest() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1050)
}

/**
 * @typedef {{ alloc_space: number, inuse_space: number }} Truth by function
 * @param {string} file of which keepFile keeps the contents
 * @returns {Record<string, Truth>}
 */
function run(file) {
  keepBig()
  keepMany()
  rest()
  dropSome()
  place.last = null
  rest()
  keepPieces()
  rest()
  keepTyped()
  keepShared()
  keepFile(file)
  const slabs = Math.ceil(PIECES.count / Math.floor(Buffer.poolSize / PIECES.size))
  /** @param {number} bytes */
  const stays = (bytes) => ({ alloc_space: bytes, inuse_space: bytes })
  return {
    keepBig: stays(BIG),
    keepMany: stays(MANY.count * MANY.size),
    dropSome: { alloc_space: DROPPED.count * DROPPED.size, inuse_space: 0 },
    keepPieces: stays(slabs * Buffer.poolSize),
    keepTyped: stays(TYPED.count * TYPED.size),
    keepShared: stays(SHARED.count * SHARED.size),
    keepFile: stays(fs.statSync(file).size),
  }
}

module.exports = { run, keepMany, MANY }
