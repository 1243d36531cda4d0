'use strict'

const fs = require('node:fs')
const { oneLine } = require('./errors.js')

/**
 * A line on stderr, for the user of the app.
 * @param {string} message
 */
function say (message) {
  try {
    fs.writeSync(2, `shap-flame: ${oneLine(message)}\n`)
  } catch {
    // stderr is closed: there is nobody to tell.
  }
}

module.exports = { say }
