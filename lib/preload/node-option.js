'use strict'

const path = require('node:path')

/**
 * @param {string} file
 * @returns {string} quoted for NODE_OPTIONS
 */
function quoteNodeOption (file) {
  return `"${file.replace(/[\\"]/g, '\\$&')}"`
}

/** The option by which every Node process of a run loads the preload. */
const PRELOAD = `--require ${quoteNodeOption(path.join(__dirname, '..', 'register.js'))}`

module.exports = { PRELOAD }
