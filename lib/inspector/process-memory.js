'use strict'

const { readFileSync } = require('node:fs')
const { isMainThread } = require('node:worker_threads')
const { memoryUsage } = require('../common/node-originals.js')

/** @returns {Record<string, number>} bytes of the process, as in csrc/runtime/process_memory.c */
function ofProcess () {
  // Counted once per process.
  if (!isMainThread || process.platform !== 'linux') return {}
  try {
    const status = readFileSync('/proc/self/status', 'latin1')
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
