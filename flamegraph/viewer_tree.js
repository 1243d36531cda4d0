'use strict'

/**
 * The data as a tree, and the trees that views are of. Nodes are rows: 0 is the
 * root, a caller stands before its callees, and a subtree is [node, ends[node]).
 * Frame 0 is a sum of what was too small to be drawn.
 */

const me = /** @type {SVGScriptElement} */ (document.currentScript)
const svg = /** @type {SVGSVGElement} */ (me.closest('svg'))
const query = (on, what) => on.querySelector(what)
const data = JSON.parse(query(svg, '#data').textContent)
const { up, types } = data
const count = up.length + 1
const ALL = data.name.length + 1
const HIDDEN = -1
const row = () => new Int32Array(count)
const parent = row()
const ends = row()
const frameOf = row()
const held = row().fill(1) // frames, from a node down

/** @typedef {{ name: string, path: string, at: string, text: string, full: string, label: string, paint: number, key: string, pack: string }} Frame */
/** @type {Frame[]} `text` is all of it, `full` with the whole path, `label` what stands on the frame, `key` its category */
const frames = []
const named = (f, name, paint) => frames.push({ ...f, name, path: '', at: '', text: name, full: name, label: name, paint }) - 1
named({ key: 'sum', pack: '' }, '', 56)

const short = path => path.startsWith(data.cwd) ? path.slice(data.cwd.length) : path

data.name.forEach((id, i) => {
  const name = data.strings[id] || '(anonymous)'
  const path = data.strings[data.file[i]].replace(/^file:\/\/(?=\/)/, '')
  const at = ['', data.line[i], data.column[i]].filter(n => n !== 0).join(':')
  const key = data.categories[data.category[i]]
  const pack = key === 'node_modules' ? path.replace(/.*node_modules\/((@[^/]*\/)?[^/]*).*/, '$1') : ''
  const label = id || !path ? name : `${name} ${path.replace(/.*\//, '')}:${data.line[i]}`
  const where = file => path ? `${name} (${file}${at})` : name
  frames.push({ name, path, at, text: where(short(path)), full: where(path), label, paint: data.paint[i], key, pack })
})
named(frames[0], 'all', 54)
frameOf[0] = ALL

for (let n = 1, sum = 0; n < count; n++) {
  let above = n - 1
  for (let i = up[n - 1]; i--;) above = parent[above]
  parent[n] = above
  frameOf[n] = data.frame[n - 1]
  if (!frameOf[n]) held[n] = data.sums[sum++]
}
for (let n = count - 1; n >= 0; n--) {
  ends[n] = Math.max(ends[n], n + 1)
  ends[parent[n]] = Math.max(ends[parent[n]], ends[n])
  if (n) held[parent[n]] += held[n]
}

/** [own, total] of each node, by type; the same of variances behind it. */
const columns = of => of.map(column => {
  const own = new Float64Array(count)
  let n = 0
  data.gap.forEach((gap, i) => {
    n += gap + 1
    own[n] = column[i] || 0
  })
  const total = own.slice()
  for (n = count - 1; n > 0; n--) total[parent[n]] += total[n]
  return [own, total]
})
const { before, after, ramp } = data
/** By what widths are of: in a difference one side, or the larger of both. */
const sides = {
  delta: columns(data.self || before.map((column, t) => column.map((n, i) => Math.max(n, after[t][i])))),
  before: before && columns(before),
  after: after && columns(after)
}
let values = sides.delta
const variances = columns(data.variance)

/**
 * A node of a view: a frame where some nodes of the data are. `list` holds these
 * nodes; in a view of callers it holds pairs: the next caller, and the node whose
 * value is meant. `back` is 0 for callees, 1 for callers by own values, 2 for
 * callers by totals. `x` is in units of the value; `run` says how many frames a
 * grey block stands for.
 * @typedef {{ frame: number, above: View | null, depth: number, list: number[], back: number, value: number, x: number,
 *   run?: number, kids?: View[], px?: number, pw?: number, i?: number }} View
 */

let type = 0
let byWeight = false
let scope = 0
/** What a frame is shown as: itself, a fold of its category or package, HIDDEN. */
let map = []
let plain = true

const basePaint = f => data.byCategory && f.pack
  ? f.paint - (f.paint - data.categoryPaints[1]) % 3
  : data.categoryPaints[data.categories.indexOf(f.key)]

/** @param {Map<string, string>} states of categories and, a colon in front, packages: fold or hide */
function mapFrames (states) {
  frames.length = ALL + 1
  map = frames.map((_, i) => i)
  plain = !states.size
  const folds = new Map()
  for (let i = 1; i < ALL; i++) {
    const f = frames[i]
    const key = [':' + f.pack, f.key].find(key => states.get(key))
    if (!key) continue
    map[i] = HIDDEN
    if (states.get(key) === 'hide') continue
    if (!folds.has(key)) folds.set(key, named(f, key.replace(/^:/, ''), basePaint(f)))
    map[i] = folds.get(key)
  }
}

