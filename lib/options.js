'use strict'

const formats = require('./formats.js')
const v = require('./common/option-parsers.js')

/**
 * The options: command line, environment variables, validation and help come from this table.
 *
 * @typedef {object} Option
 * @property {string} name without the two dashes
 * @property {string} [short]
 * @property {string} [arg] what the help calls its value; a flag has none
 * @property {string} [bare] the value if none is given; only a word that begins with SIG counts as one
 * @property {(text: string) => unknown} [parse] of the value; a flag has none
 * @property {string} [def] the default as a user would write it
 * @property {string} [shown] the default as the help shows it, if not `def`
 * @property {string} group heading in the help
 * @property {string} help
 * @property {readonly string[]} commands that accept it
 * @property {boolean} [sampler] the preload reads it in the profiled processes
 * @property {boolean} [noEnv] it has no environment variable
 * @property {boolean} [list] may be repeated; its value is an array
 * @property {boolean} [many] the words after its value are further values
 */

/**
 * @typedef {object} Values values of the options, by name in camelCase; those of formats are files
 * @property {string} outDir
 * @property {string} [name]
 * @property {number} [duration] seconds
 * @property {number} [inspectPort]
 * @property {number} [interval]
 * @property {number} depth
 * @property {string} [engine] `native` or `inspector`; absent: native where it can be
 * @property {string} [type]
 * @property {string} group
 * @property {RegExp} [focus]
 * @property {RegExp} [ignore]
 * @property {RegExp} [hide]
 * @property {{ key: string, value: string }[]} [where]
 * @property {number} [olderThan] seconds
 * @property {string[][]} [label] sources of labels
 * @property {string[]} [rootLabel]
 * @property {string[]} [leafLabel]
 * @property {number} min
 * @property {number} [sourceLines]
 * @property {boolean} noSourceMaps
 * @property {string} [sourceMaps]
 * @property {string[]} [sourceRoot]
 * @property {boolean} noOffheap
 * @property {boolean} noGc
 * @property {boolean} gc of children and workers too
 * @property {boolean} lines
 * @property {boolean} noLines
 * @property {boolean} types
 * @property {boolean} noTypes
 * @property {boolean} noV8Flags
 * @property {boolean} v8Flags
 * @property {number} maxPause milliseconds
 * @property {boolean} noInlining
 * @property {number} maxProfilerMemory
 * @property {string} every `auto`, `off` or seconds
 * @property {number} [keep]
 * @property {string} [signal]
 * @property {boolean} onlyMain
 * @property {boolean} normalize
 * @property {string} [title]
 * @property {string} [subtitle]
 * @property {number} [width]
 * @property {number} [height]
 * @property {number} [minwidth]
 * @property {boolean} inverted
 * @property {boolean} reverse
 * @property {string} [colors]
 * @property {string} [fonttype]
 * @property {number} [fontsize]
 * @property {string} [countname]
 * @property {string} [nametype]
 * @property {string} [notes]
 * @property {number} [maxBytes]
 * @property {number} [maxMemory]
 * @property {string[]} [before]
 * @property {string[]} [after]
 * @property {string[]} [baseline]
 * @property {import('./common/option-parsers.js').GivenLimit[]} [max]
 * @property {import('./common/option-parsers.js').GivenLimit[]} [maxGrowth]
 * @property {number} runs
 * @property {boolean} strict
 * @property {boolean} saveBaseline
 * @property {boolean} githubSummary
 * @property {string} [benchmarkJson]
 * @property {boolean} quiet
 * @property {boolean} open
 * @property {boolean} help
 * @property {boolean} version
 * @property {boolean} verbose
 */

const TYPES = Object.freeze(['alloc_objects', 'alloc_space', 'inuse_objects', 'inuse_space'])
const ENGINES = Object.freeze(['native', 'inspector'])
const LABEL_SOURCES = Object.freeze(['http', 'test', 'worker', 'trace'])
const GROUPS = Object.freeze(['line', 'function', 'file', 'package'])
const FORMATS = Object.freeze(formats.FORMATS.map(format => format.name))

