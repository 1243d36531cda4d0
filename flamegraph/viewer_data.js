'use strict'

/**
 * The data of the file as a tree. Nodes are rows in preorder: 0 is the root, and a subtree is
 * [node, ends[node]). Frame 0 is a sum of what was too small to be drawn.
 */

/**
 * @typedef {object} Data content of the file's <metadata>; viewer_columns.c and svg_meta.c write it
 * @property {string} title
 * @property {string} subtitle
 * @property {string} notes
 * @property {string} type
 * @property {string} countName
 * @property {string} nameType
 * @property {string} font
 * @property {number} fontSize
 * @property {number} height of a row
 * @property {boolean} inverted
 * @property {boolean} reverse
 * @property {boolean} byCategory
 * @property {string} cwd
 * @property {string[]} facts by type
 * @property {string[]} categories
 * @property {string[]} paints light and dark: three digits each
 * @property {number[]} categoryPaints
 * @property {number} [ramp] of a difference: the paint of no change
 * @property {string[]} types
 * @property {string[]} strings
 * @property {number[]} name of each frame, as its file: a string's number
 * @property {number[]} file
 * @property {number[]} line
 * @property {number[]} column
 * @property {number[]} paint
 * @property {string} category a digit of each frame
 * @property {number[]} up of each node but the root: how many levels from the one before to its caller's callees
 * @property {number[]} frame of each node
 * @property {number[]} sums number of frames of each sum
 * @property {number[]} gap nodes without a value before each that has one
 * @property {number[][]} [self] by type, of the nodes that have a value
 * @property {number[][]} [before] of a difference, as self
 * @property {number[][]} [after]
 * @property {number[][]} variance
 * @property {number[][]} [totalVariance] with several runs: by type, of every node
 * @property {{ frame: number[], line: number[], self: number[][], total: number[][] }} [lines] of functions: self
 *   and total by type; those with little are left out
 * @property {any[][]} [rest] of what is among the sums from a node on: the node, category, package, paint, value of each type
 */

/** @param {any} on @param {string} what @returns {any} */
const query = (on, what) => on.querySelector(what)
const svg = /** @type {any} */ (document.currentScript).closest('svg')
/** Number of this picture in the page; the style is limited to it. */
const number = document.querySelectorAll('[data-shap]').length
svg.dataset.shap = number
/** @type {Data} */
const data = JSON.parse(query(svg, '#data').textContent)
const { up, types } = data
const count = up.length + 1
const ALL = data.name.length + 1
const HIDDEN = -1
const column = () => new Int32Array(count)
const caller = column()
const ends = column()
const frameOf = column()
const frameCounts = column().fill(1) // number of frames in the subtree

/**
 * @typedef {object} Frame
 * @property {string} name
 * @property {string} path
 * @property {number} [line]
 * @property {number} [column]
 * @property {boolean} [bare] without a name
 * @property {string} [text] name and place, the path relative to the working folder
 * @property {number} paint
 * @property {string} key of its category
 * @property {string} pack of its package
 */
/** Filled by `frameAt` when needed. @type {Frame[]} */
const known = []
/** @type {string[]} by file */
const packs = []

/** Adds a frame with the category and package of another. @param {Pick<Frame, 'key' | 'pack'>} like @param {string} name @param {number} paint */
const named = ({ key, pack }, name, paint) => known.push({ name, path: '', paint, key, pack }) - 1

/** @param {string} path */
const short = path => path.startsWith(data.cwd) ? path.slice(data.cwd.length) : path
/** `:line:column` @param {Frame} f */
const atOf = ({ line, column }) => (line ? ':' + line : '') + (column ? ':' + column : '')
/** The label of a frame. @param {Frame} f */
const onFrame = f => f.bare && f.path ? `${f.name} ${f.path.slice(f.path.lastIndexOf('/') + 1)}:${f.line}` : f.name
/** @param {Frame} f @param {string} path */
const placed = (f, path) => path ? `${f.name} (${path}${atOf(f)})` : f.name
/** @param {Frame} f */
const textOf = f => (f.text ??= placed(f, short(f.path)))

/** @param {number} frame */
function frameAt (frame) {
  if (known[frame]) return known[frame]
  const i = frame - 1
  const id = data.name[i]
  const file = data.file[i]
  const path = data.strings[file]
  const key = data.categories[+data.category[i]]
  const pack = key === 'node_modules' ? (packs[file] ??= path.replace(/.*node_modules[/\\]((@[^/\\]*[/\\])?[^/\\]*).*/, '$1')) : ''
  return (known[frame] = { name: data.strings[id] || '(anonymous)', path: path.replace(/^file:\/\/(?=\/)(\/(?=[A-Za-z]:[/\\]))?/, ''), line: data.line[i], column: data.column[i], bare: !id, paint: data.paint[i], key, pack })
}

function readNodes () {
  frameOf[0] = ALL
  for (let n = 1, sum = 0; ; n++) {
    let above = n - 1
    for (let i = n < count ? up[n - 1] : n; i-- && above; above = caller[above]) {
      ends[above] = n
      frameCounts[caller[above]] += frameCounts[above]
    }
    if (n === count) break
    caller[n] = above
    frameOf[n] = data.frame[n - 1]
    if (!frameOf[n]) frameCounts[n] = data.sums[sum++]
  }
  ends[0] = count
}

named({ key: 'sum', pack: '' }, '', 59)
known.length = ALL
named(known[0], 'all', 57)
readNodes()

/** @typedef {Float64Array[]} Column self and total of each node */

/** Values by type. @param {number[][]} of @returns {Column[]} */
const columns = of => of.map(values => {
  const own = new Float64Array(count)
  let n = 0
  values.forEach((value, i) => {
    n += data.gap[i] + 1
    own[n] = value
  })
  const total = own.slice()
  for (n = values.length && count - 1; n > 0; n--) total[caller[n]] += total[n]
  return [own, total]
})
const { before = [], after = [], ramp = 0 } = data
/** The values that give widths: in a difference of one side, or the larger of both. @type {Record<string, Column[]>} */
const sides = {
  delta: columns(data.self || before.map((list, t) => list.map((n, i) => Math.max(n, after[t][i])))),
  before: columns(before),
  after: columns(after)
}
const variances = columns(data.variance)
data.totalVariance?.forEach((list, t) => { variances[t][1] = Float64Array.from(list) })
