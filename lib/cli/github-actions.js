'use strict'

const fs = require('node:fs')
const binding = require('../common/native.js')
const { STATUS, reason, oneLine } = require('../common/errors.js')
const { below, workingFolder } = require('../common/metadata.js')
const { judgeTotal } = require('../api/queries.js')
const { cleanUpIfSignalled } = require('./exit-signal.js')

/** @typedef {import('../api/profile.js').Profile} Profile */
/** @typedef {import('./apply-filters.js').Log} Log */

/** Maximum bytes of a step's summary on GitHub. */
const SUMMARY_BYTES = 1024 * 1024
const SUMMARY_ROWS = 50
const MIN_BYTES = 1024

/**
 * @param {string} file
 * @returns {{ used: number, separator: string }} its size, and what must precede a new paragraph
 */
function endOf (file) {
  const stat = fs.statSync(file, { throwIfNoEntry: false })
  if (!stat?.isFile() || stat.size === 0) return { used: 0, separator: '' }
  const last = Buffer.alloc(Math.min(2, stat.size))
  const from = fs.openSync(file, 'r')
  try {
    fs.readSync(from, last, 0, last.length, stat.size - last.length)
  } finally {
    fs.closeSync(from)
  }
  const text = last.toString('latin1')
  return { used: stat.size, separator: text === '\n\n' ? '' : text.endsWith('\n') ? '\n' : '\n\n' }
}

/**
 * Opens a file for appending. Links of other users are not followed: they could point anywhere.
 * @param {string} file
 * @returns {number}
 */
function openToAdd (file) {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = fs.constants
  const flags = O_WRONLY | O_APPEND | O_CREAT
  try {
    return fs.openSync(file, flags | O_NOFOLLOW)
  } catch (error) {
    const link = fs.lstatSync(file, { throwIfNoEntry: false })
    const ours = link?.isSymbolicLink() && [0, process.geteuid?.()].includes(link.uid)
    if (!ours) throw error
    return fs.openSync(file, flags)
  }
}

/**
 * Appends Markdown to the summary of a job on GitHub.
 * @param {Profile} profile
 * @param {import('../options.js').Values} values
 * @param {string} head Markdown before the table
 * @param {Log} log
 * @returns {Promise<boolean>} false: it could not be written; a message was printed
 */
async function addSummary (profile, values, head, log) {
  const { GITHUB_STEP_SUMMARY: file } = process.env
  if (!file) {
    log('--github-summary: GITHUB_STEP_SUMMARY is not set: not a job on GitHub')
    return true
  }
  try {
    const { used, separator } = endOf(file)
    const maxBytes = SUMMARY_BYTES - used - Buffer.byteLength(separator + head) - 2
    if (maxBytes < MIN_BYTES) {
      log(`--github-summary: ${file} is full: GitHub accepts ${SUMMARY_BYTES} bytes from a step`)
      return true
    }
    const options = { type: values.type, cwd: workingFolder(), rows: SUMMARY_ROWS, human: true, maxBytes: maxBytes }
    const table = await profile.toMarkdown(options)
    const descriptor = openToAdd(file)
    try {
      fs.appendFileSync(descriptor, Buffer.concat([Buffer.from(separator + head), table, Buffer.from('\n')]))
    } finally {
      fs.closeSync(descriptor)
    }
    return true
  } catch (error) {
    log(`cannot write ${file}: ${reason(error)}`)
    return false
  }
}

/**
 * Writes the totals for github-action-benchmark, where smaller is better.
 * @param {Profile} profile
 * @param {string} file
 * @param {Log} log
 * @returns {Promise<boolean>} false: it could not be written; a message was printed
 */
async function writeBenchmark (profile, file, log) {
  const entries = profile.types.map(type => {
    const { after: { value, error, runs } } = judgeTotal(profile, type, 0)
    const unit = type.endsWith('_space') ? 'bytes' : 'objects'
    return { name: type, unit, value, range: `± ${Math.round(error)}`, extra: runs === 1 ? 'one run' : `mean of ${runs} runs` }
  })
  try {
    const bytes = Buffer.from(`${JSON.stringify(entries, undefined, 2)}\n`)
    await cleanUpIfSignalled(file, () => binding.core().writeBytes(bytes, file))
    return true
  } catch (error) {
    // The reader closed the pipe, as `head` does.
    if (file === '-' && /** @type {{ errno?: string }} */ (error).errno === 'EPIPE') return true
    log(`cannot write ${file === '-' ? 'stdout' : file}: ${reason(error)}`)
    return false
  }
}

/**
 * Writes the requested outputs for continuous integration.
 * @param {Profile} profile
 * @param {import('../options.js').Values} values
 * @param {Log} log
 * @param {string} [head] Markdown before the summary's table
 * @returns {Promise<number>} an exit status: 0 if everything was written
 */
async function writeForCi (profile, values, log, head = '') {
  const { githubSummary, benchmarkJson } = values
  const added = !githubSummary || await addSummary(profile, values, head, log)
  const written = benchmarkJson === undefined || await writeBenchmark(profile, benchmarkJson, log)
  return added && written ? 0 : STATUS.CANNOT_WRITE
}

/** @param {string} text */
function escapeData (text) {
  return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A')
}

/** @param {string} text */
function escapeProperty (text) {
  return escapeData(text).replace(/:/g, '%3A').replace(/,/g, '%2C')
}

/**
 * A workflow command that GitHub shows at a line of a file in the checkout.
 * @param {'error' | 'warning'} level
 * @param {string} message
 * @param {{ file: string, line: number } | undefined} place
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string}
 */
function annotation (level, message, place, env = process.env) {
  const root = env.GITHUB_WORKSPACE || workingFolder()
  const relative = place && root ? below(place.file, root) : ''
  const inside = relative !== '' && relative !== place?.file
  const at = inside ? ` file=${escapeProperty(relative)}${place && place.line > 0 ? `,line=${place.line}` : ''}` : ''
  return `::${level}${at}::${escapeData(oneLine(message))}`
}

/** @returns {boolean} whether this runs in a job on GitHub */
function onGitHub () {
  return process.env.GITHUB_ACTIONS === 'true'
}

module.exports = { writeForCi, annotation, onGitHub }
