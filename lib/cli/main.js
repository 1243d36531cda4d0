'use strict'

const binding = require('../common/native.js')
const { STATUS, CliError, reason, oneLine } = require('../common/errors.js')
const { version } = require('../common/metadata.js')
const { COMMANDS } = require('../options.js')
const { readArguments } = require('./arguments.js')
const { stdout, stderr, hasColors } = require('./stdio.js')

/** Every other first word is a script to run. */
const SUBCOMMANDS = COMMANDS.filter(name => name !== 'run')

/**
 * @param {boolean} verbose
 * @returns {string} if verbose, with the hash of the SVG's script for a content security policy, and
 *   the V8 flags that --lines sets on this Node
 */
function versionText (verbose) {
  const first = `shap-flame ${version}\n`
  if (!verbose) return first
  const { version: node, versions } = process
  const flags = require('../common/v8-flags.js').ownLineFlags().join(' ') || 'none'
  return `${first}script in SVGs: ${binding.core().viewer}\nnode: ${node} (ABI ${versions.modules})\nV8 flags for --lines: ${flags}\n`
}

/**
 * @param {string} text
 * @returns {Promise<void>} resolves when stdout has it or its reader has closed the pipe
 */
async function print (text) {
  const error = await new Promise(resolve => stdout().write(text, resolve))
  if (error && error.code !== 'EPIPE') throw new CliError(STATUS.CANNOT_WRITE, `cannot write stdout: ${reason(error)}`)
}

/**
 * @param {string} command
 * @returns {Promise<void>}
 */
function printHelp (command) {
  return print(require('./commands/help.js').helpText(command, { color: hasColors(stdout()) }))
}

/** @param {string} message */
function log (message) {
  stderr().write(`shap-flame: ${oneLine(message)}\n`)
}

/**
 * @param {unknown} error
 * @returns {number} the exit status
 */
function reportError (error) {
  if (error instanceof CliError) {
    log(error.message)
    return error.status
  }
  const { code } = /** @type {{ code?: string }} */ (error)
  if (code === 'SHF_E_LIMIT') {
    log(`cannot process the inputs: ${reason(error)}`)
    return STATUS.DATA
  }
  log(code === 'ERR_SHAP_FLAME_NO_BINARY' ? reason(error) : `internal error: ${reason(error)}; please report it`)
  if (process.env.SHAP_FLAME_DEBUG && error instanceof Error) stderr().write(`${error.stack}\n`)
  return STATUS.INTERNAL
}

/**
 * @param {string[]} argv without node and the script
 * @returns {Promise<void>}
 */
async function main (argv) {
  try {
    if (argv[0] === 'help') return await printHelp(require('./commands/help.js').helpTopic(argv.slice(1)))
    const name = SUBCOMMANDS.includes(argv[0]) ? argv[0] : 'run'
    const args = readArguments(name, name === 'run' ? argv : argv.slice(1), process.env)
    if (args.values.help) await printHelp(name)
    else if (args.values.version) await print(versionText(args.values.verbose))
    // Only the command that runs is loaded.
    else await require(`./commands/${name}.js`)[name](args, log)
  } catch (error) {
    process.exitCode = reportError(error)
  }
}

module.exports = { main }
