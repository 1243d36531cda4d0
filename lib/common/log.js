'use strict'

const { oneLine } = require('./errors.js')
const { writeSync } = require('./node-originals.js')

/**
 * A line on stderr, for the user of the app.
 * @param {string} message
 */
function log (message) {
  try {
    writeSync(2, `shap-flame: ${oneLine(message)}\n`)
  } catch {
    // stderr is closed: there is nobody to tell.
  }
}

module.exports = { log }
