'use strict'

/**
 * The page: keys and clicks. The static picture of the file is replaced only if this works.
 */

let width = 0

function render () {
  const fresh = build()
  zoom = viewOf(settings.zoom)
  icicle = settings.icicle
  search()
  const had = main.contains(document.activeElement)
  const table = settings.view === 'table'
  const want = table ? list : picture
  if (!main.contains(want)) main.replaceChildren(want)
  if (table) drawTable()
  place(width)
  // HTML's parser is several times faster than XML's, which a standalone SVG uses
  parser.innerHTML = `<svg>${markup()}</svg>`
  items.replaceChildren(...parser.firstChild.childNodes)
  set(picture, { width, height: H * rows.size, class: match && 'hunt' })
  drawHead(fresh)
  focusView(drawn[focused?.i] === focused && focused || zoom, had && !table)
  growToContent()
  // only a standalone SVG scrolls
  if (fresh && !table) main.scrollTop = topOf(rowOf(zoom)) - (main.clientHeight - H) / 2
}

/* ---- Focus ---- */

/** @param {any} rect @param {View | false | undefined} v */
function outline (rect, v) {
  set(rect, v ? { x: v.px, y: topOf(rowOf(v)), width: v.pw, height: H - 1 } : { width: 0 })
}

/** Makes a view the target of Tab and, with `hold`, focuses it. @param {View} v @param {boolean} [hold] */
function focusView (v, hold) {
  query(items, '[tabindex="0"]')?.setAttribute('tabindex', -1)
  focused = v
  showDetails(v)
  const id = '#f' + v.i
  // it is drawn in a path
  if (!query(items, id)) items.insertAdjacentHTML('beforeend', shift(topOf(rowOf(v))) + item(v) + '</g>')
  const at = query(items, id)
  set(at, { tabindex: 0 })
  outline(focusRing, !!hold && v)
  if (!hold) return
  at.focus({ preventScroll: true })
  at.scrollIntoView({ block: 'nearest' })
}

/** Arrow keys go to the caller, a callee, or a neighbour. @param {string} key */
function move (key) {
  const by = (key === 'ArrowUp' ? 1 : key === 'ArrowDown' ? -1 : 0) * (icicle ? -1 : 1)
  const there = rows.get(rowOf(focused) + by) || []
  const to = !by
    ? there[there.indexOf(focused) + (key === 'ArrowLeft' ? -1 : 1)]
    : there.find(v => v === focused.above) || there.filter(v => v.above === focused || (!focused.depth && v.depth === 1)).sort((a, b) => b.value - a.value)[0]
  if (to) focusView(to, true)
}

/* ---- Actions ---- */

/** @param {string} text */
function copy (text) {
  navigator.clipboard?.writeText(text).then(() => fill('output', 'Copied'))
}

/** @param {View} v */
function folded (v) {
  const out = []
  for (let /** @type {View | null} */ u = v; u && u.frame !== ALL; u = u.above) out.push(placed(info(u), info(u).path).replace(/;/g, ','))
  return (v.back ? out : out.reverse()).join(';') + ' ' + v.value
}

/** @param {View | null} [v] */
const zoomTo = v => v && setState({ zoom: pathOf(v.run && v.above || v) })
/** @param {string} key */
const toggle = key => setState({ [key]: !settings[key] })
/** @param {string} view */
const showView = view => setState({ view, zoom: '' })
/** @param {string} of */
const showSandwich = of => setState({ view: 'sandwich', zoom: '', of })

/** Actions by key; buttons name theirs in data-do. @type {Record<string, () => void>} */
const ACTS = {
  g: () => showView('graph'),
  r: () => showView('reverse'),
  t: () => showView('table'),
  s: () => {
    const f = inspectedFunction()
    showSandwich(f ? textOf(f) : settings.of)
  },
  i: () => toggle('icicle'),
  w: () => toggle('weight'),
  x: () => toggle('regex'),
  a: () => toggle('exact'),
  n: () => toMatch(1),
  N: () => toMatch(-1),
  c: () => inspectedFunction() && copy(info(inspected).name),
  C: () => inspectedFunction() && copy(folded(inspected)),
  '/': () => box.select(),
  '?': () => { help.hidden = !help.hidden },
  Enter: () => zoomTo(focused)
}