/** Default mean bytes between samples: of a run, and of a long-lived process. */
const RUN_INTERVAL = 64 * 1024
const LONG_INTERVAL = 512 * 1024

/** Whether a run has lines if neither --lines nor --no-lines is given. */
const LINES_BY_DEFAULT = false

const OUTPUTS = 'Outputs, any number of them; - as FILE is stdout, for one at most'
const SAMPLING = 'Sampling'
const SHOWN = 'What is shown'
const PICTURE = 'The flamegraph'
const CHECKED = 'What is checked'
const COMPARED = 'What is compared'
const CI = 'Continuous integration'
const OTHER = 'Other'
const ATTACH = ['attach']
const SAMPLED = ['run', 'attach', 'check']
const RUNNING = ['run', 'check']
const SAVED = ['run', 'attach']
const SHOWING = ['run', 'attach', 'report']
const ALL = Object.freeze(['run', 'attach', 'report', 'diff', 'check'])

const COLORS = Object.freeze(['hot', 'mem', 'io', 'js', 'red', 'orange', 'yellow', 'green', 'aqua', 'blue', 'purple'])

/** @type {readonly Option[]} */
const OPTIONS = Object.freeze([
  ...formats.FORMATS.map(({ name, help, ofDifferences }) => (
    { name, arg: 'FILE', parse: v.parseFile, group: OUTPUTS, commands: ofDifferences ? ALL : SHOWING, help }
  )),
  { name: 'out-dir', arg: 'DIR', parse: v.parseFile, def: 'shap-flame', group: OUTPUTS, commands: SAVED, sampler: true, help: 'folder for the files if no output is named' },
  { name: 'name', arg: 'NAME', parse: v.parseName, shown: 'the script\'s', group: OUTPUTS, commands: SAVED, help: 'start of the names of these files' },

  { name: 'max', arg: 'LIMIT', parse: v.maximum(TYPES), list: true, group: CHECKED, commands: ['check'], help: 'limit for a total: 500M (M is 1,000,000, MiB 1,048,576), alloc_space=500M; or for all stacks that contain a frame that matches a regular expression: inuse_space:src/cache.js=64M; or for memory with a label: inuse_space:http.route=/login=20M' },
  { name: 'max-growth', arg: 'LIMIT', parse: v.growth(TYPES), list: true, shown: '5%', group: CHECKED, commands: ['check'], help: 'limit for the growth since the baseline: 10%, alloc_space=10%, alloc_space:src/cache.js=10%, alloc_space:http.route=/login=10%' },
  { name: 'baseline', arg: 'FILE', parse: v.parseFile, list: true, many: true, group: CHECKED, commands: ['check'], help: 'profile to compare with; several are runs of one program' },
  { name: 'save-baseline', group: CHECKED, commands: ['check'], help: 'write the checked profile to the baseline\'s file if no limit is exceeded; creates the file' },
  { name: 'runs', arg: 'N', parse: v.wholeNumber(1, 1000), def: '1', group: CHECKED, commands: ['check'], help: 'run the command N times and check the mean; the spread between runs counts as noise' },
  { name: 'strict', group: CHECKED, commands: ['check'], help: 'also fail if there are too few samples to judge' },
  { name: 'before', arg: 'FILE...', parse: v.parseFile, list: true, many: true, noEnv: true, group: COMPARED, commands: ['diff'], help: 'several runs of the version before, instead of BEFORE' },
  { name: 'after', arg: 'FILE...', parse: v.parseFile, list: true, many: true, noEnv: true, group: COMPARED, commands: ['diff'], help: 'several runs of the version after, instead of AFTER' },

  { name: 'duration', arg: 'SECONDS', parse: v.parseSeconds, shown: 'until Ctrl-C', group: SAMPLING, commands: ATTACH, help: 'how long to sample the process' },
  { name: 'interval', arg: 'BYTES', parse: v.parseSize, shown: '512k', group: SAMPLING, commands: ATTACH, help: 'mean bytes between samples; k and m may follow the number' },
  { name: 'interval', arg: 'BYTES', parse: v.parseSize, shown: '64k', group: SAMPLING, commands: RUNNING, sampler: true, help: 'mean bytes between samples; k and m may follow the number' },
  { name: 'depth', arg: 'N', parse: v.wholeNumber(1, 100000), def: '128', group: SAMPLING, commands: SAMPLED, sampler: true, help: 'frames to keep of each stack; a cut stack begins with (truncated)' },
  { name: 'engine', arg: 'ENGINE', parse: v.oneOf(ENGINES), shown: 'native if it loads', group: SAMPLING, commands: RUNNING, sampler: true, help: 'sampler: native, or inspector, which is slower and knows either what was allocated or what is in use' },
  { name: 'no-offheap', group: SAMPLING, commands: SAMPLED, sampler: true, help: 'leave out the memory of Buffers and ArrayBuffers' },
  { name: 'gc', group: SAMPLING, commands: RUNNING, sampler: true, help: 'also force a garbage collection at the end of child processes and workers; their parents may not wait that long' },
  { name: 'no-gc', group: SAMPLING, commands: RUNNING, sampler: true, help: 'do not force a garbage collection at the end; memory in use then includes garbage' },
  { name: 'no-gc', group: SAMPLING, commands: ATTACH, help: 'do not force a garbage collection at the end; memory in use then includes garbage' },
  { name: 'max-profiler-memory', arg: 'BYTES', parse: v.parseSize, def: '32m', group: SAMPLING, commands: SAMPLED, sampler: true, help: 'limit for the memory of the sampler; when it is reached, the interval doubles' },
  { name: 'every', arg: 'SECONDS', parse: v.parseEvery, def: 'auto', group: SAMPLING, commands: RUNNING, sampler: true, help: 'write checkpoints while the app runs, in case it is killed; the first comes within a second. auto: at most half a percent of the time, at least 5 s apart; off: none' },
  { name: 'keep', arg: 'N', parse: v.wholeNumber(1, 100000), shown: 'none of --every, all others', group: SAMPLING, commands: ['run'], sampler: true, help: 'keep the last N snapshots of each process, also those of --every, as NAME.PID.1.pb.gz, .2 … in --out-dir' },
  { name: 'signal', arg: '[NAME]', bare: 'SIGUSR2', parse: v.parseSignal, shown: 'off; SIGUSR2 without NAME', group: SAMPLING, commands: ['run'], sampler: true, help: 'a process that receives this signal writes a snapshot and goes on; "in use" is as of the last garbage collection' },
  { name: 'lines', shown: 'off', group: SAMPLING, commands: RUNNING, sampler: true, help: 'sample the line of each allocation and call; inlined functions count for themselves' },
  { name: 'lines', shown: 'off', group: SAMPLING, commands: ATTACH, help: 'sample the line of each allocation and call; this pauses the process when sampling begins, about 3 ms per MB of its heap' },
  { name: 'no-lines', group: SAMPLING, commands: RUNNING, sampler: true, help: 'sample functions only: inlined functions count for their callers' },
  { name: 'types', shown: 'of snapshots', group: SAMPLING, commands: RUNNING, sampler: true, help: 'record what memory in use is, by its constructor: Session, Map, (string), (array). Tables, --group label:type, --where type=Map and --leaf-label type show it' },
  { name: 'no-types', group: SAMPLING, commands: [...RUNNING, ...ATTACH], sampler: true, help: 'do not record types, which attach and snapshots do' },
  { name: 'no-v8-flags', group: SAMPLING, commands: RUNNING, sampler: true, help: 'with --lines and --types: set none of the V8 flags that make them exact; --version --verbose lists them' },
  { name: 'v8-flags', group: SAMPLING, commands: ATTACH, help: 'with --lines: also set the V8 flags that make lines exact in code that is compiled from then on; they stay set. --version --verbose lists them' },
  { name: 'max-pause', arg: 'MS', parse: v.wholeNumber(0, 600000), def: '100', group: SAMPLING, commands: ATTACH, help: 'with --lines: attach only if the expected pause is at most so long' },
  { name: 'label', arg: 'SOURCE', parse: v.someOf(LABEL_SOURCES), list: true, group: SAMPLING, commands: RUNNING, sampler: true, help: 'label memory by http (method and route of the request), test (file and name), worker or trace (ids of OpenTelemetry); several: http,worker. See shap-flame help labels' },
  { name: 'label', arg: 'SOURCE', parse: v.someOf(LABEL_SOURCES.filter(name => name !== 'test')), list: true, group: SAMPLING, commands: ATTACH, help: 'label memory by http (method and route of the request), worker or trace (ids of OpenTelemetry); several: http,trace. See shap-flame help labels' },
  { name: 'no-inlining', group: SAMPLING, commands: RUNNING, sampler: true, help: 'turn off V8\'s inlining, which is slower; obsolete from Node 22 on, where --lines counts inlined functions for themselves' },
  { name: 'inspect-port', arg: 'PORT', parse: v.wholeNumber(1, 65535), shown: 'found', group: SAMPLING, commands: ATTACH, help: 'port of the process\'s inspector, if it is open already and is not found' },
  { name: 'only-main', group: SAMPLING, commands: RUNNING, sampler: true, help: 'leave out worker threads and child processes' },

  { name: 'type', arg: 'TYPE', parse: v.oneOf(TYPES), shown: 'alloc_space', group: SHOWN, commands: RUNNING, sampler: true, help: 'alloc_space, inuse_space (bytes), alloc_objects or inuse_objects: everything allocated, or what is still in use at the end' },
  { name: 'type', arg: 'TYPE', parse: v.oneOf(TYPES), shown: 'the profile\'s', group: SHOWN, commands: ['report', 'diff'], help: 'alloc_space, inuse_space (bytes), alloc_objects or inuse_objects: everything allocated, or what is still in use at the end' },
  { name: 'type', arg: 'TYPE', parse: v.oneOf(TYPES), shown: 'inuse_space', group: SHOWN, commands: ATTACH, help: 'inuse_space, alloc_space (bytes), inuse_objects or alloc_objects: what was allocated since then and is still in use, or all of it' },
  { name: 'normalize', group: SHOWN, commands: ['diff'], help: 'scale the profile before to the total of the one after' },
  { name: 'group', arg: 'WHAT', parse: v.grouping(GROUPS), def: 'function', group: SHOWN, commands: ALL, help: 'what one frame is: line (of the call), function, file or package; or label:KEY, the values of a label' },
  { name: 'focus', arg: 'RE', parse: v.parseExpression, group: SHOWN, commands: ALL, help: 'keep only stacks with a frame that matches' },
  { name: 'ignore', arg: 'RE', parse: v.parseExpression, group: SHOWN, commands: ALL, help: 'leave out stacks with a frame that matches' },
  { name: 'hide', arg: 'RE', parse: v.parseExpression, group: SHOWN, commands: ALL, help: 'leave out frames that match: their callees join the caller; a stack without other frames is (hidden)' },
  { name: 'where', arg: 'KEY=VALUE', parse: v.parseLabel, list: true, group: SHOWN, commands: ALL, help: 'keep only memory that has this label; several values of a key: any of them; KEY= is memory without it' },
  { name: 'older-than', arg: 'TIME', parse: v.parseAge, group: SHOWN, commands: ALL, help: 'keep only memory in use that is at least so old: 90, 60s, 2m or 1h; what is young may be garbage that was not found yet' },
  { name: 'root-label', arg: 'KEY', parse: v.parseKey, list: true, group: SHOWN, commands: ALL, help: 'a frame with the value of this label above each stack' },
  { name: 'leaf-label', arg: 'KEY', parse: v.parseKey, list: true, group: SHOWN, commands: ALL, help: 'the same below each stack' },
  { name: 'min', arg: 'PERCENT', parse: v.parsePercent, def: '0', group: SHOWN, commands: SHOWING, help: 'sum up smaller frames in one' },
  { name: 'source-lines', arg: 'N', parse: v.wholeNumber(0, 100), shown: '0, on a terminal 3', group: SHOWN, commands: ['run', 'attach', 'report', 'check'], help: 'lines of source under each callsite of the listing: those that allocate most, with their bytes, if lines were sampled; otherwise its first ones' },
  { name: 'source-maps', arg: 'DIR', parse: v.parseFile, shown: 'beside the files', group: SHOWN, commands: ALL, help: 'folder of source maps, for example of a build on another machine; it is searched first' },
  { name: 'source-root', arg: 'DIR', parse: v.parseFile, list: true, shown: 'see the text', group: SHOWN, commands: ['attach', 'report', 'diff', 'check'], help: 'folder whose files may be read for source lines and source maps if a profile names them, in addition to the folders of the profiles and the working folder (with its workspace). A run of your own may read its files anywhere; nothing in /proc, /sys and /dev is read' },
  { name: 'no-source-maps', group: SHOWN, commands: ALL, help: 'leave the positions of generated files as they are' },

  { name: 'title', arg: 'TEXT', parse: v.parseText, shown: 'the command', group: PICTURE, commands: ALL, help: 'its title' },
  { name: 'subtitle', arg: 'TEXT', parse: v.parseText, group: PICTURE, commands: ALL, help: 'a second line below the title' },
  { name: 'width', arg: 'PIXELS', parse: v.wholeNumber(200, 100000), shown: '1200', group: PICTURE, commands: ALL, help: 'its width' },
  { name: 'height', arg: 'PIXELS', parse: v.wholeNumber(8, 100), shown: '16', group: PICTURE, commands: ALL, help: 'height of one frame' },
  { name: 'minwidth', arg: 'PIXELS', parse: v.decimal(0.01, 1000), shown: '0.1', group: PICTURE, commands: ALL, help: 'narrower frames become grey blocks' },
  { name: 'inverted', group: PICTURE, commands: ALL, help: 'root on top (icicle)' },
  { name: 'reverse', group: PICTURE, commands: ALL, help: 'stacks begin at the function that allocated' },
  { name: 'colors', arg: 'NAME', parse: v.oneOf(COLORS), shown: 'by category', group: PICTURE, commands: ALL, help: 'hot, mem, io, js, red, orange, yellow, green, aqua, blue or purple; a name has one colour in every file' },
  { name: 'fonttype', arg: 'FONT', parse: v.parseText, shown: 'the system\'s', group: PICTURE, commands: ALL, help: 'font of all text' },
  { name: 'fontsize', arg: 'PIXELS', parse: v.wholeNumber(4, 100), group: PICTURE, commands: ALL, help: 'size of the frames\' text' },
  { name: 'countname', arg: 'TEXT', parse: v.parseText, shown: 'bytes or objects', group: PICTURE, commands: ALL, help: 'name of the counted unit' },
  { name: 'nametype', arg: 'TEXT', parse: v.parseText, shown: 'Function', group: PICTURE, commands: ALL, help: 'name of a frame\'s kind' },
  { name: 'notes', arg: 'TEXT', parse: v.parseText, group: PICTURE, commands: ALL, help: 'text for the picture\'s description' },
  { name: 'max-bytes', arg: 'BYTES', parse: v.parseSize, shown: '1000000', group: PICTURE, commands: ALL, help: 'limit for the size of the file; what does not fit becomes grey blocks. Markdown ends before the row that would exceed it' },

  { name: 'github-summary', group: CI, commands: ALL, help: 'add the table to the job\'s page on GitHub: to $GITHUB_STEP_SUMMARY, at most 1 MiB' },
  { name: 'benchmark-json', arg: 'FILE', parse: v.parseFile, group: CI, commands: ['run', 'report', 'check'], help: 'the totals for github-action-benchmark (customSmallerIsBetter)' },

  { name: 'max-memory', arg: 'BYTES', parse: v.parseSize, shown: 'a quarter of the machine\'s', group: OTHER, commands: ALL, help: 'limit for the memory of inputs (by default at most 2 GiB, less for a small file), and for an output on disk before it is compressed (by default half of the machine\'s memory, at most 4 GiB): a small file may hold a huge profile' },
  { name: 'quiet', short: 'q', group: OTHER, commands: ALL, sampler: true, help: 'print only errors and what the profile lacks' },
  { name: 'open', group: OTHER, commands: ALL, help: 'open the flamegraph when it is written' },
  { name: 'help', short: 'h', group: OTHER, commands: ALL, noEnv: true, help: 'this text' },
  { name: 'version', group: OTHER, commands: ALL, noEnv: true, help: 'the version; with --verbose the hash of the script in every SVG, and the V8 flags that --lines sets' },
  { name: 'verbose', group: OTHER, commands: ALL, help: 'with --version: more' }
])


