'use strict'

/**
 * The trees that are shown.
 *
 * A view is a frame and `list`, its nodes in the data; in a view of callers, `list` has pairs: the
 * next caller, and the node whose value counts. `back` is 0 for callees, 1 for callers by self
 * values, 2 for callers by totals. `x` is in units of the value; `run` is the number of frames of a
 * grey block; `px`, `pw` and `i` are set when it is drawn.
 * @typedef {{ frame: number, above: View | null, depth: number, list: number[], back: number, value: number, x: number,
 *   run: number, px: number, pw: number, i: number, kids: View[] | null }} View
 */

let values = sides.delta
let type = 0
let byWeight = false
let scope = 0
/** How a frame is shown: as itself, as a fold of its category or package, or HIDDEN. @type {number[]} */
let shownAs = []
let plain = true

/** @param {Frame} f */
const basePaint = f => data.byCategory && f.pack
  ? f.paint - (f.paint - data.categoryPaints[1]) % 3
  : data.categoryPaints[data.categories.indexOf(f.key)]

/** @param {Map<string, string>} states of categories and, a colon in front, packages: fold or hide */
function mapFrames (states) {
  known.length = ALL + 1
  shownAs = [...known.keys()]
  plain = !states.size
  const folds = new Map()
  for (let i = 1; i < ALL && !plain; i++) {
    const f = frameAt(i)
    const key = [':' + f.pack, f.key].find(key => states.get(key))
    if (!key) continue
    shownAs[i] = HIDDEN
    if (states.get(key) === 'hide') continue
    if (!folds.has(key)) folds.set(key, named(f, key.replace(/^:/, ''), basePaint(f)))
    shownAs[i] = folds.get(key)
  }
}

/** @param {View} v */
const info = v => frameAt(v.frame)
/** @param {number} n */
const shown = n => shownAs[frameOf[n]]
/** Calls act(node, node whose value counts) for each item of a view's list. @param {View} v @param {(n: number, base: number) => void} act */
const each = (v, act) => v.list.forEach((n, i) => v.back ? i % 2 && act(v.list[i - 1], n) : act(n, n))
/** The sum of a column over a view: self or total, by the kind of view. @param {View} v @param {Column} of */
function add (v, of) {
  let sum = 0
  each(v, (_, n) => { sum += of[v.back === 1 ? 0 : 1][n] })
  return sum
}

let largest = 1

/** @template T @param {(of: Column[]) => T} act @returns {T[]} of before and after */
const both = act => [sides.before, sides.after].map(act)

/** Both sides of a view, and its step on the ramp of colours. @param {View} v */
function change (v) {
  const [was, is] = both(of => add(v, of[type]))
  const by = Math.abs(is - was)
  const steps = [0, 0.05, 0.2, 0.5].filter(least => by >= largest * least).length
  return { was, is, step: isSignificant(was, is, add(v, variances[type])) ? Math.sign(is - was) * steps : 0 }
}

/** Standard errors that a change must exceed for 99% confidence. */
const Z_99 = 2.576

/** At 99% confidence. @param {number} was @param {number} is @param {number} variance */
const isSignificant = (was, is, variance) => Math.abs(is - was) > Z_99 * Math.sqrt(variance)

/** @param {number} frame @param {View | null} above @param {number[]} list @param {number} back @param {number} [value] @returns {View} */
function view (frame, above, list, back, value, x = 0, run = 0) {
  const v = { frame, above, list, back, depth: above ? above.depth + 1 : 0, value: 0, x, run, px: 0, pw: 0, i: 0, kids: null }
  v.value = value ?? add(v, values[type])
  return v
}

/** @param {View} v whose callees or callers are wanted, of equal frames together */
function grouped (v) {
  /** @type {Map<number, number[]>} */
  const groups = new Map()
  const past = (/** @type {number} */ s) => s === HIDDEN || (s === v.frame && s > ALL)
  const put = (/** @type {number} */ n, /** @type {number[]} */ ...entry) => {
    const list = groups.get(shown(n))
    if (list) list.push(...entry)
    else groups.set(shown(n), entry)
  }
  const stack = v.back ? [] : v.list.slice()
  if (v.back) {
    each(v, (n, base) => {
      while (n > scope && past(shown(n))) n = caller[n]
      if (n > scope) put(n, caller[n], base)
    })
  }
  for (let n; (n = stack.pop()) !== undefined;) {
    for (let c = n + 1; c < ends[n]; c = ends[c]) {
      if (past(shown(c))) stack.push(c)
      else put(c, c)
    }
  }
  return [...groups].map(([frame, list]) => view(frame, v, list, v.back))
}

