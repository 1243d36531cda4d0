'use strict'

/**
 * The output formats: options, file names and writers in C come from this table. NAME is written by
 * `shf_NAME_write` in csrc/format/NAME (see csrc/output/formats.h);
 * csrc/output/formats_table.js translates the table to C when the addon is built.
 *
 * @typedef {object} Format
 * @property {string} name also of the option; lower-case letters and digits
 * @property {readonly string[]} extensions that select it; default files get the first
 * @property {string} help
 * @property {boolean} [byDefault] written if no output is named
 * @property {number} [large] bytes; if no output is named, a larger one is not written
 * @property {boolean} [ofDifferences] can hold a difference
 * @property {boolean} [lines] has the lines of calls; other formats are given functions
 * @property {boolean} [zipped] the output is gzipped
 * @property {boolean} [options] its writer takes options: `shf__NAME_write_with`
 */

/** @type {readonly Format[]} */
const FORMATS = Object.freeze([
  { name: 'svg', extensions: ['.svg'], byDefault: true, ofDifferences: true, options: true, help: 'flamegraph, one file that any browser shows' },
  { name: 'pprof', extensions: ['.pb.gz', '.pprof'], byDefault: true, ofDifferences: true, lines: true, zipped: true, help: 'gzipped profile.proto, for go tool pprof and its kin; it holds all four types' },
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