const info = v => frames[v.frame]
const shown = n => map[frameOf[n]]
/** Calls do(node, the base of its pair) for each of a view's list. */
const each = (v, act) => v.list.forEach((n, i) => v.back ? i % 2 && act(v.list[i - 1], n) : act(n, n))
/** The sum of a column of the kind that a view is made of. */
function add (v, of) {
  let sum = 0
  each(v, (_, n) => { sum += of[v.back === 1 ? 0 : 1][n] })
  return sum
}

let largest = 1

const both = act => [sides.before, sides.after].map(act)

/** Both sides of a view, and by how many steps of the ramp it changed. */
function change (v) {
  const [was, is] = both(of => add(v, of[type]))
  const by = Math.abs(is - was)
  const steps = [0, 0.05, 0.2, 0.5].filter(least => by >= largest * least).length
  return { was, is, step: by > 2.576 * Math.sqrt(add(v, variances[type])) ? Math.sign(is - was) * steps : 0 }
}

const signed = n => (n < 0 ? '-' : '+') + human(Math.abs(n))

/** +12%, new, gone */
function how (was, is) {
  const percent = Math.abs(is / was - 1) * 100
  return was === is ? 'unchanged' : !was ? 'new' : !is ? 'gone' : (is < was ? '-' : '+') + percent.toFixed(percent < 10 ? 1 : 0) + '%'
}

/** @returns {View} */
function view (frame, above, list, back) {
  const v = { frame, above, list, back, depth: above ? above.depth + 1 : 0, value: 0, x: 0 }
  v.value = add(v, values[type])
  return v
}

/** Callees or callers of a view, made when first asked for. */
function kids (v) {
  if (v.kids) return v.kids
  const groups = new Map()
  const single = plain && !v.back && v.list.length === 1
  const past = s => s === HIDDEN || (s === v.frame && s > ALL)
  const put = (n, ...entry) => {
    const key = single ? n : shown(n)
    const list = groups.get(key)
    if (list) list.push(...entry)
    else groups.set(key, entry)
  }
  const stack = v.back ? [] : v.list.slice()
  if (v.back) {
    each(v, (n, base) => {
      while (n > scope && past(shown(n))) n = parent[n]
      if (n > scope) put(n, parent[n], base)
    })
  }
  for (let n; (n = stack.pop()) !== undefined;) {
    for (let c = n + 1; c < ends[n]; c = ends[c]) {
      if (past(shown(c))) stack.push(c)
      else put(c, c)
    }
  }
  const all = [...groups].map(([key, list]) => view(single ? shown(key) : key, v, list, v.back)).filter(k => k.value)
  const byName = (a, b) => info(a).text < info(b).text ? -1 : 1
  if (byWeight || !single) all.sort((a, b) => (byWeight && b.value - a.value) || byName(a, b))
  let x = v.x + (byWeight ? 0 : v.value - all.reduce((sum, k) => sum + k.value, 0))
  for (const k of all) {
    k.x = x
    x += k.value
  }
  return (v.kids = all)
}

/** Calls act(node) for each node in scope; what it returns, if anything, is where to go on. */
function walk (act, from = scope) {
  for (let n = from; n < ends[from];) n = act(n) || n + 1
}

const tree = () => view(shown(scope), null, [scope], 0)

function reversed () {
  const list = []
  walk(n => { if (values[type][0][n]) list.push(n, n) })
  return view(shown(scope), null, list, 1)
}

/** Callees and callers of a function; of a recursive one, from its outermost call. */
function sandwich (frame) {
  const list = []
  walk(n => shown(n) === frame && list.push(n) && ends[n])
  return [view(frame, null, list, 0), view(frame, null, list.flatMap(n => [parent[n], n]), 2)]
}

/** Own value and total of each function; a recursive one counts once a stack. */
function functions (of = values) {
  const rows = new Map()
  const rowOf = n => {
    while (n > scope && shown(n) === HIDDEN) n = parent[n]
    const frame = shown(n)
    if (!rows.has(frame)) rows.set(frame, { frame, self: 0, total: 0, open: 0 })
    return rows.get(frame)
  }
  const [own, total] = of[type]
  walk(n => {
    const r = rowOf(n)
    r.self += own[n]
    if (shown(n) === HIDDEN || r.open > n) return
    r.total += total[n]
    r.open = ends[n]
  })
  return [...rows.values()].filter(r => r.total && r.frame && r.frame !== ALL)
}

/**
 * How much of a view's value is of stacks that have a frame that matches, in
 * the view or beyond it: callees for callees, callers for callers, or `both`.
 */
function matched (v, both) {
  const [own, total] = values[type]
  let sum = 0
  each(v, (n, base) => {
    for (let c = n; v.back || both; c = parent[c]) {
      if (match[frameOf[c]] || match[v.frame]) {
        sum += (v.back === 1 ? own : total)[base]
        return
      }
      if (!c) break
    }
    if (v.back) return
    walk(c => {
      if (match[frameOf[c]]) return (sum += total[c]) && ends[c]
    }, n)
  })
  return sum
}
