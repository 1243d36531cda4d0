'use strict'

const { start, stop, running, capture } = require('./sampling.js')
const { Profile, read, merge } = require('./profile.js')
const {
  startSampling, stopSampling, visitAllocationProfile, collectAllocations, addFormat
} = require('./legacy.js')

module.exports = {
  start,
  stop,
  running,
  capture,
  Profile,
  read,
  merge,
  diff: Profile.diff,
  startSampling,
  stopSampling,
  visitAllocationProfile,
  collectAllocations,
  addFormat
}
