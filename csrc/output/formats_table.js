'use strict'

/**
 * Makes C of the table of formats; the addon's build and the C tests call it.
 *
 *   node csrc/output/formats_table.js OUT.c
 */

const fs = require('node:fs')
const { FORMATS } = require('../../lib/formats.js')

/** @param {import('../../lib/formats.js').Format} format */
function writerOf ({ name, options }) {
  if (!/^[a-z][a-z0-9]*$/.test(name)) throw new Error(`lib/formats.js: '${name}': a name is lower-case letters and digits`)
  return options ? { type: 'shf__writer_with', symbol: `shf__${name}_write_with` } : { type: 'shf_writer', symbol: `shf_${name}_write` }
}

/** @param {import('../../lib/formats.js').Format} format */
function rowOf (format) {
  const { symbol } = writerOf(format)
  const writers = format.options ? `NULL, ${symbol}` : `${symbol}, NULL`
  return `    {"${format.name}", ${writers}, ${Boolean(format.lines)}, ${Boolean(format.zipped)}, ${Boolean(format.ofDifferences)}},`
}

const text = [
  '/* Made of lib/formats.js by formats_table.js. */',
  '#include "output/formats.h"',
  '',
  ...FORMATS.map(format => `${writerOf(format).type} ${writerOf(format).symbol};`),
  '',
  'const shf__format shf__formats[] = {',
  ...FORMATS.map(rowOf),
  '};',
  'const size_t shf__formats_count = sizeof shf__formats / sizeof *shf__formats;',
  ''
]
fs.writeFileSync(process.argv[2], text.join('\n'))
