'use strict'

const path = require('node:path')
const { isMainThread, threadId } = require('node:worker_threads')

const { version } = require('../package.json')

/** shap-flame's own files: no profile shows their frames. */
const OWN_FRAMES = __dirname + path.sep

/**
 * @param {readonly string[]} words
 * @returns {string} the command line as a shell would take it
 */
function shellText (words) {
  return words.map(word => /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replace(/'/g, '\'\\\'\'')}'`).join(' ')
}

/**
 * @param {string} file
 * @param {string} cwd
 * @returns {string} relative to `cwd` where it lies below
 */
function below (file, cwd) {
  const relative = path.relative(cwd, file)
  return path.isAbsolute(file) && relative && !relative.startsWith('..') && !path.isAbsolute(relative) ? relative : file
}

/** @returns {string} */
function workingFolder () {
  try {
    return process.cwd()
  } catch {
    return '' // it was removed
  }
}

/**
 * The meta lines that a capture of this thread carries.
 * @returns {Record<string, string>}
 */
function processMeta () {
  const cwd = workingFolder()
  const [, script, ...rest] = process.argv
  const words = [path.basename(process.execPath), ...process.execArgv]
  if (script !== undefined) words.push(below(script, cwd), ...rest)
  return {
    command: shellText(words),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    title: process.title,
    pid: String(process.pid),
    ppid: String(process.ppid),
    thread: String(isMainThread ? 0 : threadId),
    cwd,
    exec: process.execPath,
    entry: script ?? '',
    hide: OWN_FRAMES,
    'shap-flame': version
  }
}

module.exports = { processMeta, workingFolder, shellText, OWN_FRAMES, version }
