'use strict'

const { STATUS, CliError, reason, oneLine } = require('../errors.js')
const { version } = require('../process-meta.js')
const { readArguments } = require('./arguments.js')
const { helpText } = require('./help.js')
const { run } = require('./run.js')

/** @param {string} message */
function say (message) {
  process.stderr.write(`shap-flame: ${oneLine(message)}\n`)
}

/**
 * @param {unknown} error
 * @returns {number} the status to end with
 */
function tell (error) {
  if (error instanceof CliError) {
    say(error.message)
    return error.status
  }
  const { code } = /** @type {{ code?: string }} */ (error)
  say(code === 'ERR_SHAP_FLAME_NO_BINARY' ? reason(error) : `internal error: ${reason(error)}; please report it`)
  if (process.env.SHAP_FLAME_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  return STATUS.INTERNAL
}

/**
 * @param {string[]} argv without node and the script
 * @returns {Promise<void>}
 */
async function main (argv) {
  // A reader that has gone (`| head`), a closed terminal: no reason to fail.
  process.stderr.on('error', () => {})
  process.stdout.on('error', () => {})
  try {
    const args = readArguments('run', argv, process.env)
    if (args.values.help) process.stdout.write(helpText('run'))
    else if (args.values.version) process.stdout.write(`shap-flame ${version}\n`)
    else await run(args, say)
  } catch (error) {
    process.exitCode = tell(error)
  }
}

module.exports = { main }
