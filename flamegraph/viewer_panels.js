'use strict'

/** The parts around the picture: head, legend, details, search, table. */

/** @type {Record<string, string>} the next state of a category after a click */
const NEXT = { show: 'fold', fold: 'hide', hide: 'show' }
/** The view whose details are shown, and the one with the focus. @type {View} */
let inspected
/** @type {View} */
let focused
let pinned = false

/** @param {any} on @param {Record<string, any>} attributes */
const set = (on, attributes) => { for (const key in attributes) on.setAttribute(key, attributes[key]) }
/** @param {string} what @param {string} html */
const fill = (what, html) => {
  parser.innerHTML = html
  $(what).replaceChildren(...parser.childNodes)
}
/** @param {number | string} paint @param {string} [mark] */
const swatch = (paint, mark = '') => `<i class="p${paint} ${mark}"></i>`

/** @param {boolean} fresh */
function drawHead (fresh) {
  const all = values[type][1][scope]
  const [was, is] = ramp ? both(of => of[type][1][scope]) : [all, all]
  const variance = variances[type][1][scope]
  const error = Math.sqrt(variance) / was * 100
  const verdict = was === is ? '' : isSignificant(was, is, variance) ? (is > was ? ', grew' : ', shrank') + ', 99% confidence' : ', within noise'
  fill('.sum', `<b>${ramp ? formatSides(was, is) : formatHuman(all)}</b>${error < 1e4 && error ? ` ± ${error.toFixed(error < 10 ? 1 : 0)} %` : ''}${verdict}<p>${(ramp ? commas(was) + ' → ' : '') + commas(is)} ${esc(data.countName || (isBytes() ? 'bytes' : 'objects'))}${esc(data.facts[type])}</p>`)
  for (const s of $$('select')) s.value = settings[s.name]
  for (const b of $$('[data-on]')) {
    const [key, value] = b.dataset.on.split('=')
    set(b, { 'aria-pressed': value ? settings[key] === value : settings[key] })
  }
  box.value = settings.q
  if (fresh) drawLegend(all)
}

/** @typedef {Record<string, { value: number, paint: number }>} Shares */

/** Self values by category and, with a colon before the name, by package. */
function selfByCategory () {
  const own = new Float64Array(known.length)
  const seen = new Uint8Array(known.length)
  const [self, total] = values[type]
  for (let n = scope; n < ends[scope]; n++) {
    const frame = frameOf[n]
    own[frame] += self[n]
    if (total[n]) seen[frame] = 1
  }
  // without prototype, as a package may be called `constructor`
  /** @type {Shares} */
  const out = Object.create(null)
  /** @type {Shares} */
  const packs = Object.create(null)
  /** @param {Shares} to @param {string} name @param {Frame} f @param {number} value */
  const put = (to, name, f, value) => { (to[name] ??= { value: 0, paint: basePaint(f) }).value += value }
  /** @param {any} f @param {number} value */
  const addShare = (f, value) => {
    put(out, f.key, f, value)
    if (f.pack) put(packs, f.pack, f, value)
  }
  /** Only the first frame of each file and category is looked at. @type {number[]} */
  const firsts = []
  for (let i = 0; i < ALL; i++) {
    if (!seen[i]) continue
    const first = (firsts[i && data.file[i - 1] * 10 + +data.category[i - 1] + 1] ??= i)
    if (first !== i) own[first] += own[i]
  }
  for (const i of firsts.flat()) addShare(frameAt(i), own[i])
  for (const [n, key, pack, paint, ...rest] of data.rest || []) if (n >= scope && n < ends[scope]) addShare({ key, pack, paint }, rest[type])
  for (const name in packs) out[':' + name] = packs[name]
  return out
}

