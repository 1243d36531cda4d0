'use strict'

const fs = require('node:fs')
const path = require('node:path')
const { STATUS, reason, oneLine } = require('../errors.js')
const { workingFolder } = require('../process-meta.js')
const { Profile } = require('../profile.js')

/** @typedef {import('./transform.js').Say} Say */

/** What GitHub takes from one step. */
const SUMMARY_BYTES = 1024 * 1024
const SUMMARY_ROWS = 50
const LEAST_BYTES = 1024

/**
 * Adds Markdown to the page of a job on GitHub.
 * @param {Profile} profile
 * @param {import('../options.js').Values} values
 * @param {string} head Markdown in front of the table
 * @param {Say} say
 */
async function addSummary (profile, values, head, say) {
  const { GITHUB_STEP_SUMMARY: file } = process.env
  if (!file) return say('--github-summary: GITHUB_STEP_SUMMARY is not set: this is no step of a job on GitHub')
  try {
    const used = fs.existsSync(file) ? fs.statSync(file).size : 0
    const room = SUMMARY_BYTES - used - Buffer.byteLength(head) - 2
    if (room < LEAST_BYTES) return say(`--github-summary: ${file} is full: GitHub takes ${SUMMARY_BYTES} bytes of a step`)
    const options = { type: values.type, cwd: workingFolder(), rows: SUMMARY_ROWS, human: true, maxBytes: room }
    const table = await profile.toMarkdown(options)
    fs.appendFileSync(file, Buffer.concat([Buffer.from(head), table, Buffer.from('\n')]))
  } catch (error) {
    say(`cannot write ${file}: ${reason(error)}`)
    process.exitCode ||= STATUS.CANNOT_WRITE
  }
}

/**
 * The totals as github-action-benchmark reads them; each entry smaller is better.
 * @param {Profile} profile
 * @param {string} file
 * @param {Say} say
 */
function writeBenchmark (profile, file, say) {
  const entries = profile.types.map(type => {
    const { after: { value, error, runs } } = Profile.judge(profile, type, 0)
    const unit = type.endsWith('_space') ? 'bytes' : 'objects'
    return { name: type, unit, value, range: `± ${Math.round(error)}`, extra: runs === 1 ? 'one run' : `mean of ${runs} runs` }
  })
  const text = `${JSON.stringify(entries, undefined, 2)}\n`
  try {
    if (file === '-') return void fs.writeSync(1, text)
    fs.writeFileSync(`${file}.part`, text)
    fs.renameSync(`${file}.part`, file)
  } catch (error) {
    say(`cannot write ${file === '-' ? 'stdout' : file}: ${reason(error)}`)
    process.exitCode ||= STATUS.CANNOT_WRITE
  }
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
 * A line that GitHub shows at a line of a file, where that lies in the checkout.
 * @param {'error' | 'warning'} level
 * @param {string} message
 * @param {{ file: string, line: number } | undefined} place
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string}
 */
function annotation (level, message, place, env = process.env) {
  const root = env.GITHUB_WORKSPACE || workingFolder()
  const below = place?.file && root ? path.relative(root, place.file) : ''
  const inside = below !== '' && !below.startsWith('..') && !path.isAbsolute(below) && path.isAbsolute(place?.file ?? '')
  const at = inside ? ` file=${escapeProperty(below)}${place && place.line > 0 ? `,line=${place.line}` : ''}` : ''
  return `::${level}${at}::${escapeData(oneLine(message))}`
}

/** @returns {boolean} whether a job of GitHub reads what we say */
function onGitHub () {
  return process.env.GITHUB_ACTIONS === 'true'
}

module.exports = { addSummary, writeBenchmark, annotation, onGitHub }
