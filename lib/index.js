'use strict'

const { start, stop, running, capture } = require('./sampling.js')
const { snapshot } = require('./snapshot.js')
const { Profile, merge } = require('./profile.js')
const { read } = require('./read.js')
const { check } = require('./check.js')
const { diff } = Profile
const {
  startSampling, stopSampling, visitAllocationProfile, collectAllocations, addFormat
} = require('./legacy.js')

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
  startSampling,
  stopSampling,
  visitAllocationProfile,
  collectAllocations,
  addFormat
}
