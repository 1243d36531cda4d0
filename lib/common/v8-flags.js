'use strict'

/**
 * V8's flags with which the positions of allocations are right. V8 prints an error for a flag that it
 * does not know, so each flag is set only on the Node lines that have it, which their ABI tells.
 */

/** Node 22, 24, 26; and Node 24, 26, where V8 has Maglev. */
const FROM_22 = Object.freeze(['127', '137', '147'])
const FROM_24 = Object.freeze(['137', '147'])

/**
 * @type {readonly { flag: string, abis: readonly string[], maglev?: boolean, types?: boolean }[]} `maglev`: V8 may be
 *   built without it; `types`: types need it too
 */
const LINE_FLAGS = Object.freeze([
  // Functions that TurboFan inlines late have no positions: their caller's first line counts for them.
  // It inlines small ones early, so all that it may inline is small, up to V8's own limit of the sum.
  { flag: '--max-inlined-bytecode-size-small=460', abis: FROM_22 },
  { flag: '--max-inlined-bytecode-size-absolute=920', abis: FROM_22 },
  // Allocations that are folded into one count for the line, and the type, of the first.
  { flag: '--no-turbo-allocation-folding', abis: FROM_22, types: true },
  { flag: '--maglev-allocation-folding=0', abis: FROM_24, maglev: true, types: true },
  // Copies of a loop's body keep the position of the code before the loop.
  { flag: '--no-maglev-loop-peeling', abis: FROM_24, maglev: true },
  { flag: '--no-turboshaft-loop-unrolling', abis: FROM_24 }
])

/**
 * @param {string} abi of a Node, as in process.versions.modules
 * @param {boolean} [maglev] whether its V8 has Maglev
 * @param {boolean} [types] only those for exact types
 * @returns {string[]} the flags for exact lines that its V8 has
 */
function lineFlags (abi, maglev = true, types = false) {
  return LINE_FLAGS.filter(row => row.abis.includes(abi) && (maglev || !row.maglev) && (row.types || !types)).map(row => row.flag)
}

/** @param {boolean} [types] only those for exact types @returns {string[]} the flags of this Node */
function ownLineFlags (types) {
  const variables = /** @type {Record<string, unknown>} */ (process.config.variables)
  return lineFlags(process.versions.modules, variables.v8_enable_maglev !== 0, types)
}

/**
 * Whether V8 keeps inlined functions in the positions of this Node's optimized code, so that lines
 * replace --no-inlining.
 */
function keepsInlined () {
  return FROM_22.includes(process.versions.modules)
}

module.exports = { lineFlags, ownLineFlags, keepsInlined }
