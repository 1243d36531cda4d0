'use strict'

const { Buffer } = require('node:buffer')
const { closeSync, openSync, readSync } = require('node:fs')
const { isMainThread } = require('node:worker_threads')
const { memoryUsage } = require('../common/node-originals.js')

const { latin1Slice } = Buffer.prototype
const STATUS_MAX = 16384

/** @returns {string} */
function readStatus () {
  const fd = openSync('/proc/self/status', 'r')
  try {
    // readFileSync() would meet accessors that the app has put into Array.prototype and Object.prototype.
    const bytes = Buffer.allocUnsafeSlow(STATUS_MAX)
    let length = 0
    for (let more = 1; more > 0 && length < STATUS_MAX; length += more) more = readSync(fd, bytes, length, STATUS_MAX - length, null)
    return Reflect.apply(latin1Slice, bytes, [0, length])
  } finally {
    closeSync(fd)
  }
}

/** @returns {Record<string, number>} bytes of the process, as in csrc/runtime/process_memory.c */
function ofProcess () {
  // Counted once per process.
  if (!isMainThread || process.platform !== 'linux') return {}
  try {
    const status = readStatus()
    /** @param {string} key */
    const bytes = key => 1024 * Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
    return { rss_bytes: bytes('VmRSS'), rss_peak_bytes: bytes('VmHWM'), rss_files_bytes: bytes('RssFile') }
  } catch {
    return {}
  }
}

/** @returns {number | undefined} */
function residentBytes () {
  return ofProcess().rss_bytes
}

/**
 * @param {number | undefined} started residentBytes() when sampling began
 * @returns {Record<string, string>} metadata of a capture
 */
function memoryMeta (started) {
  const { heapTotal, external } = memoryUsage()
  const process_ = ofProcess()
  const begun = process_.rss_bytes && started ? { rss_start_bytes: started } : {}
  const all = { heap_bytes: heapTotal, external_bytes: external, ...process_, ...begun }
  return Object.fromEntries(Object.entries(all).map(([key, value]) => [key, String(value)]))
}

module.exports = { residentBytes, memoryMeta }
