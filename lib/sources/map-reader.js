'use strict'

/**
 * Reads large maps in a child process: a map can take a hundred times its size in memory, and this
 * process, which holds the profile, must not run out of it.
 */

const { spawn } = require('node:child_process')
const path = require('node:path')
const { clearTimeout, monotonic, setTimeout } = require('../common/node-originals.js')

/** Memory limit of the child in megabytes, and at most half of the free memory. */
const MAX_MEGABYTES = 1024
const MIN_MEGABYTES = 64
/** Maximum characters of an answer. */
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
 * @param {(line: string) => void} accept called with each line
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
 * @param {(result: LookupResult) => void} accept called with the result of each job, in order
 * @returns {Promise<string | undefined>} why not all jobs are done
 */
function runChild (jobs, roots, until, accept) {
  return new Promise(resolve => {
    const max = megabytes()
    const child = spawn(process.execPath, [`--max-old-space-size=${max}`, path.join(__dirname, 'map-reader-process.js')], {
      stdio: ['pipe', 'pipe', 'ignore'],
      // No preload and no options of the program.
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
    // It may exit before it has read everything.
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
 * @returns {Promise<(LookupResult | undefined)[]>} undefined for jobs beyond the time limit
 */
async function lookUpInChild (jobs, roots, until) {
  /** @type {(LookupResult | undefined)[]} */
  const all = []
  while (all.length < jobs.length && monotonic() < until) {
    const why = await runChild(jobs.slice(all.length), roots, until, result => all.push(result))
    if (why === 'timeout') break
    // Skip the job at which the child died, and go on with the next.
    if (why !== undefined) all.push({ warning: why })
  }
  return jobs.map((_, at) => all[at])
}

module.exports = { lookUpInChild }
