'use strict'

const binding = require('../common/native.js')
const { coded } = require('../common/errors.js')
const { chooseSampler, currentSampler, startSampler, useSampler, offheapNote } = require('../sampling/choose-engine.js')
const { checkFlag, checkMaps, checkObject, checkWhole, checkWord } = require('./validate.js')
const { connectLabels, disconnectLabels } = require('../labels/contexts.js')
const { processMeta } = require('../common/metadata.js')
const { Profile } = require('./profile.js')
const { withSources } = require('./read-profile.js')
const { ENGINES, LABEL_SOURCES, LONG_INTERVAL, TYPES } = require('../options.js')

const DEFAULT_DEPTH = 128
const DEFAULT_MEMORY = 32 * 1024 * 1024

/**
 * @param {{ interval?: number, depth?: number, maxProfilerMemory?: number, type?: string, engine?: string, offheap?: boolean, lines?: boolean, label?: string | string[] }} [options]
 * @returns {Promise<void>}
 */
async function start (options = {}) {
  checkObject('options', options)
  const { interval = LONG_INTERVAL, depth = DEFAULT_DEPTH, maxProfilerMemory = DEFAULT_MEMORY, type, engine, offheap = true, lines = false, label = [] } = options
  checkWhole('interval', interval, 1, Number.MAX_SAFE_INTEGER)
  checkWhole('depth', depth, 1, 100000)
  checkWhole('maxProfilerMemory', maxProfilerMemory, 1, Number.MAX_SAFE_INTEGER)
  if (type !== undefined) checkWord('type', type, TYPES)
  if (engine !== undefined) checkWord('engine', engine, ENGINES)
  checkFlag('offheap', offheap)
  checkFlag('lines', lines)
  const labels = [label].flat()
  for (const name of labels) checkWord('label', name, LABEL_SOURCES)
  if (running()) throw coded('RUNNING', 'a heap sampler already runs in this thread')
  const { sampler, instead } = chooseSampler(engine)
  const limits = startSampler(sampler, { interval, depth, maxMemory: maxProfilerMemory, offheap, lines }, type)
  useSampler(sampler)
  connectLabels(sampler, (_, message) => process.emitWarning(message, { code: 'SHAP_FLAME_LABELS' }))
  if (labels.length > 0) sources().startSources(labels, text => process.emitWarning(text, { code: 'SHAP_FLAME_LABELS' }))
  if (instead) process.emitWarning(instead, { code: 'SHAP_FLAME_ENGINE' })
  if (limits) process.emitWarning(limits, { code: 'SHAP_FLAME_LIVENESS' })
  const offheapText = offheapNote(sampler)
  if (offheapText) process.emitWarning(offheapText, { code: 'SHAP_FLAME_OFFHEAP' })
}

/** @returns {Promise<void>} */
async function stop () {
  const sampler = currentSampler()
  if (!sampler) return
  sources().stopSources()
  disconnectLabels()
  sampler.stop()
}

/** Loaded only if requested. */
function sources () {
  return require('../labels/sources/index.js')
}

/** @returns {boolean} */
function running () {
  return currentSampler() !== undefined
}

/**
 * Copies V8's samples before it returns; everything else runs on another thread.
 *
 * @param {{ gc?: boolean, types?: boolean, sourceMaps?: boolean | string }} [options]
 * @returns {Promise<Profile>}
 */
async function capture (options = {}) {
  checkObject('options', options)
  const { gc = false, types = false, sourceMaps = false } = options
  checkFlag('gc', gc)
  checkFlag('types', types)
  checkMaps(sourceMaps)
  const sampler = currentSampler()
  if (!sampler) throw coded('NOT_RUNNING', 'sampling is not running: call start() first')
  const bytes = sampler.capture({ gc, types, meta: processMeta() })
  const profile = new Profile(await binding.core().fromCapture(bytes), { type: 'inuse_space' })
  return withSources(profile, sourceMaps)
}

module.exports = { start, stop, running, capture, DEFAULT_MEMORY }
