'use strict'

const { start, stop, running, capture } = require('./api/sampling.js')
const { snapshot } = require('./sampling/snapshot.js')
const { Profile } = require('./api/profile.js')
const { merge, diff } = require('./api/combine.js')
const { read } = require('./api/read-profile.js')
const { check } = require('./api/limits.js')
const { pprofHandler } = require('./http/pprof-handler.js')
const { withLabels, setLabels } = require('./labels/with-labels.js')
const {
  startSampling, stopSampling, visitAllocationProfile, collectAllocations, addFormat
} = require('./api/sample-heap-allocations.js')

module.exports = {
  start,
  stop,
  running,
  capture,
  snapshot,
  Profile,
  read,
  merge,
  diff,
  check,
  withLabels,
  setLabels,
  pprofHandler,
  startSampling,
  stopSampling,
  visitAllocationProfile,
  collectAllocations,
  addFormat
}
