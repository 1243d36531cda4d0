'use strict'

const fs = require('node:fs')
const path = require('node:path')
const binding = require('../binding.js')
const { STATUS, CliError, lineStart, reason } = require('../errors.js')
const { FORMATS, RUN_INTERVAL } = require('../options.js')
const { workingFolder, shellText } = require('../process-meta.js')
const { nearest } = require('./arguments.js')
const { Captures } = require('./captures.js')
const { writeForCi } = require('./ci.js')
const { dieOf } = require('./ending.js')
const { planOutputs, writeOutputs, makeOutputFolder, rescue } = require('./outputs.js')
const { Child, profiledEnvironment } = require('./spawn.js')
const { memoryLines } = require('./memory.js')
const { topTables, summary, offheapLine } = require('./top.js')
const { transform, checkMaps, mapSources, unknownType, openFile } = require('./transform.js')

/**
 * @typedef {object} Target what is run
 * @property {string} command
 * @property {string[]} args
 * @property {string} name how its files are called
 * @property {string} title of what several processes did
 */

/** @typedef {import('./transform.js').Say} Say */

/** Of a file's name, which may have 255: what follows it and a temporary name need room too. */
const STEM_LETTERS = 200

/** Words that may have been meant where a script is not there. */
const COMMANDS = ['attach', 'check', 'diff', 'help', 'report']

/**
 * @param {string} file
 * @returns {string} the file's name without its folder and its last extension
 */
function stemOf (file) {
  return path.parse(file).name.replace(/[^\w.@+-]/g, '_').slice(0, STEM_LETTERS) || 'app'
}

/**
 * Finds a script as node does: as it is, with an extension, or as a folder.
 * @param {string} script
 * @returns {string | undefined}
 */
function findScript (script) {
  const full = path.resolve(workingFolder() || path.sep, script)
  try {
    return require.resolve(full)
  } catch {
    return isFile(full) ? full : undefined
  }
}

/**
 * @param {string} file what may as well be an option's value: code that is too long for a name
 * @returns {boolean}
 */
function isFile (file) {
  try {
    return fs.statSync(file).isFile()
  } catch {
    return false
  }
}

/**
 * @param {string} script
 * @returns {CliError}
 */
function noScript (script) {
  const command = !/[/\\]|\.[cm]?[jt]s$/.test(script)
  const meant = command && nearest(script, COMMANDS)
  if (meant) return new CliError(STATUS.NO_INPUT, `${script}: no such script; did you mean shap-flame ${meant}?`)
  const hint = command ? `; to profile a command: shap-flame -- ${script}` : ''
  return new CliError(STATUS.NO_INPUT, `${script}: no such script${hint}`)
}

/**
 * @param {string} command
 * @param {string[]} args
 * @returns {string} of `node --flag app.js` the script's name, else the command's
 */
function commandName (command, args) {
  const script = /^node(js)?(\.exe)?$/.test(path.basename(command)) && args.find(arg => !arg.startsWith('-') && findScript(arg))
  return stemOf(script || path.basename(command))
}

/**
 * @param {string[]} rest
 * @param {boolean} dashes
 * @param {import('../options.js').Values} [values]
 * @returns {Target}
 */
function findTarget (rest, dashes, values) {
  const [first, ...args] = rest
  if (first === undefined) {
    const what = dashes ? 'no command behind --' : 'no script'
    throw new CliError(STATUS.USAGE, `${what}: shap-flame app.js, or shap-flame -- command${takenScript(values)}; --help tells more`)
  }
  if (dashes) return { command: first, args, name: commandName(first, args), title: shellText(rest) }
  if (!findScript(first)) throw noScript(first)
  return {
    command: process.execPath,
    args: [...process.execArgv, first, ...args],
    name: stemOf(first),
    title: shellText(['node', ...rest])
  }
}

/**
 * @param {import('../options.js').Values} [values]
 * @returns {string} that an option has the script as its value, where one has
 */
function takenScript (values) {
  const files = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (values))
  const taker = FORMATS.find(name => /\.[cm]?[jt]s$/.test(String(files[name] ?? '')))
  return taker ? ` (--${taker} took ${String(files[taker])} as its file)` : ''
}

/**
 * @param {Captures} captures
 * @param {import('./spawn.js').End} end
 * @returns {string} why there is no profile
 */
function whyNothing (captures, { signal }) {
  const lost = captures.lost()
  if (lost) return `no profile: ${lost}`
  if (captures.failed()) return 'no profile: sampling did not start, see above'
  if (signal) return `no profile: the command died of ${signal} and left no capture`
  if (captures.sampledAny()) return 'no profile: what was sampled left no capture'
  const managers = captures.leftOut()
  const only = managers.length > 0 ? ` but ${managers.join(', ')}, which ${managers.length > 1 ? 'are' : 'is'} left out` : ''
  return `no profile: the command ran no Node process that could be sampled${only}`
}

/**
 * Without a profile nothing that was asked for is written. A command that runs no Node is no
 * failure where nobody named an output: `npm --version`.
 *
 * @param {Captures} captures
 * @param {import('../options.js').Values} values
 * @returns {number} a status
 */
function statusOfNothing (captures, values) {
  if (captures.lost() || captures.failed() || captures.sampledAny()) return STATUS.DATA
  const asked = planOutputs(values, '').named || values.githubSummary || values.benchmarkJson !== undefined
  return asked ? STATUS.DATA : 0
}

/**
 * Makes the outputs of what the child left behind.
 *
 * @param {Captures} captures
 * @param {import('./spawn.js').End} end
 * @param {import('../options.js').Values} given
 * @param {{ stem: string, title: string }} names
 * @param {Say} say
 * @returns {Promise<number>} a status: 0 where all that could be written is
 */