/**
 * @param {string} name `max-profiler-memory`
 * @returns {string} `maxProfilerMemory`
 */
function keyOf (name) {
  return name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())
}

/**
 * @param {string} name `max-profiler-memory`
 * @returns {string} `SHAP_FLAME_MAX_PROFILER_MEMORY`
 */
function envOf (name) {
  return `SHAP_FLAME_${name.replace(/-/g, '_').toUpperCase()}`
}

/**
 * @param {string} command
 * @returns {Option[]} the options of a command
 */
function optionsOf (command) {
  return OPTIONS.filter(option => option.commands.includes(command))
}

/**
 * Defaults, overridden by the environment.
 * @param {readonly Option[]} options
 * @param {NodeJS.ProcessEnv} env
 * @returns {Values}
 */
function fromEnvironment (options, env) {
  /** @type {Record<string, unknown>} */
  const values = {}
  for (const option of options) {
    const text = option.noEnv ? undefined : env[envOf(option.name)]
    const given = text !== undefined && (text !== '' || option.arg === undefined)
    if (!option.parse) values[keyOf(option.name)] = given && readValue(v.parseFlag, text, envOf(option.name))
    else if (given) values[keyOf(option.name)] = asList(option, readValue(option.parse, text, envOf(option.name)))
    else if (option.def !== undefined) values[keyOf(option.name)] = option.parse(option.def)
  }
  return /** @type {Values} */ (/** @type {unknown} */ (values))
}

