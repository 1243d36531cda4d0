'use strict'

const { currentSampler } = require('./choose-engine.js')
const { coded } = require('../common/errors.js')
const { Promise, existsSync, setTimeout, slice } = require('../common/node-originals.js')
const { FOLDER, SNAPSHOTS } = require('../common/run-environment.js')

/** Property of `process` by which the preload is visible to every copy of this package. */
const REGISTER_SYMBOL = Symbol.for('shap-flame.register')
const POLL_MS = 20
const TIMEOUT_MS = 60000

/** @typedef {{ snapshot?: () => Promise<string> }} Preload */

/**
 * Has every thread of this process write a capture; resolves when the file exists.
 * @returns {Promise<string>}
 */
async function takeSnapshot () {
  const sampler = currentSampler()
  const own = sampler?.capturePath?.() ?? ''
  const number = own ? sampler?.snapshot?.() ?? 0 : 0
  if (number === 0) throw coded('NOT_RUNNING', 'no snapshot: this process is not profiled')
  const file = FOLDER ? `${SNAPSHOTS}.${process.pid}.${number}.pb.gz` : `${slice(own, 0, -'.shfc'.length)}.${number}.shfc`
  for (let waited = 0; waited < TIMEOUT_MS; waited += POLL_MS) {
    if (existsSync(file)) return file
    await new Promise(resolve => setTimeout(resolve, POLL_MS))
  }
  throw coded('SNAPSHOT', `snapshot ${number} was not written in time: ${file}`)
}

/** @returns {Promise<string>} */
async function snapshot () {
  const preload = /** @type {Preload | undefined} */ (/** @type {any} */ (process)[REGISTER_SYMBOL])
  if (preload?.snapshot) return preload.snapshot()
  throw coded('NOT_RUNNING', 'no snapshot: start the program with `shap-flame` or `--require shap-flame/register`; capture() needs neither')
}

module.exports = { snapshot, takeSnapshot, REGISTER_SYMBOL }
