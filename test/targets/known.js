'use strict'
/**
 * Allocates a known number of bytes in named functions, and tells the truth.
 *
 * As a program: `node known.js [TRUTH.json] [SCALE]` writes the truth to the
 * file, or to stdout. As a module: `require('./known').run(scale)` returns it.
 *
 * Sizes are those of a 64-bit V8 without pointer compression: words of 8 bytes,
 * an object's header is 3 words, a JSArray 4 words, the header of a FixedArray
 * and of a string 2 words, a boxed double 2 words. What is kept goes into arrays
 * that were made at their full length, so that no backing store grows on the way.
 */
const fs = require('node:fs')

const WORD = 8
const OBJECT = 3 * WORD + 4 * WORD
const BOXED = 2 * WORD

/** @param {number} n elements */
const arraySize = (n) => 4 * WORD + 2 * WORD + n * WORD
/** @param {number} n one-byte characters */
const textSize = (n) => Math.ceil((2 * WORD + n) / WORD) * WORD

/** Where the last piece of garbage is put, so that it is really made. */
const place = { last: /** @type {any} */ (null) }
const letters = Buffer.alloc(1 << 16, 'shap-flame ')
/** @type {Record<string, any>} */
const kept = {}
Object.assign(globalThis, { keptByKnown: kept })

/** Four fields. Not a literal: in code not yet optimized V8 may put 16 bytes behind those. */
class Four {
  /** @param {number} a */
  constructor(a) {
    this.a = a
    this.b = 2
    this.c = 3
    this.d = 4
  }
}

/** @param {any[]} into */
function keepObjects(into) {
  for (let i = 0; i < into.length; i++) into[i] = new Four(i)
}

/** @param {number} n */
function dropObjects(n) {
  for (let i = 0; i < n; i++) place.last = new Four(i)
}

/** @param {any[]} into */
function keepNumbers(into) {
  for (let i = 0; i < into.length; i++) into[i] = i + 0.5
}

/** @param {any[]} into @param {number} n */
function keepArrays(into, n) {
  for (let i = 0; i < into.length; i++) into[i] = new Array(n)
}

/** @param {number} count @param {number} n */
function dropArrays(count, n) {
  for (let i = 0; i < count; i++) place.last = new Array(n)
}

/** @param {any[]} into @param {number} n */
function keepLargeArrays(into, n) {
  for (let i = 0; i < into.length; i++) into[i] = new Array(n)
}

/** @param {any[]} into @param {number} n */
function keepText(into, n) {
  for (let i = 0; i < into.length; i++) into[i] = letters.toString('latin1', 0, n)
}

/** @param {number} count @param {number} n */
function dropText(count, n) {
  for (let i = 0; i < count; i++) place.last = letters.toString('latin1', 0, n)
}

/** Every fourth stays. @param {any[]} into @param {number} n */
function keepSome(into, n) {
  for (let i = 0; i < into.length * 4; i++) {
    const block = new Array(n)
    if (i % 4 === 0) into[i / 4] = block
    else place.last = block
  }
}

/** Lives through a few collections, then dies. @param {any[]} ring @param {number} count @param {number} n */
function keepAWhile(ring, count, n) {
  for (let i = 0; i < count; i++) ring[i % ring.length] = new Array(n)
}

/** @param {any[]} into @param {number} from @param {number} levels @param {number} n */
function keepRecursively(into, from, levels, n) {
  into[from] = new Array(n)
  if (levels > 1) keepRecursively(into, from + 1, levels - 1, n)
}

/** @param {any[]} into @param {number} from @param {number} to @param {number} n */
function shared(into, from, to, n) {
  for (let i = from; i < to; i++) into[i] = new Array(n)
}

/** @param {any[]} into @param {number} n */
function oneCaller(into, n) {
  shared(into, 0, into.length / 4, n)
}

/** @param {any[]} into @param {number} n */
function otherCaller(into, n) {
  shared(into, into.length / 4, into.length, n)
}

/** An array of any elements, as long as it will ever be. @param {string} name @param {number} n */
function slots(name, n) {
  kept[name] = new Array(n).fill(null)
  return kept[name]
}

/**
 * @typedef {{ alloc_space: number, inuse_space: number }} Truth by function, callees included
 * @param {number} [scale] 1 allocates about 240 MB and keeps 110
 * @returns {Record<string, Truth>}
 */
function run(scale = 1) {
  const times = (/** @type {number} */ n) => Math.max(8, 8 * Math.round((n * scale) / 8))
  /** @type {Record<string, Truth>} */
  const truth = {}
  const say = (/** @type {string} */ name, /** @type {number} */ alloc, /** @type {number} */ inuse) => {
    truth[name] = { alloc_space: alloc, inuse_space: inuse }
  }
  let n = times(220000)
  keepObjects(slots('objects', n))
  say('keepObjects', n * OBJECT, n * OBJECT)

  n = times(440000)
  dropObjects(n)
  say('dropObjects', n * OBJECT, 0)

  n = times(600000)
  keepNumbers(slots('numbers', n))
  say('keepNumbers', n * BOXED, n * BOXED)

  n = times(6000)
  keepArrays(slots('arrays', n), 250)
  say('keepArrays', n * arraySize(250), n * arraySize(250))

  n = times(12000)
  dropArrays(n, 250)
  say('dropArrays', n * arraySize(250), 0)

  n = times(96)
  keepLargeArrays(slots('large', n), 20000)
  say('keepLargeArrays', n * arraySize(20000), n * arraySize(20000))

  n = times(600)
  keepText(slots('text', n), 20001)
  say('keepText', n * textSize(20001), n * textSize(20001))

  n = times(1200)
  dropText(n, 20001)
  say('dropText', n * textSize(20001), 0)

  n = times(3000)
  keepSome(slots('some', n), 500)
  say('keepSome', 4 * n * arraySize(500), n * arraySize(500))

  n = times(16000)
  keepAWhile(slots('while', times(4000)), n, 250)
  kept.while = null
  say('keepAWhile', n * arraySize(250), 0)

  n = times(3000)
  const deep = slots('deep', n)
  for (let i = 0; i < n; i += 8) keepRecursively(deep, i, 8, 500)
  say('keepRecursively', n * arraySize(500), n * arraySize(500))

  n = times(8000)
  const both = slots('both', n)
  oneCaller(both, 500)
  otherCaller(both, 500)
  const block = arraySize(500)
  say('shared', n * block, n * block)
  say('oneCaller', (n / 4) * block, (n / 4) * block)
  say('otherCaller', (n - n / 4) * block, (n - n / 4) * block)

  place.last = null
  return truth
}

module.exports = { run }

if (require.main === module) {
  const text = JSON.stringify(run(Number(process.argv[3] || 1))) + '\n'
  if (process.argv[2]) fs.writeFileSync(process.argv[2], text)
  else process.stdout.write(text)
}
