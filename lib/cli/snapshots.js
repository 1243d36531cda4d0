'use strict'

const fs = require('node:fs')
const path = require('node:path')
const { reason } = require('../common/errors.js')
const { readNote, removeAny } = require('./process-notes.js')

/** `<pid>-<start>-<thread>.<number>.shfc`: a thread's part. */
const PART = /^(\d{1,10})-\d+-\d+\.(\d{1,10})\.shfc$/
/** `<pid>.<number>.snapshot`: all of its parts are complete; it contains what triggered it. */
const GENERATED_SUFFIX = /^(\d{1,10})\.(\d{1,10})\.snapshot$/

/**
 * @typedef {object} Where
 * @property {string} prefix absolute path prefix, to which `.<pid>.<number>.pb.gz` is added
 * @property {number} [keep] maximum number for each process; undefined: all
 * @property {(message: string) => void} log
 * @property {boolean} quiet
 */

/** Writes a pprof of each snapshot in the folder for captures. */
class Snapshots {
  #folder
  #where
  /** Whether one could not be written; reported once. */
  failed = false
  /** @type {Map<string, string[]>} files of each process, oldest first */
  #written = new Map()

  /** @param {string} folder @param {Where} where */
  constructor (folder, where) {
    this.#folder = folder
    this.#where = where
  }

  /**
   * @param {string[]} names in the captures' folder
   * @param {boolean} last whether every process has exited, so that no more parts will come
   */
  async take (names, last) {
    const parts = matchesOf(names, PART)
    const complete = last ? [...matchesOf(names, GENERATED_SUFFIX), ...parts] : matchesOf(names, GENERATED_SUFFIX)
    const bySnapshot = new Map(complete.map(one => [`${one[1]}.${one[2]}`, one]))
    const ordered = [...bySnapshot.values()].sort((a, b) => Number(a[1]) - Number(b[1]) || Number(a[2]) - Number(b[2]))
    /** @type {Map<string, string[]>} */
    const files = new Map([...bySnapshot.keys()].map(key => [key, []]))
    for (const [file, pid, number] of parts) files.get(`${pid}.${number}`)?.push(file)
    for (const [, pid, number] of ordered) await this.#make(pid, number, files.get(`${pid}.${number}`) ?? [])
  }

  /** @param {string} pid @param {string} number @param {string[]} parts */
  async #make (pid, number, parts) {
    const mark = path.join(this.#folder, `${pid}.${number}.snapshot`)
    try {
      if (parts.length > 0) await this.#write(`${this.#where.prefix}.${pid}.${number}.pb.gz`, pid, parts, readNote(mark) === 'signal')
    } catch (error) {
      if (!this.failed) this.#where.log(`cannot write snapshot ${number} of process ${pid}: ${reason(error)}`)
      this.failed = true
    }
    for (const file of [mark, ...parts.map(part => path.join(this.#folder, part))]) removeAny(file)
  }

  /** @param {string} file @param {string} pid @param {string[]} parts @param {boolean} report */
  async #write (file, pid, parts, report) {
    const { prefix, keep = Infinity, quiet, log } = this.#where
    const { readCapture, mergeAll } = require('./merge-threads.js')
    const captures = await Promise.all(parts.map(part => readCapture(path.join(this.#folder, part), 'inuse_space')))
    const profile = await mergeAll([captures.sort((a, b) => a.thread - b.thread)])
    try {
      fs.mkdirSync(path.dirname(prefix), { recursive: true })
      await profile.write(file)
    } finally {
      profile.free()
    }
    const files = [...this.#written.get(pid) ?? [], file]
    while (files.length > keep) fs.rmSync(/** @type {string} */ (files.shift()), { force: true })
    this.#written.set(pid, files)
    if (report && !quiet) log(`wrote ${path.relative('', file)}; in use is as of the last garbage collection`)
  }
}

/** @param {string[]} names @param {RegExp} pattern @returns {string[][]} the matches */
function matchesOf (names, pattern) {
  return names.flatMap(name => {
    const match = pattern.exec(name)
    return match ? [[...match]] : []
  })
}

module.exports = { Snapshots }
