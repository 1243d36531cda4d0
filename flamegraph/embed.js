'use strict'

/**
 * Makes viewer_data.c: the viewer's script with its style within, as C text, and
 * the hash of these bytes. To be run after a change in viewer*.js or viewer.css.
 *
 *   node flamegraph/embed.js           writes viewer_data.c
 *   node flamegraph/embed.js --check   says by its status whether it is up to date
 */

const { createHash } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')

const PARTS = ['viewer_data.js', 'viewer_text.js', 'viewer_tree.js', 'viewer_regex.js', 'viewer_draw.js', 'viewer_state.js', 'viewer_panels.js', 'viewer.js']

/** Properties of the script's own objects, which become shorter too: no other object's are called so but in quotes. */
const OWN = new Set(['above', 'back', 'bare', 'depth', 'frame', 'kids', 'list', 'open', 'pack', 'paint', 'pair', 'step'])

/**
 * @param {string} name
 * @returns {string} the file's lines without those that hold only a comment
 */
function read (name) {
  const text = fs.readFileSync(path.join(__dirname, name), 'utf8')
  const bare = text.replace(/^\s*(\/\/.*|\/\*\*?|\*.*|'use strict')\n/gm, '').replace(/\/\*.*?\*\/ ?/g, '')
  return bare.replace(/ \/\/ .*/g, '').replace(/^\s+/gm, '')
}

/**
 * @param {string} text
 * @param {number} at where a string, a template or a regular expression begins
 * @returns {number} where the next character behind it is
 */
function endOf (text, at) {
  const mark = text[at]
  let inner = 0 // ${ in a template, [ in a regular expression
  for (let i = at + 1; i < text.length; i++) {
    const c = text[i]
    if (c === '\\') i++
    else if (mark === '`' && c === '{' && (inner || text[i - 1] === '$')) inner++
    else if (inner && mark === '`' && (c === '`' || c === "'")) i = endOf(text, i) - 1
    else if (mark === '/' && c === '[') inner = 1
    else if (inner && c === (mark === '`' ? '}' : ']')) inner--
    else if (!inner && c === mark) return i + 1
  }
  throw new Error(`what begins with ${text.slice(at, at + 40)} has no end`)
}

/**
 * @param {string} text of a script
 * @param {(part: string) => string} code what is made of it beside strings, and within ${}
 * @returns {string}
 */
function eachCode (text, code) {
  let out = ''
  let from = 0
  for (let i = 0; i < text.length;) {
    const before = text.slice(0, i).trimEnd().slice(-1)
    if (!`'"\``.includes(text[i]) && (text[i] !== '/' || !'(,=:[!&|?{};'.includes(before))) {
      i++
      continue
    }
    const to = endOf(text, i)
    out += code(text.slice(from, i)) + (text[i] === '`' ? template(text.slice(i, to), code) : text.slice(i, to))
    from = i = to
  }
  return out + code(text.slice(from))
}

/**
 * @param {string} text
 * @param {(part: string) => string} code
 * @returns {string} the template with what stands in its ${} changed
 */
function template (text, code) {
  let out = ''
  for (let i = 0; i < text.length;) {
    if (text.slice(i, i + 2) !== '${') {
      out += text[i++]
      continue
    }
    let to = i + 2
    for (let open = 1; open; to++) {
      if (`'"\``.includes(text[to])) to = endOf(text, to) - 1
      else if (text[to] === '{') open++
      else if (text[to] === '}') open--
    }
    out += '${' + eachCode(text.slice(i + 2, to - 1), code) + '}'
    i = to
  }
  return out
}

/** @param {string} part of a script, without strings: no blanks beside signs, let for const */
const tight = part => part.replace(/ *([^\w$ ]) */g, (all, sign, at) =>
  '+-'.includes(sign) && /[+-] +[+-]/.test(part.slice(Math.max(0, at - 3), at + 4)) ? all : sign).replace(/\bconst\b/g, 'let')

/**
 * Shorter names for those that are declared. One that is a key by standing alone
 * in {} keeps its own, and so does one that may be, for being a property elsewhere.
 *
 * @param {string} text of a tight script
 * @returns {Map<string, string>}
 */
