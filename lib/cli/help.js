'use strict'

const { optionsOf, envOf } = require('../options.js')

const WIDTH = 80
const INDENT = 31

const HEAD = `shap-flame: which functions allocate this memory?

Usage
  shap-flame [options] app.js [arguments]       profile a script
  shap-flame [options] -- command [arguments]   profile what a command starts:
                                                node with flags, npm test, jest
  shap-flame report FILE... [options]           any profile to any output:
                                                pprof, .heapprofile, folded
                                                stacks, captures; several are
                                                merged
  shap-flame diff BEFORE AFTER [options]        what grew, what shrank, and what
                                                is no more than sampling noise

With no output named, a run writes a flamegraph (.svg), a pprof (.pb.gz), folded
stacks and a listing (.txt) to shap-flame/<name>.<pid>.*, and says on stderr
which ten functions allocated most. Options end where app.js or -- stands: what
comes behind belongs to the app. A report or a diff without one is a
listing on stdout.
`

const TAIL = `
Every option has a mirror in the environment: ${envOf('interval')}=16k stands
for --interval 16k, ${envOf('no-gc')}=1 for --no-gc. The command line wins.

Figures are estimates from samples; each comes with its standard error (±).
Objects are V8's blocks: what optimized code allocates in one piece is one.
npm, npx, yarn, pnpm and corepack are themselves left out.

Exit status: the app's own, or its signal. shap-flame's own: 64 wrong usage,
65 input that cannot be read, 66 no such script or command, 70 internal error,
73 output that cannot be written.

Examples
  shap-flame server.js --port 3000
  shap-flame --interval 16k --svg heap.svg -- node --expose-gc build.js
  shap-flame --type inuse_space --focus node_modules -- npm test
  shap-flame --quiet --folded - build.js | flamegraph.pl > build.svg
`

/**
 * @param {string} text
 * @param {number} width
 * @returns {string[]} lines of at most `width` columns, broken at spaces
 */
function wrap (text, width) {
  /** @type {string[]} */
  const lines = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line ? `${line} ${word}` : word
    }
  }
  return [...lines, line]
}

/**
 * @param {import('../options.js').Option} option
 * @returns {string}
 */
function row (option) {
  const flag = `${option.short ? `-${option.short}, ` : ''}--${option.name}${option.arg ? ` ${option.arg}` : ''}`
  const shown = option.shown ?? (option.def === '0' ? undefined : option.def)
  // No-break spaces hold the default together while lines are broken.
  const text = shown === undefined ? option.help : `${option.help} ${`(default: ${shown})`.replace(/ /g, '\u00a0')}`
  const [first, ...more] = wrap(text, WIDTH - INDENT).map(line => line.replace(/\u00a0/g, ' '))
  const lines = [`  ${flag}`.padEnd(INDENT) + first, ...more.map(line => ' '.repeat(INDENT) + line)]
  return lines.join('\n')
}

/**
 * @param {string} command
 * @returns {string} the help text, 80 columns wide
 */
function helpText (command) {
  /** @type {Map<string, string[]>} */
  const groups = new Map()
  for (const option of optionsOf(command)) {
    groups.set(option.group, [...(groups.get(option.group) ?? []), row(option)])
  }
  const sections = [...groups].map(([title, rows]) => `\n${title}\n${rows.join('\n')}\n`)
  return HEAD + sections.join('') + TAIL
}

module.exports = { helpText }