/**
 * @param {Option} option
 * @param {unknown} value
 */
function asList (option, value) {
  return option.list ? [value] : value
}

/**
 * @param {(text: string) => unknown} parse
 * @param {string} text
 * @param {string} where name of the option or variable, for the message
 */
function readValue (parse, text, where) {
  try {
    return parse(text)
  } catch (error) {
    throw new Error(`${where}: ${/** @type {Error} */ (error).message}`)
  }
}

/**
 * @param {Values} values
 * @returns {boolean} whether a run shall have lines
 */
function wantsLines ({ lines, noLines }) {
  return !noLines && (lines || LINES_BY_DEFAULT)
}

/** Which captures of a process have types, as the sampler counts. */
const TYPES_OF = Object.freeze({ NONE: 0, SNAPSHOTS: 1, ALL: 2 })

/**
 * @param {Values} values of a run
 * @returns {number} one of TYPES_OF
 */
function typesOf ({ types, noTypes }) {
  if (noTypes) return TYPES_OF.NONE
  return types ? TYPES_OF.ALL : TYPES_OF.SNAPSHOTS
}

/**
 * Values of the options that the preload reads.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Values}
 */
function samplerValues (env) {
  return fromEnvironment(OPTIONS.filter(option => option.sampler), env)
}

/**
 * The environment that passes these values to the preload.
 * @param {Values} values
 * @returns {Record<string, string>}
 */
function samplerEnvironment (values) {
  /** @type {Record<string, string>} */
  const env = {}
  for (const option of OPTIONS.filter(row => row.sampler)) {
    const value = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (values))[keyOf(option.name)]
    if (value === undefined) continue
    env[envOf(option.name)] = typeof value === 'boolean' ? String(Number(value)) : String(value)
  }
  return env
}

module.exports = {
  OPTIONS, COMMANDS: ALL, TYPES, ENGINES, LABEL_SOURCES, GROUPS, FORMATS, COLORS, RUN_INTERVAL, LONG_INTERVAL,
  keyOf, optionsOf, readValue, fromEnvironment, wantsLines, TYPES_OF, typesOf, samplerValues, samplerEnvironment
}
