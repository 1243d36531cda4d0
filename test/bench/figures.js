'use strict'
/**
 * The figures of .github/BENCHMARKS.md: what each is called there, and
 * which benchmark hands it over (see `quote` in tools.js). `#` is a size that it hands
 * over too. `npm run bench` prints the two tables as they stand there.
 */

/** @typedef {{ text: string, of?: number }} Quoted */

/** @type {readonly { by: string, name: string, what: string }[]} */
const ROWS = [
  { by: 'folded', name: 'svg cpu/inferno', what: "CPU time of # folded stacks to SVG, of inferno's" },
  { by: 'folded', name: 'svg peak/inferno', what: "peak memory of it, of inferno's" },
  { by: 'folded', name: 'svg size/inferno', what: "size of that SVG, of inferno's" },
  { by: 'paint', name: 'paint cpu/inferno', what: "CPU time until an SVG of # stacks is painted, of inferno's" },
  { by: 'diff', name: 'diff cpu/go', what: "CPU time of a difference of two profiles of # nodes, of `go tool pprof`'s" },
  { by: 'diff', name: 'diff peak/go', what: "peak memory of it, of `go tool pprof`'s" },
  { by: 'diff', name: 'merge cpu/go', what: "CPU time of their sum, of `go tool pprof`'s" },
  { by: 'diff', name: 'merge peak/go', what: "peak memory of it, of `go tool pprof`'s" },
  { by: 'rounding', name: 'bend/v8', what: "by how much sums of V8's own counts are off" },
  { by: 'rounding', name: 'bend/ours', what: 'by how much ours are, with # samples of each size' },
  { by: 'soak', name: 'lost', what: 'answers lost by a server with a snapshot a second, in # s' },
  { by: 'soak', name: 'rise', what: 'rise of its highest RSS, of the bound on memory' },
  { by: 'capture', name: 'held/datadog', what: "time for which a capture of # nodes holds the main thread, of `@datadog/pprof`'s" },
  { by: 'capture', name: 'held/inspector', what: "the same, of node:inspector's" },
  { by: 'start', name: 'start cpu', what: 'CPU time that `shap-flame hello.js` takes more than `node hello.js`, of the latter\'s' },
  { by: 'start', name: 'start wall', what: 'the same, of the wall' }
]

const WORKLOADS = { service: 'JSON, Maps', parser: 'a parser', buffers: 'Buffers alone' }

/** @type {readonly { name: string, what: string }[]} */
const PROFILERS = [
  { name: 'ours, 512k', what: 'shap-flame, 512k' },
  { name: 'heap only, 512k', what: '… `--no-offheap`' },
  { name: 'datadog, 512k', what: '`@datadog/pprof`, 512k' },
  { name: 'ours, 64k', what: 'shap-flame, 64k' },
  { name: 'datadog, 64k', what: '`@datadog/pprof`, 64k' },
  { name: 'no inlining', what: 'what `--no-inlining` adds' }
]

const ABSENT = 'not measured'

/** @param {string[]} cells */
const line = cells => `| ${cells.join(' | ')} |`

/**
 * @param {Map<string, Quoted>} quoted by name
 * @returns {string} Markdown
 */
function tables (quoted) {
  const textOf = (/** @type {string} */ name) => quoted.get(name)?.text ?? ABSENT
  const rows = ROWS.map(({ by, name, what }) => line([what.replace('#', quoted.get(name)?.of?.toLocaleString('en') ?? 'N'), textOf(name), `\`${by}\``]))
  const names = Object.keys(WORKLOADS)
  const costs = PROFILERS.map(({ name, what }) => line([what, ...names.map(workload => textOf(`${workload}: ${name}`))]))
  return [
    line(['measured', 'median (min–max)', 'by']), '|---|---|---|', ...rows, '',
    line(['instructions added (`overhead`), %', ...Object.values(WORKLOADS)]), '|---|---|---|---|', ...costs
  ].join('\n')
}

module.exports = { tables }