/** @param {boolean} typing */
function escape (typing) {
  if (!help.hidden) help.hidden = true
  else if (typing && box.value) setState({ q: '' }, true)
  else if (typing) focusView(focused, true)
  else if (stepsBack()) history.go(-1)
  else setState({ zoom: '' })
}

/** @param {any} e */
function onKey (e) {
  // ignores keys for other parts of the page and for other pictures
  if (!svg.contains(e.target) && (e.target !== document.body || !ours)) return
  const typing = e.target === box
  const { key } = e
  const command = e.ctrlKey || e.metaKey
  if (command && key === 'f') box.select()
  else if (command || e.altKey) return
  else if (key === 'Escape') escape(typing)
  else if (key === 'Enter' && typing) toMatch(e.shiftKey ? -1 : 1)
  else if (key === 'Enter' && e.target.dataset.row) e.target.click()
  else if (typing || e.target.matches('select') || (key === 'Enter' && e.target.matches('button'))) return
  else if (ACTS[key]) ACTS[key]()
  else if (key.startsWith('Arrow') && settings.view !== 'table') move(key)
  else return
  e.preventDefault()
}

/** @param {string} key of a category or package */
function cycleState (key) {
  const states = legend()
  const state = NEXT[states.get(key) || 'show']
  states.set(key, state)
  if (state === 'show') states.delete(key)
  setState({ legend: [...states].map(s => s.join('=')).join() })
  $$('.legend button').find(b => b.dataset.key === key)?.focus()
}

/** @param {any} e */
function onClick (e) {
  const { dataset } = e.target.closest('button,tr') || app
  const { key, sort } = dataset
  if (dataset.do) ACTS[dataset.do]()
  else if (sort) setState({ sort }, true)
  else if (dataset.row) showSandwich(textOf(frameAt(+dataset.row)))
  else if (key) cycleState(key)
}

/* ---- The page ---- */

/** Help texts by key. @type {Record<string, string>} */
const HELP = {
  'click, Enter': 'zoom',
  'Esc, Back': 'undo',
  arrows: 'caller, callee, siblings',
  'right click': 'hold details',
  '/': 'search',
  n: 'next match',
  N: 'last match',
  a: 'match case',
  x: 'regular expression',
  g: 'graph',
  r: 'from the leaf',
  s: 'callers and callees',
  t: 'functions',
  i: 'root on top',
  w: 'widest first',
  c: 'copy name',
  C: 'copy stack',
  '?': 'keys'
}
/** @param {string} key @param {string} text */
const button = (key, text, on = '') => `<button data-do="${key}"${on && ` data-on="${on}"`} title="${HELP[key]} (${key})">${text}</button>`
/** @param {string} name @param {string[]} all */
const options = (name, all) => all.length > 1 ? `<select name="${name}" aria-label="${name}">${all.map(v => `<option value="${esc(v)}">${esc(v || 'all processes')}</option>`).join('')}</select>` : ''
/** @param {string} name */
const make = (name, of = svg.namespaceURI) => /** @type {any} */ (document.createElementNS(of, name))
const app = make('div', 'http://www.w3.org/1999/xhtml')
/** @param {string} what */
const $ = what => query(app, what)
/** @param {string} what @returns {any[]} */
const $$ = what => [...app.querySelectorAll(what)]
/** @type {any} */
const parser = document.implementation.createHTMLDocument('').body
app.className = 'app'
parser.innerHTML = `<header><div><h1>${esc(data.title)}</h1><p>${esc(data.subtitle)}</p></div><div class="sum"></div></header>
<nav>${options('type', types)}${options('side', sideNames)}${options('root', roots.map(r => r.name))}<span>${button('g', 'Graph', 'view=graph')}${button('r', 'Reversed', 'view=reverse')}${button('s', 'Sandwich', 'view=sandwich')}${button('t', 'Functions', 'view=table')}</span><span>${button('i', 'Icicle', 'icicle')}${button('w', 'By weight', 'weight')}</span><output></output>
<span class="find"><input placeholder="Search" title="search (/)"/>${button('N', '‹')}${button('n', '›')}${button('a', 'Aa', 'exact')}${button('x', '.*', 'regex')}</span>${button('?', '?')}</nav>
<div class="legend"></div><main></main><footer></footer><div class="help" hidden>${Object.keys(HELP).map(key => `<b>${key}</b><em>${HELP[key]}</em>`).join('')}<p>${esc(data.notes)}</p></div>`
app.append(...parser.childNodes)
const [box, main, help] = ['input', 'main', '.help'].map($)
const list = make('table', app.namespaceURI)
const picture = make('svg')
picture.innerHTML = `<g role="tree" aria-label="frames" font-size="${FONT}"></g><rect/><rect class="ring"/>`
const [items, hover, focusRing] = picture.children
app.style.fontFamily = picture.style.fontFamily = data.font

