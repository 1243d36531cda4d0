'use strict'

/**
 * Large maps are read in a process of its own: a map of a few bytes more than usual can take
 * a hundred times its size, and the process that holds the profile must not die of it.
 */

const { spawn } = require('node:child_process')
const path = require('node:path')
const { clearTimeout, monotonic, setTimeout } = require('../common/node-originals.js')

/** Megabytes that it may have, where the machine has twice as many. */
const MAX_MEGABYTES = 1024
const MIN_MEGABYTES = 64
/** Characters of an answer: one of many places, or with texts of sources. */
const MAX_ANSWER = 256 * 1024 * 1024

/** @typedef {import('./map-file.js').Job} Job */
/** @typedef {import('./map-file.js').LookupResult} LookupResult */

/** @returns {number} */
function megabytes () {
  // Since Node 20.13.
  const free = process.availableMemory?.() ?? Infinity
  return Math.max(MIN_MEGABYTES, Math.min(MAX_MEGABYTES, Math.floor(free / 2 / 1024 / 1024)))
}

/**
 * @param {NodeJS.ReadableStream} stream
 * @param {(line: string) => void} accept each line as it comes
 */
function readLines (stream, accept) {
  /** @type {string[]} */
  let parts = []
  let length = 0
  stream.setEncoding('utf8')
  stream.on('data', text => {
    const lines = String(text).split('\n')
    for (const [at, line] of lines.entries()) {
      if (length <= MAX_ANSWER) parts.push(line)
      length += line.length
      if (at === lines.length - 1) break
      if (length <= MAX_ANSWER) accept(parts.join(''))
      parts = []
      length = 0
    }
  })
}

/**
 * @param {Job[]} jobs
 * @param {readonly string[] | undefined} roots
 * @param {number} until milliseconds of monotonic()
 * @param {(result: LookupResult) => void} accept what is known of each job, in their order
 * @returns {Promise<string | undefined>} why it has not come to its end
 */
function runChild (jobs, roots, until, accept) {
  return new Promise(resolve => {
    const max = megabytes()
    const child = spawn(process.execPath, [`--max-old-space-size=${max}`, path.join(__dirname, 'child.js')], {
      stdio: ['pipe', 'pipe', 'ignore'],
      // Neither a preload nor an option of the program's is for it.
      env: {}
    })
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      child.kill('SIGKILL')
    }, Math.max(0, until - monotonic()))
    let left = jobs.length
    readLines(child.stdout, line => {
      left--
      accept(JSON.parse(line))
    })
    // It may end before it has read all.
    child.stdin.on('error', () => {})
    child.stdin.end(JSON.stringify({ jobs, roots }))
    /** @param {string} [why] */
    const end = why => {
      clearTimeout(timer)
      resolve(left <= 0 ? undefined : timedOut ? 'timeout' : why)
    }
    child.on('error', error => end(error.message))
    child.on('close', () => end(`its source map needs more than ${max} MB to read`))
  })
}

/**
 * @param {Job[]} jobs
 * @param {readonly string[] | undefined} roots
 * @param {number} until milliseconds of monotonic()
 * @returns {Promise<(LookupResult | undefined)[]>} nothing of those for which no time was left
 */
async function lookUpInChild (jobs, roots, until) {
  /** @type {(LookupResult | undefined)[]} */
  const all = []
  while (all.length < jobs.length && monotonic() < until) {
    const why = await runChild(jobs.slice(all.length), roots, until, result => all.push(result))
    if (why === 'timeout') break
    // The one that it ended at is left out, the others have their turn.
    if (why !== undefined) all.push({ warning: why })
  }
  return jobs.map((_, at) => all[at])
}

module.exports = { lookUpInChild }