/** @param {number} all */
function drawLegend (all) {
  const own = selfByCategory()
  const states = legend()
  const packs = Object.keys(own).filter(k => k[0] === ':').sort((a, b) => own[b].value - own[a].value)
  const some = packs.slice(0, 3).map(k => own[k].paint)
  const entry = (/** @type {string} */ key) => {
    const state = states.get(key) || 'show'
    return `<button data-key="${esc(key)}" class="${state}" title="click: ${NEXT[state]}">${data.byCategory && !delta() ? (key === 'node_modules' ? some : [own[key].paint]).map(p => swatch(p)).join('') : ''}${esc(key.replace(/^:/, ''))} <em>${share(own[key].value, all)}</em></button>`
  }
  const keys = [...data.categories.filter(k => own[k]), ...packs.filter((k, i) => states.has(k) || (i < 8 && own[k].value >= all * 0.005))]
  const steps = [-4, -3, -2, -1, 0, 1, 2, 3, 4].map(step => swatch(ramp + step)).join('')
  const scale = `<em>shrank ${steps} grew</em><em>${swatch(ramp + 1, 'new')}new</em><em>${swatch(ramp - 1, 'gone')}gone</em>`
  fill('.legend', all ? (delta() ? scale : '') + keys.map(entry).join('') + (own.sum ? `<em>${swatch(59)}${share(own.sum.value, all)} not drawn</em>` : '') : 'Nothing was sampled.')
}

/** The sum of the self values of a view. @param {View} v @param {Column[]} of */
function ownSum (v, of) {
  let sum = 0
  each(v, n => { sum += of[type][0][n] })
  return sum
}

/** The figures of a view, as text. @param {View} v */
function figures (v) {
  const error = v.run ? '' : deviation(add(v, variances[type]))
  const out = [`<b>${formatHuman(v.value)}</b>${error}`]
  if (ramp && !v.run) {
    const { was, is, step } = change(v)
    out[0] = `<b>${formatSides(was, is)}</b> (${signed(is - was)}${error}${step || was === is ? '' : ', within noise'})`
  }
  const part = (/** @type {View | null} */ of, /** @type {string} */ name) => of && !delta() && out.push(`<b>${share(v.value, of.value)}</b> of ${name}`)
  part(treeRoots[0], 'all')
  if (v.above !== treeRoots[0]) part(v.above, 'parent')
  if (zoom !== treeRoots[0]) part(zoom, 'view')
  if (!v.run && !v.back) {
    const self = kids(v).reduce((sum, k) => sum - k.value, v.value)
    const [was, is] = ramp ? both(of => ownSum(v, of)) : [0, 0]
    out.push(`self <b>${ramp ? formatSides(was, is) : formatHuman(self)}</b>${self ? deviation(ownSum(v, variances)) : ''}`)
  }
  const objects = types.indexOf(settings.type.replace('space', 'objects'))
  if (!v.run && !delta() && objects >= 0 && objects !== type) out.push(plural(add(v, values[objects]), 'object'))
  return out.join(' · ')
}

const LINES = 8

/** The lines of a function with the largest totals, in all stacks. @param {number} frame */
function linesText (frame) {
  const { frame: of = [], line = [], self = [], total = [] } = data.lines || {}
  const rows = [...of.keys()].filter(i => of[i] === frame && total[type][i]).sort((a, b) => total[type][b] - total[type][a])
  const text = rows.slice(0, LINES).map(i => {
    const [own, all] = [self[type][i], total[type][i]]
    return `<b>${line[i]}</b> ${formatHuman(all)}${own && own < all ? ` (self ${formatHuman(own)})` : ''}`
  })
  return text.length ? `by line, in all stacks: ${text.join(' · ')}${rows.length > LINES ? ' …' : ''}` : '&nbsp;'
}

/** The details of a view. @param {View} v */
function showDetails (v) {
  inspected = v
  const f = info(v)
  fill('footer', settings.view === 'table'
    ? ''
    : `<div><b class="name">${esc(v.run ? nameOf(v) : f.name)}</b><em>${esc(v.run ? 'too small to draw' : short(f.path) + atOf(f))}</em>${inspectedFunction() ? button('s', 'Sandwich') + button('c', 'Copy name') + button('C', 'Copy stack') : ''}</div>${figures(v)}${data.lines ? `<p>${linesText(v.run ? 0 : v.frame)}</p>` : ''}`)
}

