'use strict'
/**
 * Reads what the tests ask of a gzipped pprof: its totals by sample type and
 * the functions' names and files. Field numbers are profile.proto's.
 */
const { gunzipSync } = require('node:zlib')

/**
 * @typedef {{ field: number, number: bigint, bytes: Buffer }} Field
 * @typedef {{ totals: Record<string, number>, functions: { name: string, file: string }[] }} Pprof
 */

/** @param {Buffer} bytes @param {number} at @returns {[bigint, number]} value, and where it ends */
function varint (bytes, at) {
  let value = 0n
  for (let shift = 0n; ; shift += 7n) {
    const byte = bytes[at++]
    if (byte === undefined) throw new Error('pprof: a varint is cut off')
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return [BigInt.asIntN(64, value), at]
  }
}

/** @param {Buffer} bytes @returns {Generator<Field>} */
function* fields (bytes) {
  for (let at = 0; at < bytes.length; ) {
    let key, number
    ;[key, at] = varint(bytes, at)
    ;[number, at] = varint(bytes, at)
    const wire = Number(key & 7n)
    if (wire !== 0 && wire !== 2) throw new Error(`pprof: wire type ${wire} at byte ${at}`)
    const end = wire === 2 ? at + Number(number) : at
    if (end > bytes.length) throw new Error(`pprof: a field is cut off at byte ${at}`)
    yield { field: Number(key >> 3n), number, bytes: bytes.subarray(at, end) }
    at = end
  }
}

/** A repeated number, packed or not. @param {Field} field */
function numbers ({ number, bytes }) {
  if (bytes.length === 0) return [number]
  const list = []
  for (let at = 0; at < bytes.length; ) {
    let value
    ;[value, at] = varint(bytes, at)
    list.push(value)
  }
  return list
}

/** @param {Buffer} bytes @param {number} id @returns {number} a field's value, 0 where it is absent */
function numberOf (bytes, id) {
  for (const { field, number } of fields(bytes)) if (field === id) return Number(number)
  return 0
}

/** @param {Buffer} gzipped @returns {Pprof} */
function readPprof (gzipped) {
  /** @type {string[]} */
  const strings = []
  /** @type {Buffer[]} */
  const types = []
  /** @type {Buffer[]} */
  const functions = []
  /** @type {bigint[]} */
  const sums = []
  for (const { field, bytes } of fields(gunzipSync(gzipped))) {
    if (field === 1) types.push(bytes)
    if (field === 5) functions.push(bytes)
    if (field === 6) strings.push(bytes.toString())
    if (field !== 2) continue
    const values = [...fields(bytes)].filter(one => one.field === 2).flatMap(numbers)
    values.forEach((value, i) => (sums[i] = (sums[i] ?? 0n) + value))
  }
  return {
    totals: Object.fromEntries(types.map((type, i) => [strings[numberOf(type, 1)], Number(sums[i] ?? 0n)])),
    functions: functions.map(one => ({ name: strings[numberOf(one, 2)], file: strings[numberOf(one, 4)] }))
  }
}

module.exports = { readPprof }
