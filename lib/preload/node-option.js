'use strict'

const path = require('node:path')

/**
 * @param {string} file
 * @returns {string} as NODE_OPTIONS takes it, whatever it holds
 */
function quoteNodeOption (file) {
  return `"${file.replace(/[\\"]/g, '\\$&')}"`
}

/** What has every Node process of a run load the preload. */
const PRELOAD = `--require ${quoteNodeOption(path.join(__dirname, '..', 'register.js'))}`

module.exports = { PRELOAD }
