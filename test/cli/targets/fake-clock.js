'use strict'
/** A clock that stands still and files that are none, as test runners have them; then a snapshot. */
const fs = require('node:fs')
const path = require('node:path')
const shap = require('../../..')

const never = () => 0
const then = new Date(0)
Object.assign(globalThis, {
  setTimeout: never,
  setInterval: never,
  setImmediate: never,
  clearTimeout: never,
  queueMicrotask: never,
  Date: Object.assign(function () { return then }, { now: () => 0 }),
  kept: Array.from({ length: 1000 }, () => new Array(100))
})
performance.now = () => 0
process.hrtime = /** @type {any} */ (Object.assign(() => [0, 0], { bigint: () => 0n }))
process.nextTick = /** @type {any} */ (never)
fs.existsSync = () => false
fs.writeSync = /** @type {any} */ (never)

const told = process.argv[2] === 'snapshot' ? shap.snapshot().then((file) => path.basename(file)) : Promise.resolve('ends')
told.then((text) => process.stdout.write(`${text}\n`))
