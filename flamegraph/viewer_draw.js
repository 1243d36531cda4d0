'use strict'

/**
 * Draws frames as SVG. Frames with a label are elements; narrower ones are one path per colour, and
 * are found by their position.
 */

const H = data.height
const FONT = data.fontSize || (H < 10 ? 0 : Math.min(16, H - 5))
const MIN_WIDTH = 0.5 // px: narrower neighbours become one grey block
const THIN = 5 // px: narrower frames touch, and have no outline
const WIDE = 30 // px: narrower frames without a label are drawn in paths

/** The roots of the view: two in a sandwich. @type {View[]} */
let treeRoots = []
/** The view that fills the width. @type {View} */
let zoom
/** The views that are drawn. @type {View[]} */
let drawn = []
/** The same by row, from left to right. @type {Map<number, View[]>} */
let rows = new Map()
let icicle = false
let side = 'delta'
/** The number of the row on top: the smallest in an icicle, else the largest. */
let highest = 0

/** @param {View} v */
const rowOf = v => v.back === 2 ? -v.depth : v.depth
/** @param {number} r */
const topOf = r => (icicle ? r - highest : highest - r) * H

/** Adds a view's kids to `out`; those below `min`, and sums, as blocks. @param {View} v @param {number} min @param {View[]} out */
function visible (v, min, out) {
  let run = 0
  let sum = 0
  let from = 0
  const shut = () => {
    if (run && sum >= min) out.push(view(0, v, [], v.back, sum, from, run))
    run = sum = 0
  }
  /** @param {number} n @param {number} frame @param {number} value @param {number} x @param {View} [k] if it exists */
  const see = (n, frame, value, x, k) => {
    if (frame && value >= min) {
      shut()
      out.push(k || single(n, v, value, x))
      return
    }
    if (!run) from = x
    run += !k ? frameCounts[n] : k.back ? k.list.length / 2 : k.list.reduce((sum, n) => sum + frameCounts[n], 0)
    sum += value
  }
  if (byWeight || !alone(v)) kids(v).forEach(k => see(0, k.frame, k.value, k.x, k))
  else eachCallee(v, (n, value, x) => see(n, frameOf[n], value, x))
  shut()
}

/** Lays out what is wide enough; callers of the zoomed frame get the whole width. @param {number} width */
function place (width) {
  drawn = []
  rows = new Map()
  const put = (/** @type {View} */ v, /** @type {number} */ px, /** @type {number} */ pw) => {
    const r = rowOf(v)
    v.i = drawn.push(v) - 1
    v.px = px
    v.pw = pw
    const row = rows.get(r)
    if (row) row.push(v)
    else rows.set(r, [v])
  }
  for (let u = zoom.above; u; u = u.above) put(u, 0, width)
  const scale = width / (zoom.value || 1)
  const at = (/** @type {number} */ x) => tenth((x - zoom.x) * scale)
  for (let level = treeRoots.includes(zoom) ? treeRoots : [zoom]; level.length;) {
    /** @type {View[]} */
    const below = []
    for (const v of level) {
      const x = at(v.x)
      if (v !== treeRoots[1] || zoom === v) put(v, x, v === zoom ? width : Math.max(MIN_WIDTH, tenth(at(v.x + v.value) - x)))
      if (!v.run) visible(v, MIN_WIDTH / scale, below)
    }
    level = below
  }
  highest = (icicle ? Math.min : Math.max)(...rows.keys())
}

/** @param {number} top */
const shift = top => `<g transform="translate(0 ${top})">`
/** @param {View} v */
const nameOf = v => v.run ? plural(v.run, 'frame').replace(/<.?b>/g, '') : textOf(info(v))

const delta = () => ramp && side === 'delta'
const UNCHANGED = { was: 1, is: 1, step: 0 }
/** The change of a view, if changes are shown. @param {View} v */
const changeOf = v => delta() && v.frame ? change(v) : UNCHANGED

/** Class names of the paints; made once, for speed. */
const paints = data.paints.map((_, i) => 'p' + i)

/** The class of a frame; frames of only one side are outlined. @param {View} v */
function paintOf (v) {
  const by = changeOf(v)
  const own = match && match[v.frame] ? 'm' : paints[by === UNCHANGED ? data.paint[v.frame - 1] ?? info(v).paint : ramp + by.step]
  return own + (by.was === 0 ? ' new' : by.is === 0 ? ' gone' : '')
}

/** The prefix of a label: how it changed, unless within noise. @param {View} v */
function signOf (v) {
  const { was, is, step } = changeOf(v)
  return step || was === 0 || is === 0 ? formatChange(was, is) + ' ' : ''
}

/** The label of a frame; nothing if the number in it would be cut. @param {View} v */
function labelOf (v) {
  const sign = signOf(v)
  const label = fit(v.run ? nameOf(v) : sign + onFrame(info(v)), v.pw - 6)
  return label.startsWith(sign.trim()) ? label : ''
}

/** @param {View} v @returns {string} the element of a frame, for the group of its row */
function item (v, paint = paintOf(v), label = labelOf(v)) {
  return `<g role="treeitem" id="f${v.i}" class="${paint}${v.depth < zoom.depth ? ' u' : ''}" aria-level="${v.depth + 1}" aria-label="${esc(signOf(v) + nameOf(v))}, ${share(v.value, zoom.value)}"><rect x="${v.px}" width="${v.pw}" height="${H - 1}"/>` +
    (label && `<text x="${tenth(v.px + 3)}" y="${tenth((H - 1) / 2 + FONT * 0.35)}">${esc(label)}</text>`) + '</g>'
}

/** @returns {string} the markup of all views */
function markup () {
  // One path per stripe of 256 px and paint: browsers paint by tiles, and a tile paints all of each path that
  // touches it. A frame is a line as thick as its row, in tenths of px, as integers are faster to print.
  /** @type {Record<string, string>[]} */
  const stripes = []
  let out = ''
  for (const [r, views] of rows) {
    const top = topOf(r)
    const middle = top * 10 + 5 * H - 5
    out += shift(top)
    for (const v of views) {
      const paint = paintOf(v)
      const label = v.pw > FONT / 2 + 6 ? labelOf(v) : '' // less is too narrow for a letter
      if (label || v.pw > (paint.includes(' ') ? THIN : WIDE)) out += item(v, paint, label)
      else {
        const lines = (stripes[v.px >> 8] ??= {})
        lines[paint] = (lines[paint] || '') + `M${Math.round(v.px * 10)} ${middle}h${Math.round(v.pw * 10) - (v.pw > THIN ? 5 : 0)}`
      }
    }
    out += '</g>'
  }
  out += `<g transform="scale(.1)" stroke-width="${10 * H - 10}">`
  stripes.forEach(lines => { for (const paint in lines) out += `<path class="${paint}" d="${lines[paint]}"/>` })
  return out + '</g>'
}

/** @param {number} x @param {number} y @returns {View | undefined} the view at a point of the picture */
function viewAt (x, y) {
  const step = Math.floor((y - topOf(0)) / H)
  return rows.get(icicle ? step : -step)?.findLast(v => v.px <= x && x <= v.px + Math.max(v.pw, 1))
}
