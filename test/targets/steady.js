'use strict'
/**
 * Allocates SCALE times 500 MB in functions of different weight; `grows` allocates FACTOR times
 * what it otherwise does, which is a twentieth of the whole.
 *
 *   node steady.js [FACTOR] [SCALE]
 */
const factor = Number(process.argv[2] ?? 1)
const scale = Number(process.argv[3] ?? 1)
const MB = 1e6 * scale

/** Where the last piece is put, so that it is really made. */
const place = { last: /** @type {unknown} */ (null) }

/** @param {number} bytes @param {number} length of arrays */
function make(bytes, length) {
  const times = Math.round(bytes / (8 * length + 48))
  for (let i = 0; i < times; i++) place.last = new Array(length).fill(i)
}

/** @param {number} bytes */
function parse(bytes) {
  const times = Math.round(bytes / 848)
  for (let i = 0; i < times; i++) place.last = new Array(100).fill(i)
}

/** @param {number} bytes */
function render(bytes) {
  const times = Math.round(bytes / 208)
  for (let i = 0; i < times; i++) place.last = new Array(20).fill(i)
}

/** @param {number} bytes */
function encode(bytes) {
  const times = Math.round(bytes / 8048)
  for (let i = 0; i < times; i++) place.last = new Array(1000).fill(i)
}

/** @param {number} bytes */
function grows(bytes) {
  const times = Math.round(bytes / 448)
  for (let i = 0; i < times; i++) place.last = new Array(50).fill(i)
}

for (let i = 0; i < 10; i++) {
  parse(20 * MB)
  render(15 * MB)
  encode(10 * MB)
  grows(2.5 * MB * factor)
  make(2.5 * MB, 300)
}