async function report (captures, end, given, { stem, title }, say) {
  const { profile: merged, processes, threads, warnings, unreadable } = await captures.collect(given.type ?? 'alloc_space')
  unreadable.forEach(say)
  warnings.forEach(say)
  const managers = captures.leftOut()
  if (!merged) {
    const status = unreadable.length > 0 ? STATUS.DATA : statusOfNothing(captures, given)
    if (status !== 0 || !given.quiet) say(unreadable.length > 0 ? 'no profile: no capture could be read' : whyNothing(captures, end))
    return status
  }
  // A single capture's title is its own command line.
  const values = threads > 1 ? { ...given, title: given.title ?? title } : given
  if (!values.quiet && managers.length > 0) say(`left out: ${managers.join(', ')}`)
  const status = await deliver(merged, { processes, threads }, values, stem, say)
  return status || (captures.lostSnapshots() ? STATUS.CANNOT_WRITE : 0)
}

/**
 * Writes the outputs that were named, or the default ones, and tells the top.
 *
 * @param {import('../profile.js').Profile} merged freed here
 * @param {{ processes: number, threads: number }} counts
 * @param {import('../options.js').Values} values
 * @param {string} stem of the default files' names
 * @param {Say} say
 * @returns {Promise<number>} a status: 0 where all could be written
 */
async function deliver (merged, counts, values, stem, say) {
  const unknown = values.type && unknownType(values.type, merged)
  if (unknown) {
    say(`${unknown}; ${await rescue(merged, stem)}`)
    return STATUS.CANNOT_WRITE
  }
  await mapSources(merged, values, say)
  const outside = offheapLine(merged)
  const memory = values.quiet ? [] : memoryLines(merged, counts.processes)
  const profile = await transform(merged, values, say)
  const status = await writeForCi(profile, values, say)
  const { outputs, named } = planOutputs(values, stem)
  const blocked = makeOutputFolder(values, named)
  const { written, failure } = blocked
    ? { written: [], failure: `${blocked}; ${await rescue(profile, stem)}` }
    : await writeOutputs(profile, outputs, values, stem)
  if (!values.quiet) {
    const files = written.map(output => output.path).filter(file => file !== '-')
    if (named && files.length > 0) say(`wrote ${files.join(', ')}`)
    if (!named) tellTop(profile, values.type, { ...counts, outside, memory }, files, say)
  }
  if (failure) say(failure)
  const svg = written.find(output => output.format === 'svg' && output.path !== '-')
  if (values.open && svg) openFile(svg.path, say)
  else if (values.open) say('--open: no flamegraph was written to a file; add --svg FILE')
  profile.free()
  return failure ? STATUS.CANNOT_WRITE : status
}

/**
 * @param {import('../profile.js').Profile} profile
 * @param {string | undefined} type that was asked for
 * @param {{ processes: number, threads: number, outside: string | undefined, memory: string[] }} told above the tables
 * @param {string[]} files that were written
 * @param {Say} say
 */
function tellTop (profile, type, told, files, say) {
  summary(profile, type ?? profile.defaultType, told).forEach(say)
  if (told.outside) say(told.outside)
  told.memory.forEach(say)
  const { stderr } = process
  const color = Boolean(stderr.isTTY && stderr.hasColors())
  const tables = topTables(profile, type, { cwd: workingFolder(), color, columns: stderr.columns })
  const parts = [...tables, files.map(file => `  ${lineStart(file)}`)].filter(part => part.length > 0)
  stderr.write(parts.map(part => `\n${part.join('\n')}\n`).join(''))
}

/**
 * Runs it once, to its end.
 * @param {Target} target
 * @param {import('../options.js').Values} values
 * @param {Captures} captures
 * @param {Say} say
 * @returns {Promise<{ end: import('./spawn.js').End, pid: number | undefined }>}
 */
async function runTarget (target, values, captures, say) {
  const sampling = { ...values, interval: values.interval ?? RUN_INTERVAL }
  const prefix = path.resolve(workingFolder() || path.sep, values.outDir ?? '.', values.name ?? target.name)
  const child = new Child(target.command, target.args, profiledEnvironment(process.env, sampling, captures.folder, prefix))
  captures.watch(child.pid, values.type, { prefix, keep: values.keep, quiet: values.quiet, say })
  child.onSnapshotSignal(values.signal, signal => {
    if (captures.samples(child.pid)) return true
    say(`${signal} is not passed on: process ${child.pid} takes no snapshots; send it to the Node process that is meant`)
    return false
  })
  child.onSignalAfterEnd(signal => {
    captures.remove()
    dieOf(signal)
  })
  return { end: await child.end, pid: child.pid }
}

/**
 * `shap-flame [options] app.js`: runs it, then writes what it allocated.
 * Ends this process as the app ended.
 *
 * @param {{ values: import('../options.js').Values, rest: string[], dashes: boolean }} args
 * @param {Say} say
 */
async function run ({ values, rest, dashes }, say) {
  const target = findTarget(rest, dashes, values)
  checkMaps(values)
  binding.core() // without it nothing could be made of the captures
  const captures = new Captures()
  /** @type {import('./spawn.js').End} */
  let end
  let own = 0
  try {
    const ended = await runTarget(target, values, captures, say)
    end = ended.end
    try {
      const stem = `${values.name ?? target.name}.${ended.pid}`
      own = await report(captures, end, values, { stem, title: target.title }, say)
    } catch (error) {
      say(`no profile: ${reason(error)}`)
      own = STATUS.CANNOT_WRITE
    }
  } finally {
    captures.remove()
  }
  if (end.signal) return dieOf(end.signal)
  process.exitCode = end.code || own
}

module.exports = { run, runTarget, findTarget, whyNothing, deliver, stemOf }