/** Views of a single node, by node. @type {View[]} */
let singles = []
/** Whether it is a single node and nothing is folded. @param {View} v */
const alone = v => plain && !v.back && v.list.length === 1

/**
 * Calls act(node, value, x) for each callee of a single node, by name.
 * @param {View} v
 * @param {(n: number, value: number, x: number) => void} act
 */
function eachCallee (v, act) {
  const [n] = v.list
  const [own, total] = values[type]
  let x = v.x + own[n]
  for (let c = n + 1; c < ends[n]; c = ends[c]) {
    if (total[c]) act(c, total[c], x)
    x += total[c]
  }
}

/** The view of a single node, made once. @param {number} n @param {View} above @param {number} value @param {number} x */
const single = (n, above, value, x) => (singles[n] ??= view(frameOf[n], above, [n], 0, value, x))

/** Callees or callers of a view, made when first used. @param {View} v */
function kids (v) {
  if (v.kids) return v.kids
  /** @type {View[]} */
  let all = []
  if (alone(v)) eachCallee(v, (c, value, x) => all.push(single(c, v, value, x)))
  else all = grouped(v).filter(k => k.value)
  const byName = (/** @type {View} */ a, /** @type {View} */ b) => textOf(info(a)) < textOf(info(b)) ? -1 : 1
  if (byWeight || !alone(v)) all.sort((a, b) => (byWeight && b.value - a.value) || byName(a, b))
  let x = v.x + (byWeight ? 0 : v.value - all.reduce((sum, k) => sum + k.value, 0))
  for (const k of all) {
    k.x = x
    x += k.value
  }
  return (v.kids = all)
}

/** Calls act(node) for each node in scope; act may return the node to go on with. @param {(n: number) => any} act */
function walk (act, from = scope) {
  for (let n = from; n < ends[from];) n = act(n) || n + 1
}

const tree = () => view(shown(scope), null, [scope], 0)

function reversed () {
  /** @type {number[]} */
  const list = []
  walk(n => { if (values[type][0][n]) list.push(n, n) })
  return view(shown(scope), null, list, 1)
}

/** Callees and callers of a function; of its outermost calls if it is recursive. @param {number} frame */
function sandwich (frame) {
  /** @type {number[]} */
  const list = []
  walk(n => shown(n) === frame && list.push(n) && ends[n])
  return [view(frame, null, list, 0), view(frame, null, list.flatMap(n => [caller[n], n]), 2)]
}

/** @typedef {{ frame: number, self: number, total: number, open: number, pair: ((key: 'self' | 'total') => number[]) | null }} Row */

/** Self and total of each function; recursion counts once a stack. */
function functions (of = values) {
  /** @type {Map<number, Row>} */
  const all = new Map()
  const entry = (/** @type {number} */ n) => {
    while (n > scope && shown(n) === HIDDEN) n = caller[n]
    const frame = shown(n)
    const found = all.get(frame) || { frame, self: 0, total: 0, open: 0, pair: null }
    all.set(frame, found)
    return found
  }
  const [own, total] = of[type]
  walk(n => {
    const r = entry(n)
    r.self += own[n]
    if (shown(n) === HIDDEN || r.open > n) return
    r.total += total[n]
    r.open = ends[n]
  })
  return [...all.values()].filter(r => r.total && r.frame && r.frame !== ALL)
}

/** Which frames match the search. @type {boolean[] | null} */
let match = null

/**
 * The part of a view's value whose stacks have a matching frame in the view or beyond it: among
 * callees in a view of callees, among callers in a view of callers; with `around` among both.
 * @param {View} v
 * @param {boolean} around
 */
function matched (v, around) {
  const [own, total] = values[type]
  const hits = match || []
  let sum = 0
  each(v, (n, base) => {
    for (let c = n; v.back || around; c = caller[c]) {
      if (hits[frameOf[c]] || hits[v.frame]) {
        sum += (v.back === 1 ? own : total)[base]
        return
      }
      if (!c) break
    }
    if (v.back) return
    walk(c => {
      if (hits[frameOf[c]]) return (sum += total[c]) && ends[c]
    }, n)
  })
  return sum
}