/** Fits the picture to the width. @param {number | false} [all] the width, if known */
function fitWindow (all) {
  const was = width
  width = Math.max(180, (all || app.clientWidth) - 20)
  if (width !== was) render()
}

const sheet = new CSSStyleSheet()
sheet.replaceSync(`[data-shap="${number}"]{` + STYLE + data.paints.map((p, i) => {
  const color = `light-dark(#${p.slice(0, 3)},#${p.slice(3)})`
  return `.p${i}{fill:${color};background:${color};stroke:${color}}`
}).join('') + '}')
document.adoptedStyleSheets.push(sheet)
const holder = make('foreignObject')
const fullSize = { width: '100%', height: '100%' }
set(holder, fullSize)
holder.append(app)
/** @type {any[]} */
const staticParts = [...svg.querySelectorAll('#head,#frames,#foot')]
// layout is much faster without it
for (const part of staticParts) part.remove()
const whole = svg === document.documentElement

/** Within another page the picture only grows, so that what is below it does not jump. */
function growToContent () {
  const { width, height } = svg.viewBox.baseVal
  if (!whole && app.offsetHeight > height) set(svg, { height: app.offsetHeight, viewBox: `0 0 ${width} ${app.offsetHeight}` })
}

// forces a layout, which is cheap now
const across = whole && innerWidth
query(svg, '#page').after(holder)
try {
  svg.removeAttribute('role')
  if (whole) {
    set(svg, fullSize)
    svg.removeAttribute('viewBox')
  }
  readHash()
  fitWindow(across)
} catch (e) {
  holder.replaceWith(...staticParts)
  throw e
}
/** @param {any} e */
const viewUnder = e => {
  const r = picture.getBoundingClientRect()
  return viewAt(e.clientX - r.left, e.clientY - r.top)
}
/** @param {any} what @param {string} event @param {(e: any) => void} act */
const on = (what, event, act) => what.addEventListener(event, act)
on(app, 'click', onClick)
on(app, 'change', e => e.target.name && setState({ [e.target.name]: e.target.value }))
on(box, 'input', () => setState({ q: box.value }, true))
on(document, 'keydown', onKey)
/** Keys go to the picture that was last pointed at or focused; before that, to the first. */
let ours = number === 0
for (const event of ['pointerover', 'focusin']) {
  on(document, event, e => {
    const at = e.target.closest?.('[data-shap]')
    if (at) ours = at === svg
  })
}
on(picture, 'pointermove', e => {
  const v = viewUnder(e)
  outline(hover, v)
  if (v && v !== inspected && !pinned) showDetails(v)
})
on(picture, 'click', e => zoomTo(viewUnder(e)))
on(picture, 'contextmenu', e => {
  const v = viewUnder(e)
  if (!v) return
  e.preventDefault()
  pinned = true
  focusView(v, true)
})
on(window, 'hashchange', () => {
  readHash()
  render()
})
new ResizeObserver(() => {
  fitWindow()
  growToContent()
}).observe(app)
