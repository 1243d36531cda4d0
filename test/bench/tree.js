'use strict'
/**
 * A heap with a large call tree: random stacks of 20 frames out of 2,000
 * functions, each of which keeps some arrays of 4 KB.
 */
const vm = require('node:vm')

const FUNCTIONS = 2000
const SCRIPTS = 40
const DEPTH = 20
const BLOCK = 506 // elements: 4 KB with the array's header

/** The same numbers on every run. @param {number} seed */
function random (seed) {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** @typedef {{ path: Uint16Array, table: Function[], kept: any[][], at: number, each: number }} Walk */

/** Functions of equal text at places of their own. @param {Walk} walk */
function makeFunctions (walk) {
  for (let script = 0; script < SCRIPTS; script++) {
    const lines = []
    for (let i = 0; i < FUNCTIONS / SCRIPTS; i++) {
      const id = script * (FUNCTIONS / SCRIPTS) + i
      lines.push(`w.table[${id}] = function work${id}(d) {
        if (d < ${DEPTH}) return w.table[w.path[d]](d + 1)
        for (let i = 0; i < w.each; i++) w.kept[w.at++] = new Array(${BLOCK})
      }`)
    }
    const text = `(function (w) {\n${lines.join('\n')}\n})`
    new vm.Script(text, { filename: `/bench/module${script}.js` }).runInThisContext()(walk)
  }
}

/**
 * @param {number} paths distinct stacks, each 20 deep
 * @param {number} each arrays that a stack keeps
 * @returns {any[][]} what is to be kept alive
 */
function buildTree (paths, each) {
  /** @type {Walk} */
  const walk = { path: new Uint16Array(DEPTH), table: [], kept: new Array(paths * each).fill(null), at: 0, each }
  makeFunctions(walk)
  const next = random(7)
  for (let i = 0; i < paths; i++) {
    for (let d = 0; d < DEPTH; d++) walk.path[d] = Math.floor(next() * FUNCTIONS)
    walk.table[walk.path[0]](1)
  }
  return walk.kept
}

module.exports = { buildTree }
