'use strict'
// Writes the pprof that the JSON in argv[2] describes to the file argv[3]: what no profiler here
// writes. Locations are { mapping, address, lines: [[function's name, line, start_line], …] },
// mappings [start, limit, offset, file, build id]; `at` of samples has places of locations, leaf
// first.
const fs = require('node:fs')

const profile = JSON.parse(process.argv[2])
const strings = ['']
/** @param {string} text */
const string = text => {
  if (!strings.includes(text)) strings.push(text)
  return strings.indexOf(text)
}
/** @param {number | bigint} value @returns {number[]} */
const varint = value => {
  const bytes = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return [...bytes, Number(rest)]
}
/** @param {number} field @param {number | bigint | string} value */
const number = (field, value) => value ? [...varint(field << 3), ...varint(BigInt(value))] : []
/** @param {number} field @param {number[]} bytes */
const message = (field, bytes) => [...varint(field << 3 | 2), ...varint(bytes.length), ...bytes]

const { types, samples, mappings = [], locations = [], file = '/srv/a.cc', drop, keep } = profile
const out = []
/** @type {Map<string, number>} */
const functions = new Map()
for (const [type, unit] of types) out.push(message(1, [...number(1, string(type)), ...number(2, string(unit))]))
for (const { at, values, labels = {} } of samples) {
  const labelFields = Object.entries(labels).flatMap(([key, value]) => message(3, [...number(1, string(key)), ...number(2, string(value))]))
  out.push(message(2, [...at.flatMap(id => [...varint(8), ...varint(id)]), ...values.flatMap(value => [...varint(16), ...varint(value)]), ...labelFields]))
}
for (const [index, [start, limit, offset, path, build]] of mappings.entries()) {
  out.push(message(3, [...number(1, index + 1), ...number(2, start), ...number(3, limit), ...number(4, offset), ...number(5, string(path)), ...number(6, string(build))]))
}
for (const [index, { mapping = 0, address = 0, lines = [] }] of locations.entries()) {
  const inner = lines.flatMap(([name, line = 0, start = 0]) => {
    const key = JSON.stringify([name, start])
    if (!functions.has(key)) functions.set(key, functions.size + 1)
    return message(4, [...number(1, functions.get(key)), ...number(2, line)])
  })
  out.push(message(4, [...number(1, index + 1), ...number(2, mapping), ...number(3, address), ...inner]))
}
for (const [key, id] of functions) {
  const [name, start] = JSON.parse(key)
  out.push(message(5, [...number(1, id), ...number(2, string(name)), ...number(4, string(file)), ...number(5, start)]))
}
if (drop) out.push(number(7, string(drop)))
if (keep) out.push(number(8, string(keep)))
for (const text of strings) out.push(message(6, [...Buffer.from(text)]))
fs.writeFileSync(process.argv[3], Buffer.from(out.flat()))
