'use strict'
/** Call trees as large as wanted, the same on every run, as folded stacks. */
const fs = require('node:fs')

const FRAMES = 20000
const SHALLOW = 10
const DEEP = 60
const NEW = 0.05

/** @param {number} seed @returns {() => number} from 0 to 1, the same numbers for a seed */
function random (seed) {
  let state = (seed * 0x9e3779b9) | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** @returns {string[]} */
function frameNames () {
  const next = random(77)
  const pick = (/** @type {string[]} */ words) => words[Math.floor(next() * words.length)]
  const verbs = ['parse', 'render', 'handle', 'next', 'resolve', 'transform', 'compile', 'encode', 'visit', 'walk', 'merge', 'clone']
  const nouns = ['Request', 'Response', 'Layer', 'Token', 'Node', 'Buffer', 'Stream', 'Column', 'Schema', 'Header', 'Chunk', 'Module']
  const files = ['index', 'router', 'parser', 'utils', 'stream', 'client', 'schema', 'visitor', 'runtime', 'core', 'cache', 'helpers']
  return Array.from({ length: FRAMES }, () => `${pick(verbs)}${pick(nouns)} (/srv/app/src/${pick(files)}/${pick(files)}.js:${1 + Math.floor(next() * 2400)}:${1 + Math.floor(next() * 80)})`)
}

/**
 * A tree of so many nodes: each stack grows from a node of the tree so far. A
 * twentieth of the stacks and all figures depend on the seed, the rest does not.
 * @param {string} file @param {number} nodes @param {number} seed
 */
function writeTree (file, nodes, seed) {
  const names = frameNames()
  const [common, own] = [random(1), random(seed + 100)]
  const parents = new Int32Array(nodes + DEEP)
  const frames = new Int32Array(nodes + DEEP)
  const depths = new Uint8Array(nodes + DEEP)
  let count = 1
  const fd = fs.openSync(`${file}.part`, 'w')
  let text = ''
  while (count < nodes) {
    let node = Math.floor(common() * count)
    const depth = SHALLOW + Math.floor(common() * (DEEP - SHALLOW))
    const other = own() < NEW ? 1 + Math.floor(own() * FRAMES) : 0
    while (depths[node] < depth && count < nodes + DEEP) {
      parents[count] = node
      frames[count] = (Math.floor(common() * FRAMES) + other) % FRAMES
      depths[count] = depths[node] + 1
      node = count++
    }
    const stack = []
    for (let at = node; at > 0; at = parents[at]) stack.push(names[frames[at]])
    text += `${stack.reverse().join(';')} ${Math.floor(64 * (1 - own()) ** -0.9)}\n`
    if (text.length < 1e6) continue
    fs.writeSync(fd, text)
    text = ''
  }
  fs.writeSync(fd, text)
  fs.closeSync(fd)
  fs.renameSync(`${file}.part`, file)
}

module.exports = { writeTree, random }
