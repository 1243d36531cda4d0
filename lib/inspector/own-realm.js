'use strict'

/**
 * Loads the engine into a realm of its own: it runs between the app's functions, and an app may
 * replace methods of Array, Map or String, or add accessors to their prototypes. Node's modules and
 * lib/common are those of the app's realm; lib/common saves what it needs when it is loaded.
 */

const fs = require('node:fs')
const path = require('node:path')
const vm = require('node:vm')

/** @typedef {typeof import('./sampler.js')} Engine */

/** @type {Engine | undefined} */
let engine

/**
 * @param {import('node:vm').Context} context
 * @returns {(file: string) => any} the exports of a file in this folder
 */
function loaderFor (context) {
  /** @type {Map<string, { exports: object }>} */
  const loaded = new Map()
  const parameters = ['exports', 'require', 'module', 'process']
  /** @param {string} file */
  const load = file => {
    const known = loaded.get(file)
    if (known) return known.exports
    const module = { exports: {} }
    loaded.set(file, module)
    /** @param {string} id */
    const requireFrom = id => id.startsWith('./') ? load(path.join(__dirname, id)) : require(id)
    const run = vm.compileFunction(fs.readFileSync(file, 'utf8'), parameters, { filename: file, parsingContext: context })
    run(module.exports, requireFrom, module, process)
    return module.exports
  }
  return load
}

/** @returns {Engine} */
function loadSampler () {
  engine ??= /** @type {Engine} */ (loaderFor(vm.createContext())(path.join(__dirname, 'sampler.js')))
  return engine
}

module.exports = { loadSampler }
