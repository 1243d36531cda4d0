'use strict'

/**
 * Frames as SVG. Those that can be read or pointed at are elements; narrower
 * ones are one path for each colour, and are found again by where they are.
 */

const H = data.height
const FONT = data.fontSize || (H < 10 ? 0 : Math.min(16, H - 5))
const LEAST = 0.5 // px: narrower neighbours become one grey block
const THIN = 5 // px: narrower frames touch, and have no outline
const WIDE = 30 // px: narrower frames that hold no letter are drawn in paths

const esc = text => String(text).replace(/[&<>"]/g, c => `&#${c.charCodeAt(0)};`)
const tenth = n => Math.round(n * 10) / 10
const isBytes = () => /space$|^bytes$/.test(data.countName || types[type])
const grouped = n => n.toLocaleString('en')
const plural = (n, word) => `<b>${grouped(n)}</b> ${word}${n === 1 ? '' : 's'}`

/** Three figures and a unit: 1.23 GB, 12.3 M */
function human (n) {
  let i = 0
  for (; n >= 999.5 && i < 6; i++) n /= 1000
  const unit = ' kMGTPE'[i].trim() + (isBytes() ? 'B' : '')
  return (i === 0 || n >= 99.95 ? n.toFixed() : n.toFixed(n >= 9.995 ? 1 : 2)) + (unit && ' ' + unit)
}

function share (part, whole) {
  const p = whole > 0 ? part / whole * 100 : 0
  return p > 0 && p < 0.05 ? '&lt;0.1 %' : p.toFixed(1) + ' %'
}

/** The label, or as much of it as fits into so many px; wide scripts take more room. */
function fit (label, px) {
  let room = FONT && px / FONT / 0.62
  let out = ''
  for (const c of label) {
    const last = out.length + c.length === label.length
    room -= c < '\u0300' ? 1 : 2.3
    if (room < (last ? 0 : 1)) return out[1] ? out + '…' : last && room >= 0 ? label : ''
    out += c
  }
  return out
}

/** @type {any} the view's roots: two for a sandwich; the one that fills the width; what the search found */
let tops, zoom, match
/** @type {View[]} what is drawn */
let drawn = []
/** @type {Map<number, View[]>} the same by row, from left to right */
let rows = new Map()
let icicle = false

const rowOf = v => v.back === 2 ? -v.depth : v.depth
const topOf = r => (icicle ? r - Math.min(...rows.keys()) : Math.max(...rows.keys()) - r) * H

/** A view's kids, those of a value below `least` and sums as blocks. */
function visible (v, least) {
  const out = []
  let block
  for (const k of kids(v)) {
    if (k.frame && k.value >= least) {
      block = out.push(k) && null
      continue
    }
    if (!block) out.push(block = { ...k, frame: 0, value: 0, run: 0 })
    block.value += k.value
    each(k, (_, n) => { block.run += k.back ? 1 : held[n] })
  }
  return out.filter(k => k.value >= least)
}

/** Places what is wide enough, callers of the zoomed frame over all the width. */
function place (width) {
  drawn = []
  rows = new Map()
  const put = (v, px, pw) => {
    const r = rowOf(v)
    v.i = drawn.push(v) - 1
    v.px = px
    v.pw = pw
    if (!rows.has(r)) rows.set(r, [])
    rows.get(r)?.push(v)
  }
  for (let u = zoom.above; u; u = u.above) put(u, 0, width)
  const scale = width / (zoom.value || 1)
  const at = x => tenth((x - zoom.x) * scale)
  for (let level = tops.includes(zoom) ? tops : [zoom]; level.length;) {
    const next = []
    for (const v of level) {
      const x = at(v.x)
      if (v !== tops[1] || zoom === v) put(v, x, v === zoom ? width : Math.max(LEAST, tenth(at(v.x + v.value) - x)))
      if (!v.run) next.push(...visible(v, LEAST / scale))
    }
    level = next
  }
}

const shift = top => `<g transform="translate(0 ${top})">`
const nameOf = v => v.run ? plural(v.run, 'frame').replace(/<.?b>/g, '') : info(v).text

const delta = () => ramp && now.side === 'delta'
/** What a view changed by, where that is to be shown. */
const moved = v => delta() && v.frame ? change(v) : { step: 0 }

/** A class; what only one side has is outlined. */
function paintOf (v) {
  const { was, is, step } = moved(v)
  return (match && match[v.frame] ? 'm' : 'p' + (is >= 0 ? ramp + step : info(v).paint)) + (was === 0 ? ' new' : is === 0 ? ' gone' : '')
}

/** What stands in front of a name: how it changed, if that is not noise. */
function signOf (v) {
  const { was, is, step } = moved(v)
  return step || was === 0 || is === 0 ? how(was, is) + ' ' : ''
}

/** What can be read on a frame; a number that is cut is another one. */
function labelOf (v) {
  const sign = signOf(v)
  const label = fit(v.run ? nameOf(v) : sign + info(v).label, v.pw - 6)
  return label.startsWith(sign.trim()) ? label : ''
}

/** @returns {string} a frame's element, without its row */
function item (v, paint = paintOf(v), label = labelOf(v)) {
  return `<g role="treeitem" id="f${v.i}" class="${paint}${v.depth < zoom.depth ? ' u' : ''}" aria-level="${v.depth + 1}" aria-label="${esc(signOf(v) + nameOf(v))}, ${share(v.value, zoom.value)}"><rect x="${v.px}" width="${v.pw}" height="${H - 1}"/>` +
    (label && `<text x="${tenth(v.px + 3)}" y="${tenth((H - 1) / 2 + FONT * 0.35)}">${esc(label)}</text>`) + '</g>'
}

/** @returns {string} markup of all that is placed */
function markup () {
  // of each paint: a frame is a line as thick as its row, in tenths, for whole numbers become texts sooner
  const lines = {}
  let out = ''
  for (const [r, views] of rows) {
    const top = topOf(r)
    const middle = top * 10 + 5 * H - 5
    out += shift(top)
    for (const v of views) {
      const paint = paintOf(v)
      const label = v.pw > THIN && labelOf(v)
      if (label || v.pw > (paint.includes(' ') ? THIN : WIDE)) out += item(v, paint, label)
      else lines[paint] = (lines[paint] || '') + `M${Math.round(v.px * 10)} ${middle}h${Math.round(v.pw * 10) - (v.pw > THIN ? 5 : 0)}`
    }
    out += '</g>'
  }
  out += `<g transform="scale(.1)" stroke-width="${10 * H - 10}">`
  for (const paint in lines) out += `<path class="${paint}" d="${lines[paint]}"/>`
  return out + '</g>'
}

/** @returns {View | undefined} the view at a point of the picture */
function viewAt (x, y) {
  const step = Math.floor((y - topOf(0)) / H)
  return rows.get(icicle ? step : -step)?.findLast(v => v.px <= x && x <= v.px + Math.max(v.pw, 1))
}
