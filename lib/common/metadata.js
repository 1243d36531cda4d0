'use strict'

const fs = require('node:fs')
const path = require('node:path')
const { exec, replaceAll } = require('./node-originals.js')

const { version } = require('../../package.json')

/** Folder of shap-flame's own files, whose frames no profile shows. */
const OWN_FRAMES = path.dirname(__dirname) + path.sep

/** A word that a shell takes as it is. */
const SIMPLE_WORD = /^[\w@%+=:,./~-]+$/

/** @param {string} word @returns {string} in quotes, as a shell takes it */
function shellQuoted (word) {
  return `'${replaceAll(word, "'", "'\\''")}'`
}

/**
 * @param {readonly string[]} words
 * @returns {string} a command line, quoted for a shell
 */
function shellText (words) {
  let text = ''
  for (let i = 0; i < words.length; i++) {
    const quoted = exec(SIMPLE_WORD, words[i]) ? words[i] : shellQuoted(words[i])
    text += i === 0 ? quoted : ` ${quoted}`
  }
  return text
}

/**
 * @param {string} file
 * @param {string} cwd
 * @returns {string} relative to `cwd` if it is below it
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

/** @returns {string} this process's pid namespace; empty if unknown */
function pidNamespace () {
  try {
    return fs.readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

/**
 * The properties of `process` that describe it.
 * @typedef {Pick<NodeJS.Process, 'argv' | 'execArgv' | 'execPath' | 'version' | 'platform' | 'arch' | 'title' | 'pid' | 'ppid'>} About
 */

/**
 * @param {About} about
 * @param {string} cwd
 * @returns {string} its command line, quoted for a shell
 */
function commandLine ({ argv, execPath, execArgv }, cwd) {
  const [, script, ...rest] = argv
  const entry = script === undefined ? [] : [below(script, cwd), ...rest]
  return shellText([path.basename(execPath), ...execArgv, ...entry])
}

/**
 * @param {About} about
 * @param {string} cwd its working folder
 * @param {number} thread 0 is the main thread
 * @returns {Record<string, string>} the metadata of a thread's capture
 */
function metaOf (about, cwd, thread) {
  return {
    command: commandLine(about, cwd),
    node: about.version,
    platform: `${about.platform} ${about.arch}`,
    title: about.title,
    pid: String(about.pid),
    ppid: String(about.ppid),
    thread: String(thread),
    cwd,
    exec: about.execPath,
    entry: about.argv[1] ?? '',
    hide: OWN_FRAMES,
    'shap-flame': version
  }
}

/** @returns {Record<string, string>} the metadata of this thread */
function processMeta () {
  // Loaded late: it loads half of Node, which the command line does not need at its start.
  const { isMainThread, threadId } = require('node:worker_threads')
  return metaOf(process, workingFolder(), isMainThread ? 0 : threadId)
}

module.exports = { processMeta, metaOf, commandLine, below, workingFolder, pidNamespace, shellQuoted, shellText, SIMPLE_WORD, OWN_FRAMES, version }
