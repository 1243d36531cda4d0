'use strict'
/**
 * A program whose prototypes tell who reads or sets what is theirs. It does what shap-flame sees:
 * starts threads and processes with an environment of their own, sends itself a signal, and ends.
 * With `plain` its prototypes are as Node made them.
 */
const { execFileSync, execSync, spawn } = require('node:child_process')
const fs = require('node:fs')
const { Worker, isMainThread } = require('node:worker_threads')

/** What options, descriptors, handlers of proxies and JSON may be asked for. */
const NAMES = ['toJSON', 'get', 'set', 'has', 'apply', 'construct', 'ownKeys', 'getOwnPropertyDescriptor', 'getPrototypeOf',
  'gc', 'meta', 'dir', 'every', 'fixed', 'keep', 'marks', 'signal', 'thread', 'interval', 'depth', 'exactDepth', 'alloc', 'inuse',
  'maxMemory', 'offheap', 'arrayBuffers', 'NODE_OPTIONS', 'SHAP_FLAME_CAPTURES', 'SHAP_FLAME_EVERY', 'SHAP_FLAME_ADDED',
  'envPairs', 'names', 'options', 'captureStackTrace', 'joinsOthers', 'includeObjectsCollectedByMajorGC']

/** @type {string[]} in the order in which it was touched */
const touched = []

/** @param {object} holder @param {string} name */
function watch(holder, name) {
  const whose = Array.isArray(holder) ? 'Array' : 'Object'
  Object.defineProperty(holder, name, {
    // @ts-expect-error: no prototype, for these very names are about to be in it
    __proto__: null,
    configurable: true,
    enumerable: true,
    get() {
      touched[touched.length] = `${whose}.${name} read`
      return undefined
    },
    set(value) {
      touched[touched.length] = `${whose}.${name} set`
      Object.defineProperty(this, name, Object.setPrototypeOf({ value, writable: true, enumerable: true, configurable: true }, null))
    }
  })
}

/** Those of this file must not count. */
function watchAll() {
  Object.setPrototypeOf(touched, null)
  for (let i = 0; i < 40; i++) watch(Array.prototype, String(i))
  for (let i = 0; i < NAMES.length; i++) watch(Object.prototype, NAMES[i])
}

/** @type {unknown} */
let kept

function prototypesKeep() {
  kept = undefined
  for (let i = 0; i < 12000; i++) kept = [kept, i, i, i, i, i, i, i]
}

/** @param {import('node:events').EventEmitter} emitter @param {string} event */
const once = (emitter, event) => new Promise((resolve) => emitter.once(event, resolve))

async function main() {
  const [node, env] = [process.execPath, { PATH: process.env.PATH }]
  if (process.argv[2] !== 'plain') watchAll()
  prototypesKeep()
  execFileSync(node, [__filename, 'child'], { env, stdio: 'inherit' })
  execSync(`"${node}" "${__filename}" child`, { env, stdio: 'inherit' })
  await once(spawn(node, [__filename, 'child'], { env, stdio: 'inherit' }), 'exit')
  await once(new Worker(__filename, { env: { A: 'b' } }), 'exit')
  process.kill(process.pid, 'SIGWINCH')
  await new Promise((resolve) => setTimeout(resolve, 1500)) // some checkpoints
  prototypesKeep()
  const seen = touched.length
  let text = ''
  for (let i = 0; i < seen; i++) text += `${touched[i]}\n`
  fs.writeSync(1, text + 'done\n')
}

if (isMainThread && process.argv[2] !== 'child') main()
else prototypesKeep()