function shortNames (text) {
  const declared = [/\b(?:let|function) ?(\w{3,}|\[[\w,]+\])/g, /\bfunction \w+\(([\w,]+)/g, /\(([\w,]+)\)=>/g, /(\w{3,})=>/g]
    .flatMap(pattern => [...text.matchAll(pattern)].flatMap(found => found[1].match(/\b[a-zA-Z]\w{2,}/g) ?? []))
  let code = ''
  eachCode(text, part => {
    code += part + '\0'
    return part
  })
  const has = (/** @type {string} */ pattern) => new RegExp(pattern).test(code)
  const names = [...new Set([...declared, ...OWN])].filter(name => OWN.has(name) || !has(`\\{${name}[,}]|,${name}\\}`) &&
    !(has(`(?<!\\.\\.)\\.${name}\\b|[{,\n]${name}:`) && has(`,${name},`)))
  const uses = (/** @type {string} */ name) => code.split(new RegExp(`\\b${name}\\b`)).length
  names.sort((a, b) => uses(b) - uses(a) || (a < b ? -1 : 1))
  const taken = new Set(code.match(/[\w$]+/g))
  const free = shortest(taken)
  return new Map(names.map(name => [name, free.next().value ?? name]))
}

/**
 * @param {Set<string>} taken
 * @returns {Generator<string, void>} names that are not: A … Z, $, _, a … z, AA, AB …
 */
function * shortest (taken) {
  const first = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ$_']
  const all = [...first, ...'abcdefghijklmnopqrstuvwxyz', ...first.flatMap(a => [...first, ...'0123456789'].map(b => a + b))]
  yield * all.filter(name => !taken.has(name))
}

/**
 * @param {string} text of a script
 * @returns {string} the same, shorter
 */
function squeeze (text) {
  const short = eachCode(text, tight).replace(/\n+/g, '\n')
  const names = shortNames(short)
  const own = new RegExp(`\\b(${[...OWN].join('|')})\\b`, 'g')
  const shorter = eachCode(short, part => part.replace(own, name => names.get(name) ?? name))
  return joined(eachCode(shorter, part => part.replace(/(?<![\w$])(?<!(?<!\.\.)\.)[a-zA-Z]\w{2,}/g, (name, at) =>
    part[at + name.length] === ':' && /[{,\n]/.test(part[at - 1]) ? name : names.get(name) ?? name)))
}

/** @param {string} text @returns {string} with one let for those that stand on lines of their own, one behind another */
function joined (text) {
  let out = ''
  for (const line of text.split('\n')) {
    const last = out.slice(out.lastIndexOf('\n') + 1)
    const whole = ['()', '[]', '{}'].every(([open, shut]) => last.split(open).length === last.split(shut).length)
    const joins = /^let\b/.test(last) && /^let\b/.test(line) && whole
    out += joins ? ',' + line.slice(3).trimStart() : '\n' + line
  }
  return out.slice(1)
}

/** @param {string} text @returns {string} without the line ends that end no statement */
const flat = text => eachCode(text, part => part.replace(/([{([,?:&|])\n/g, '$1').replace(/\n([})\]?:&|])/g, '$1'))

/** @returns {string} what stands in every SVG's <script> */
function script () {
  const css = read('viewer.css').replace(/\n/g, '').replace(/([{};,:]) +/g, '$1').replace(/ +([{}>~+])/g, '$1').replace(/([>~+]) +/g, '$1').replace(/--(\w)\w*/g, '--$1')
  const text = `(()=>{let STYLE=${JSON.stringify(css)}\n${flat(squeeze(PARTS.map(read).join('')))}})()\n`
  if (text.includes(']]>')) throw new Error('the script holds ]]>, which ends its CDATA section')
  return text
}

/**
 * @param {string} text
 * @returns {string} lines of C string literals
 */
function literals (text) {
  const bytes = Buffer.from(text)
  let out = ''
  for (let line = ''; ; line = '') {
    const from = literals.at
    while (literals.at < bytes.length && line.length < 92) {
      const byte = bytes[literals.at++]
      if (byte === 0x0a) line += '\\n'
      else if (byte === 0x3f) line += '\\?' // ??= would be a trigraph
      else if (byte === 0x22 || byte === 0x5c) line += '\\' + String.fromCharCode(byte)
      else if (byte < 0x20 || byte > 0x7e) line += '\\' + byte.toString(8).padStart(3, '0')
      else line += String.fromCharCode(byte)
    }
    if (literals.at === from) break
    out += `\n    "${line}"`
  }
  literals.at = 0
  return out
}
literals.at = 0

/** @returns {string} */
function source () {
  const text = script()
  return `/* Made by embed.js of the viewer's files: change those. */
#include "viewer.h"

#include "shf.h"

/* clang-format off */
const char shf__viewer_script[] =${literals(text)};
/* clang-format on */

const size_t shf__viewer_bytes = sizeof shf__viewer_script - 1;

const char *shf_viewer_sha256(void) {
  return "${hash()}";
}
`
}

/** @returns {string} what a CSP's script-src wants, without quotes */
function hash () {
  return `sha256-${createHash('sha256').update(script()).digest('base64')}`
}

function main () {
  const file = path.join(__dirname, 'viewer_data.c')
  if (!process.argv.includes('--check')) {
    fs.writeFileSync(file, source())
  } else if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== source()) {
    console.error('flamegraph/viewer_data.c is not what the viewer\'s files make: run node flamegraph/embed.js')
    process.exitCode = 1
  }
}

if (require.main === module) main()

module.exports = { script, hash }
