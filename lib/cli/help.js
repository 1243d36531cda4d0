'use strict'

const { optionsOf, envOf } = require('../options.js')

const WIDTH = 80
const INDENT = 31

const HEAD = `shap-flame: which functions allocate this memory?

Usage
  shap-flame [options] app.js [arguments]       profile a script
  shap-flame [options] -- command [arguments]   profile what a command starts:
                                                node with flags, npm test, jest
  shap-flame attach PID [options]               profile a process that already
                                                runs
  shap-flame report FILE... [options]           any profile to any output:
                                                pprof, .heapprofile, folded
                                                stacks, captures; several are
                                                merged
  shap-flame diff BEFORE AFTER [options]        what grew, what shrank, and what
                                                is no more than sampling noise;
                                                several runs a side: --before
                                                a b c --after d e f
  shap-flame check FILE... [limits]             a gate for CI: limits on totals
  shap-flame check [limits] -- command          and on growth; status 80 when
                                                one is exceeded

With no output named, a run or an attach writes a flamegraph (.svg), a pprof
(.pb.gz), folded stacks and a listing (.txt) to shap-flame/<name>.<pid>.*, and
says on stderr which ten functions allocated most. Options end where app.js or
-- stands: what comes behind belongs to the app. A report or a diff without one
is a listing on stdout; a check says what it found in twelve lines or fewer.
`

/** What a command's own help says besides. */
const ABOUT = Object.freeze(/** @type {Record<string, string>} */ ({
  attach: `
attach samples the main thread of a process that runs, on Linux, until
--duration is over or Ctrl-C comes (a second one gives up). SIGUSR1 opens the
process's inspector on 127.0.0.1 for less than a second; then the sampler has
been loaded, and stops by itself when shap-flame ends, however that ends. The
process lives on as it was: the sampler's code stays loaded, idle, and its
stderr has got Node's own lines ("Debugger listening on ..."). Where the sampler
has no binary for its Node, V8's inspector samples, and stays open until the
end.
Do not attach to a program that has a SIGUSR1 listener of its own: nobody can
see that from outside, it would be called. --disable-sigusr1, --permission and
programs that would die of the signal are found out before it is sent.
`
}))

const TAIL = `
Every option has a mirror in the environment: ${envOf('interval')}=16k stands
for --interval 16k, ${envOf('no-gc')}=1 for --no-gc. The command line wins.

Figures are estimates from samples; each comes with its standard error (±).
A change is told from noise at 99 %: beyond 2.58 standard errors of it. Of
several runs the means are compared. Where runs spread more than sampling
explains, that spread is the error, with Student's t for so few runs and
Welch's degrees of freedom; a single run is given the other side's spread.
Objects are V8's blocks: what optimized code allocates in one piece is one.
npm, npx, yarn, pnpm and corepack are themselves left out.

Exit status: the app's own, or its signal. shap-flame's own: 64 wrong usage,
65 input that cannot be read or process that cannot be attached to, 66 no such
script, command, process or baseline, 70 internal error, 73 output that cannot
be written, 80 a limit of check exceeded.

Examples
  shap-flame server.js --port 3000
  shap-flame --interval 16k --svg heap.svg -- node --expose-gc build.js
  shap-flame --type inuse_space --focus node_modules -- npm test
  shap-flame check --runs 3 --baseline base.pb.gz --max-growth 10% -- npm test
  shap-flame --quiet --folded - build.js | flamegraph.pl > build.svg
  shap-flame attach 4711 --duration 60
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
  return HEAD + (ABOUT[command] ?? '') + sections.join('') + TAIL
}

module.exports = { helpText }
