'use strict'

const { oneLine } = require('./errors.js')
const { writeSync } = require('./node-originals.js')

/**
 * Prints a line on stderr.
 * @param {string} message
 */
function log (message) {
  try {
    writeSync(2, `shap-flame: ${oneLine(message)}\n`)
  } catch {
    // stderr is closed.
  }
}

module.exports = { log }