/** The frame whose details are shown, if it is a function. */
const inspectedFunction = () => inspected.run || inspected.frame === ALL ? null : info(inspected)

/* ---- Search ---- */

function search () {
  let message = ''
  match = null
  try {
    const flags = settings.exact ? 'u' : 'iu'
    const re = RegExp(settings.q.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), flags)
    const found = settings.regex ? finder(settings.q, flags) : (/** @type {string} */ text) => re.test(text)
    if (settings.q) match = [...known.keys()].map(i => i > 0 && i !== ALL && found(textOf(frameAt(i))))
  } catch (e) {
    message = esc(/** @type {Error} */ (e).message.replace(/.*\/: /, ''))
  }
  set(box, { 'aria-invalid': !!message })
  if (match) {
    const hits = match.filter((hit, i) => hit && i < ALL).length
    const part = (/** @type {View} */ v, /** @type {string} */ name) => {
      const sum = matched(v, !!treeRoots[1] && v === treeRoots[0])
      message += ` · <b>${formatHuman(sum)}</b> ${share(sum, v.value)} of ${name}`
    }
    message = plural(hits, 'function')
    if (zoom !== treeRoots[0]) part(zoom, 'view')
    part(treeRoots[0], 'all')
  }
  fill('output', message)
}

/** @param {number} by */
function toMatch (by) {
  const hits = drawn.filter(v => match?.[v.frame])
  const at = hits.indexOf(focused)
  if (hits[0]) focusView(hits[(Math.max(at, by < 0 ? 0 : -1) + by + hits.length) % hits.length], true)
  else if (match) setState({ zoom: '' })
}

/* ---- The table ---- */

/** @returns {Row[]} in the chosen order; in a difference by their change */
function tableRows () {
  const found = functions().filter(r => !match || match[r.frame])
  if (delta()) {
    const pairs = both(of => new Map(functions(of).map(r => [r.frame, r])))
    for (const r of found) {
      r.pair = key => pairs.map(of => of.get(r.frame)?.[key] || 0)
      for (const key of /** @type {const} */ (['self', 'total'])) r[key] = r.pair(key).reduce((was, is) => is - was)
    }
  }
  const key = settings.sort === 'total' ? 'total' : 'self'
  return found.sort((a, b) => Math.abs(b[key]) - Math.abs(a[key]) || b.total - a.total).slice(0, 1000)
}

function drawTable () {
  const all = values[type][1][scope]
  const found = tableRows()
  const head = (/** @type {string} */ key, /** @type {string} */ text) => `<th colspan="2" aria-sort="${settings.sort === key ? 'descending' : 'none'}"><button data-sort="${key}">${text}</button></th>`
  const cell = (/** @type {Row} */ r, /** @type {'self' | 'total'} */ key) => {
    const [was, is] = r.pair ? r.pair(key) : [0, 0]
    return `<td>${r.pair ? signed(r[key]) : formatHuman(r[key])}</td><td><b>${r.pair ? formatChange(was, is) : share(r[key], all)}</b><i class="bar"></i></td>`
  }
  const line = (/** @type {Row} */ r) => {
    const f = frameAt(r.frame)
    return `<tr data-row="${r.frame}" tabindex="0">${cell(r, 'self')}${cell(r, 'total')}<td>${swatch(f.paint)}${esc(f.name)} <em>${esc(short(f.path) + atOf(f))}</em></td></tr>`
  }
  list.innerHTML = `<thead><tr>${head('self', 'Self')}${head('total', 'Total')}<th>${esc(data.nameType)}</th></tr></thead><tbody>${found.map(line).join('')}</tbody>`
  $$('.bar').forEach((bar, i) => { bar.style.width = Math.abs(found[i >> 1][i % 2 ? 'total' : 'self']) / all * 60 + 'px' })
}
