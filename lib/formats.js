'use strict'

/**
 * One row an output format: its option, its files' names and its writer in C come from this
 * table. A row NAME is written by `shf_NAME_write` in a folder of csrc/format, which formats.h
 * describes; csrc/output/formats_table.js makes C of the table when the addon is built.
 *
 * @typedef {object} Format
 * @property {string} name the option's too; lower-case letters and digits
 * @property {readonly string[]} extensions of file names that ask for it; ours get the first
 * @property {string} help
 * @property {boolean} [byDefault] it is written where no output is named
 * @property {number} [large] bytes: a larger one is not written where no output is named
 * @property {boolean} [ofDifferences] a difference can be written as it
 * @property {boolean} [zipped] gzip follows the writer
 * @property {boolean} [options] its writer is told more than the type: `shf__NAME_write_with`
 */

/** @type {readonly Format[]} */
const FORMATS = Object.freeze([
  { name: 'svg', extensions: ['.svg'], byDefault: true, ofDifferences: true, options: true, help: 'flamegraph, one file that any browser shows' },
  { name: 'pprof', extensions: ['.pb.gz', '.pprof'], byDefault: true, ofDifferences: true, zipped: true, help: 'gzipped profile.proto, for go tool pprof and its kin; it holds all four types' },
  { name: 'folded', extensions: ['.folded'], byDefault: true, large: 10e6, ofDifferences: true, help: 'folded stacks, for flamegraph.pl, inferno, speedscope' },
  { name: 'listing', extensions: ['.txt'], byDefault: true, ofDifferences: true, options: true, help: 'table of callsites as text' },
  { name: 'markdown', extensions: ['.md'], ofDifferences: true, options: true, help: 'the same table for GitHub' },
  { name: 'json', extensions: ['.json'], ofDifferences: true, options: true, help: 'the same table for programs' },
  { name: 'heapprofile', extensions: ['.heapprofile'], help: 'V8\'s .heapprofile, for Chrome DevTools' },
  { name: 'speedscope', extensions: ['.speedscope.json'], help: 'speedscope\'s JSON, all types that are known, for www.speedscope.app' }
])

const EXTENSIONS = FORMATS.flatMap(({ name, extensions }) => extensions.map(extension => ({ name, extension })))

/**
 * @param {string} path
 * @returns {string | undefined} the format of the longest extension that matches: .speedscope.json before .json
 */
function formatOf (path) {
  const matches = EXTENSIONS.filter(({ extension }) => path.toLowerCase().endsWith(extension))
  return matches.sort((a, b) => b.extension.length - a.extension.length)[0]?.name
}

module.exports = { EXTENSIONS, FORMATS, formatOf }
