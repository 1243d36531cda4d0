'use strict'
/** What overhead.js measures: each takes a number of rounds. */
const fs = require('node:fs')
const path = require('node:path')
const { Readable, Transform } = require('node:stream')
const { pipeline } = require('node:stream/promises')
const { serve } = require('./work.js')

const PARSER = path.join(__dirname, '..', '..', 'node_modules', '@babel', 'parser', 'lib', 'index.js')
const CHUNKS = 300

/** JSON, Maps and strings. @param {number} rounds */
function service (rounds) {
  serve(rounds * 100)
}

/** Many small objects: a parser reads itself. @param {number} rounds */
function parser (rounds) {
  const { parse } = require(PARSER)
  const text = fs.readFileSync(PARSER, 'utf8')
  for (let i = 0; i < rounds; i++) parse(text)
}

/** A compiler checks the types of our own JavaScript. @param {number} rounds */
function compiler (rounds) {
  const ts = require('typescript')
  const folder = path.join(__dirname, '..', '..', 'lib')
  const files = ['options.js', 'formats.js'].map(name => path.join(folder, name))
  for (let i = 0; i < rounds; i++) ts.getPreEmitDiagnostics(ts.createProgram(files, { allowJs: true, checkJs: true, noEmit: true, strict: true }))
}

/** A pipeline of chunks that are copied, cut and joined. @param {number} rounds */
async function buffers (rounds) {
  for (let i = 0; i < rounds; i++) await pipeline(Readable.from(chunks()), inPieces(), joined)
}

function* chunks () {
  for (let i = 0; i < CHUNKS; i++) yield Buffer.alloc(16384 + 64 * i, i)
}

function inPieces () {
  return new Transform({
    transform (chunk, _, done) {
      for (let at = 0; at < chunk.length; at += 5000) this.push(Buffer.from(chunk.subarray(at, at + 5000)))
      done()
    }
  })
}

/** @param {AsyncIterable<Buffer>} source */
async function joined (source) {
  let parts = []
  for await (const part of source) {
    parts.push(part)
    if (parts.length < 16) continue
    Buffer.concat(parts).toString('latin1', 0, 200).split('a')
    parts = []
  }
}

module.exports = { service, parser, compiler, buffers }
