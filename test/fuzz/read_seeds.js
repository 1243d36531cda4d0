'use strict'
// Seeds for the readers' fuzzers: a small input of each kind, into the folder that is named.
const fs = require('node:fs')
const path = require('node:path')

const folder = process.argv[2]

/** @param {string} kind @param {string} name @param {string | Uint8Array} bytes */
function seed (kind, name, bytes) {
  for (const target of [kind, 'svg_read']) write(target, `${kind}-${name}`, bytes)
}

/** @param {string} target @param {string} name @param {string | Uint8Array} bytes */
function write (target, name, bytes) {
  fs.mkdirSync(path.join(folder, target), { recursive: true })
  fs.writeFileSync(path.join(folder, target, name), bytes)
}

/** @param {string} name @param {string | Uint8Array} before @param {string | Uint8Array} after */
function pair (name, before, after) {
  const [first, second] = [before, after].map(bytes => Buffer.from(bytes))
  // Type and memory; alone, merged, compared or as runs; transforms: report_fuzz.c has the bits.
  for (const [how, together] of [[193, 0], [3, 1], [227, 2], [17, 3], [25, 14]]) {
    const head = Buffer.from([how, together, together * 21, first.length & 255, first.length >> 8])
    write('report', `${name}-${together}`, Buffer.concat(together % 4 ? [head, first, second] : [head, first]))
  }
  for (const choice of [1, 3, 5]) {
    const head = Buffer.from([choice, first.length & 255, first.length >> 8])
    write('diff', `${name}-${choice}`, Buffer.concat([head, first, second]))
  }
}

seed('folded_read', 'plain', 'main;parse 5\nmain;parse;alloc 7\nmain 1\n')
seed('folded_read', 'frames', 'f (/app/a.js:1:2);g (node:fs:7);(anonymous) (/app/node_modules/@a/b/c.js:3:4) 12\r\n')
seed('folded_read', 'odd', '# note\n\na;;b\t2.5\n;(root) 3\n(root) 4\nworker 1;x 1e3\nc -4\na\u0000b;\u001b[1m 3\n')
seed('folded_read', 'wide', 'é漢😀;<&"\'>;]]>;process 1 (node a.js) 9007199254740993\n')

/** @param {object[]} children */
const node = (functionName, url, lineNumber, selfSize, id, children) => (
  { callFrame: { functionName, scriptId: '1', url, lineNumber, columnNumber: 0 }, selfSize, id, children })
const head = node('(root)', '', -1, 0, 1, [
  node('main', 'file:///app/a.mjs', 0, 16, 2, [node('', 'node:fs', 6, 640, 3, [])]),
  node('(GC)', '', -1, 64, 4, [])
])
const samples = [{ size: 16, nodeId: 2, ordinal: 1 }, { size: 640, nodeId: 3, ordinal: 2 }]
seed('heapprofile_read', 'plain', JSON.stringify({ head, samples }))
seed('heapprofile_read', 'spaced', JSON.stringify({ samples, head }, null, 1))
seed('heapprofile_read', 'escapes', '{"head":{"callFrame":{"functionName":"\\ud83d\\ude00\\u0041\\n"},"selfSize":1.5e2,"x":[true,null,{"y":[]}]}}')

/** @param {number | bigint} value @returns {number[]} */
function varint (value) {
  const bytes = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return [...bytes, Number(rest)]
}
/** @param {number} field @param {number | bigint} value */
const number = (field, value) => [...varint(field << 3), ...varint(value)]
/** @param {number} field @param {number[]} bytes */
const message = (field, bytes) => [...varint(field << 3 | 2), ...varint(bytes.length), ...bytes]
/** @param {string} text */
const string = text => message(6, [...Buffer.from(text)])

const types = ['alloc_objects', 'alloc_space', 'inuse_objects', 'inuse_space']
const table = ['', 'count', 'bytes', ...types, 'main', 'parse', '/app/a.js', 'space', 'gc: forced', 'command: node a.js', 'interval', 'route', '/a', '/b', 'seconds']
const at = text => table.indexOf(text)
const pprof = [
  ...types.flatMap((type, i) => message(1, [...number(1, at(type)), ...number(2, at(i % 2 ? 'bytes' : 'count'))])),
  ...message(2, [...message(1, [2, 1]), ...message(2, [2, 128, 1, 1, 64]), ...message(3, [...number(1, at('bytes')), ...number(3, 64), ...number(4, at('bytes'))])]),
  ...message(2, [...number(1, 1), ...number(2, 1), ...number(2, 32), ...number(2, 0), ...number(2, 0)]),
  ...message(3, [...number(1, 1), ...number(5, at('main'))]),
  ...message(4, [...number(1, 1), ...number(2, 1), ...message(4, [...number(1, 1), ...number(2, 3), ...number(3, 5)])]),
  ...message(4, [...number(1, 2), ...number(3, 4660), ...message(4, number(1, 2)), ...message(4, number(1, 1))]),
  ...message(5, [...number(1, 1), ...number(2, at('main')), ...number(4, at('/app/a.js')), ...number(5, 2)]),
  ...message(5, [...number(1, 2), ...number(2, at('parse'))]),
  ...table.flatMap(string),
  ...number(9, 1793709296123000000n), ...number(10, 1500000000),
  ...message(11, [...number(1, at('space')), ...number(2, at('bytes'))]), ...number(12, 65536),
  ...message(13, [at('gc: forced'), at('command: node a.js')]), ...number(14, at('inuse_space'))
]
seed('pprof_read', 'plain', Uint8Array.from(pprof))
seed('pprof_read', 'losses', Uint8Array.from([
  ...message(1, [...number(1, 1), ...number(2, 2)]), ...message(2, number(2, -5)), ...string(''), ...string('space'), ...string('bytes')
]))

/** @param {string} key @param {string} text */
const label = (key, text) => message(3, [...number(1, at(key)), ...number(2, at(text))])
const labelled = [
  ...message(1, [...number(1, at('alloc_space')), ...number(2, at('bytes'))]),
  ...message(2, [...number(1, 1), ...number(2, 64), ...label('route', '/a'), ...label('route', '/b')]),
  ...message(2, [...number(1, 1), ...number(2, 32), ...label('route', '/b'), ...message(3, [...number(1, at('gc: forced')), ...number(3, -60), ...number(4, at('seconds'))])]),
  ...message(2, [...number(1, 1), ...number(2, 8)]),
  ...message(4, [...number(1, 1), ...message(4, [...number(1, 1), ...number(2, 3)])]),
  ...message(5, [...number(1, 1), ...number(2, at('main')), ...number(4, at('/app/a.js')), ...number(5, 2)]),
  ...table.flatMap(string)
]
seed('pprof_read', 'labels', Uint8Array.from(labelled))

const grown = 'main;parse 9\nmain;parse;alloc (/app/a.js:9:1) 7\nmain;new 1\n'
pair('folded', 'main;parse 5\nmain;parse;alloc (/app/a.js:7:1) 7\nmain 1\n', grown)
pair('pprof', Uint8Array.from(pprof), Uint8Array.from(pprof))
pair('heapprofile', JSON.stringify({ head, samples }), JSON.stringify({ head, samples: samples.slice(1) }))
pair('labels', Uint8Array.from(labelled), Uint8Array.from(pprof))
pair('mixed', JSON.stringify({ head, samples }), grown)
