'use strict'

const { version, processMeta } = require('../common/metadata.js')

/** Name, what it is, and queries that are links of their own. @type {[string, string, string[]][]} */
const ROWS = [
  ['flamegraph', 'flamegraph of memory in use', ['type=alloc_space', 'seconds=10']],
  ['heap', 'profile in pprof format; memory in use is shown first', ['gc=1', 'debug=1', 'seconds=10']],
  ['allocs', 'the same; what was allocated is shown first', ['debug=1', 'seconds=10']],
  ['folded', 'folded stacks', ['type=alloc_space', 'seconds=10']],
  ['cmdline', 'command line, its words separated by NUL', []]
]

const STYLE = ':root{color-scheme:light dark}' +
  'body{font:16px/1.5 system-ui,sans-serif;max-width:46em;margin:2em auto;padding:0 1em}' +
  'table{border-collapse:collapse}td{padding:.3em 1.5em .3em 0;vertical-align:top}' +
  'code{font-size:.9em;overflow-wrap:anywhere}.more a{margin-right:.8em;white-space:nowrap}'

/** @param {string} text */
function escaped (text) {
  return text.replace(/[&<>"]/g, character => `&#${character.codePointAt(0)};`)
}

/** @param {[string, string, string[]]} row */
function rowText ([name, what, queries]) {
  const links = queries.map(query => `<a href="${name}?${query}">${query}</a>`).join('')
  return `<tr><td><a href="${name}">${name}</a></td><td>${what}</td><td class="more">${links}</td></tr>`
}

/** @returns {string} HTML that lists the pages, by links relative to a path that ends in a slash */
function indexPage () {
  const { command, pid } = /** @type {Record<string, string>} */ (processMeta())
  return '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
    `<title>Memory of process ${escaped(String(pid))}</title><style>${STYLE}</style>` +
    `<h1>Memory of process ${escaped(String(pid))}</h1><p><code>${escaped(String(command))}</code></p>` +
    `<table>${ROWS.map(rowText).join('')}</table>` +
    '<p>gc=1 collects garbage first. seconds=N waits, and shows what changed meanwhile. debug=1 is a table as text. ' +
    'type=TYPE is alloc_space, inuse_space (bytes), alloc_objects or inuse_objects.</p>' +
    `<p>shap-flame ${escaped(version)}</p></html>\n`
}

module.exports = { indexPage }
