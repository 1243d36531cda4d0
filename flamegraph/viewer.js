'use strict'

/**
 * The viewer: what the person chose, the controls, and how both are kept in the
 * address. The picture that stands in the file is replaced only once this works.
 */

/** As it is when nothing was now; what differs stands in the address. */
const START = {
  type: data.type,
  side: 'delta',
  view: data.reverse ? 'reverse' : 'graph',
  of: '',
  icicle: data.inverted,
  weight: false,
  root: '',
  legend: '',
  zoom: '',
  q: '',
  regex: false,
  exact: false,
  sort: 'self'
}
/** @type {any} */
let now
let built = ''
/** @type {any} */
let told, focus, pinned
let width = 0

/* ---- The address ---- */

const hash = () => '#' + Object.keys(START).filter(key => now[key] !== START[key])
  .map(key => key + '=' + encodeURIComponent(now[key]).replace(/%3B/g, ';')).join('&')

function readHash () {
  now = { ...START }
  for (const [, key, value] of location.hash.matchAll(/(\w+)=([^&]*)/g)) {
    try {
      if (key in START) now[key] = typeof START[key] === 'boolean' ? value === 'true' : decodeURIComponent(value)
    } catch {}
  }
  if (!types.includes(now.type)) now.type = START.type
  if (!sides[now.side]) now.side = START.side
}

const steps = () => history.state?.shap || 0

function go (change, quiet) {
  Object.assign(now, change)
  pinned = false
  try {
    if (hash() !== (location.hash || '#')) history[quiet ? 'replaceState' : 'pushState']({ shap: steps() + (quiet ? 0 : 1) }, '', hash())
  } catch {}
  render()
}

const stepName = v => info(v).label.replace(/;/g, ',')

function pathOf (v) {
  const out = []
  for (let u = v; u.above; u = u.above) out.unshift(stepName(u))
  return (v.back === 2 && v.above ? '^;' : '') + out.join(';')
}

/** The view at a path of names, or the last of it that is there. */
function find (path) {
  const names = path.split(';')
  let v = names[0] === '^' && tops[1] || tops[0]
  for (const name of names.filter(n => n && n !== '^')) {
    const same = kids(v).filter(k => k.frame && stepName(k) === name)
    if (!same[0]) break
    v = same.reduce((a, b) => b.value > a.value ? b : a)
  }
  return v
}

/** Processes and threads, by their frames at the root. */
const roots = [{ n: 0, name: '' }]
for (let n = 1; n < count; n++) {
  const above = roots.find(r => r.n === parent[n])
  const { name, key } = frames[frameOf[n]]
  if (above && key === 'other' && /^(process|worker) /.test(name)) roots.push({ n, name: above.name + (above.n ? ' / ' : '') + name })
}

/* ---- Drawing ---- */

const legend = () => new Map(now.legend.split(',').filter(Boolean).map(s => s.split('=')))

/** The function now for the sandwich, or the one that has most. */
function filling () {
  const at = frames.findIndex((f, i) => i && f.text === now.of && map[i] === i)
  return at > 0 ? at : functions().reduce((a, b) => b.self > a.self ? b : a, { self: -1, frame: ALL }).frame
}

function build () {
  const key = [now.type, now.side, now.view, now.of, now.weight, now.root, now.legend].join()
  if (key === built) return false
  built = key
  type = types.indexOf(now.type)
  values = sides[now.side]
  if (ramp) largest = sides.after[type][1].reduce((most, n, i) => Math.max(most, Math.abs(n - sides.before[type][1][i])), 1)
  byWeight = now.weight
  scope = (roots.find(r => r.name === now.root) || roots[0]).n
  mapFrames(legend())
  tops = now.view === 'sandwich' ? sandwich(filling()) : [now.view === 'reverse' ? reversed() : tree()]
  return true
}

function render () {
  const fresh = build()
  zoom = find(now.zoom)
  icicle = now.icicle
  search()
  const had = main.contains(document.activeElement)
  const table = now.view === 'table'
  const want = table ? list : picture
  if (!main.contains(want)) main.replaceChildren(want)
  if (table) drawTable()
  place(width)
  // HTML's parser is several times as fast as XML's, which a standalone SVG has
  parser.innerHTML = `<svg>${markup()}</svg>`
  items.replaceChildren(...parser.firstChild.childNodes)
  set(picture, { width, height: H * rows.size, class: match && 'hunt' })
  drawHead(fresh)
  take(drawn[focus?.i] === focus && focus || zoom, had && !table)
  if (fresh) query(items, '#f' + zoom.i).scrollIntoView({ block: 'center' })
}

function drawHead (fresh) {
  const all = values[type][1][scope]
  const [was, is] = ramp ? both(of => of[type][1][scope]) : [all]
  const error = Math.sqrt(variances[type][1][scope]) / was * 100
  $('.sum').innerHTML = `<b>${ramp ? changed(was, is) : human(all)}</b>${error < 1e4 && error ? ` ± ${error.toFixed(error < 10 ? 1 : 0)} %` : ''}<p>${(ramp ? grouped(was) + ' → ' : '') + grouped(ramp ? is : all)} ${esc(data.countName || (isBytes() ? 'bytes' : 'objects'))}${esc(data.facts[type])}</p>`
  for (const s of $$('select')) s.value = now[s.name]
  for (const b of $$('[data-on]')) {
    const [key, value] = b.dataset.on.split('=')
    set(b, { 'aria-pressed': value ? now[key] === value : now[key] })
  }
  box.value = now.q
  if (fresh) drawLegend(all)
}

const changed = (was, is) => `${human(was)} → ${human(is)}, ${how(was, is)}`
const set = (on, attributes) => { for (const key in attributes) on.setAttribute(key, attributes[key]) }
const NEXT = { show: 'fold', fold: 'hide', hide: 'show' }
const swatch = paint => `<i class="p${paint}"></i>`

function drawLegend (all) {
  const own = {}
  const paint = {}
  walk(n => {
    const f = frames[frameOf[n]]
    for (const key of n ? f.pack ? [f.key, ':' + f.pack] : [f.key] : []) {
      own[key] = (own[key] || 0) + values[type][0][n]
      paint[key] = basePaint(f)
    }
  })
  const states = legend()
  const packs = Object.keys(own).filter(k => k[0] === ':').sort((a, b) => own[b] - own[a])
  const first = packs.slice(0, 3).map(k => paint[k])
  const item = key => {
    const state = states.get(key) || 'show'
    return `<button data-key="${esc(key)}" class="${state}" title="click: ${NEXT[state]}">${data.byCategory && !delta() ? (key === 'node_modules' ? first : [paint[key]]).map(swatch).join('') : ''}${esc(key.replace(/^:/, ''))} <em>${share(own[key], all)}</em></button>`
  }
  const keys = [...data.categories.filter(k => k in own), ...packs.filter((k, i) => states.has(k) || (i < 8 && own[k] >= all * 0.005))]
  const steps = [-4, -3, -2, -1, 0, 1, 2, 3, 4].map(step => swatch(ramp + step)).join('')
  $('.legend').innerHTML = all ? (delta() ? `<em>shrank ${steps} grew</em>` : '') + keys.map(item).join('') + (own.sum ? `<em>${swatch(56)}not drawn ${share(own.sum, all)}</em>` : '') : 'Nothing was sampled.'
}

const deviation = variance => variance > 0 ? ' ± ' + human(Math.sqrt(variance)) : ''

/** The details of a view. */
function tell (v) {
  told = v
  const f = info(v)
  const { was, is, step } = v.run || !ramp ? {} : change(v)
  const error = v.run ? '' : deviation(add(v, variances[type]))
  const say = [is >= 0 ? `<b>${changed(was, is)}</b> (${signed(is - was)}${error}${step || was === is ? '' : ', within noise'})` : `<b>${human(v.value)}</b>${error}`]
  const part = (of, name) => of && !delta() && say.push(`<b>${share(v.value, of.value)}</b> of ${name}`)
  part(tops[0], 'all')
  if (v.above !== tops[0]) part(v.above, 'parent')
  if (zoom !== tops[0]) part(zoom, 'view')
  if (!v.run && !v.back) {
    const self = kids(v).reduce((sum, k) => sum - k.value, v.value)
    let variance = 0
    each(v, n => { variance += variances[type][0][n] })
    const own = ramp && both(of => {
      let sum = 0
      each(v, n => { sum += of[type][0][n] })
      return sum
    })
    say.push(`self <b>${own ? changed(...own) : human(self)}</b>${self ? deviation(variance) : ''}`)
  }
  const objects = types.indexOf(now.type.replace('space', 'objects'))
  if (!v.run && !delta() && objects >= 0 && objects !== type) say.push(plural(add(v, values[objects]), 'object'))
  $('footer').innerHTML = now.view === 'table'
    ? ''
    : `<div><b class="name">${esc(v.run ? nameOf(v) : f.name)}</b><em>${esc(v.run ? 'too small to draw' : short(f.path) + f.at)}</em>${one() ? button('s', 'Sandwich') + button('c', 'Copy name') + button('C', 'Copy stack') : ''}</div>${say.join(' · ')}`
}

/** The frame that is told of, where it is a function. */
const one = () => !told.run && told.frame !== ALL && info(told)

/* ---- Search ---- */

function search () {
  let said = ''
  match = null
  try {
    const escaped = now.regex ? now.q : now.q.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    const re = new RegExp(escaped, now.exact ? 'u' : 'iu')
    if (now.q) match = frames.map((f, i) => i > 0 && i !== ALL && re.test(f.text))
  } catch (e) {
    said = esc(e.message.replace(/.*\/: /, ''))
  }
  box.setAttribute('aria-invalid', !!said)
  if (match) {
    const hits = match.filter((hit, i) => hit && i < ALL).length
    const part = (v, name) => {
      const sum = matched(v, tops[1] && v === tops[0])
      said += ` · <b>${human(sum)}</b> ${share(sum, v.value)} of ${name}`
    }
    said = plural(hits, 'function')
    if (zoom !== tops[0]) part(zoom, 'view')
    part(tops[0], 'all')
  }
  $('output').innerHTML = said
}

function next (by) {
  const hits = match ? drawn.filter(v => match[v.frame]) : []
  const at = hits.indexOf(focus)
  if (hits[0]) take(hits[(Math.max(at, by < 0 ? 0 : -1) + by + hits.length) % hits.length], true)
  else if (match) go({ zoom: '' })
}

/* ---- The table ---- */

function drawTable () {
  const all = values[type][1][scope]
  const found = functions().filter(r => !match || match[r.frame])
  if (delta()) {
    const rows = both(of => new Map(functions(of).map(r => [r.frame, r])))
    for (const r of found) {
      r.pair = key => rows.map(of => of.get(r.frame)?.[key] || 0)
      for (const key of ['self', 'total']) r[key] = r.pair(key).reduce((was, is) => is - was)
    }
  }
  found.sort((a, b) => Math.abs(b[now.sort]) - Math.abs(a[now.sort]) || b.total - a.total)
  const head = (key, text) => `<th colspan="2" aria-sort="${now.sort === key ? 'descending' : 'none'}"><button data-sort="${key}">${text}</button></th>`
  const cell = (r, key) => `<td>${r.pair ? signed(r[key]) : human(r[key])}</td><td><i class="bar"></i>${r.pair ? how(...r.pair(key)) : share(r[key], all)}</td>`
  const line = r => {
    const f = frames[r.frame]
    return `<tr data-row="${r.frame}" tabindex="0">${cell(r, 'self')}${cell(r, 'total')}<td>${swatch(f.paint)}${esc(f.name)} <em>${esc(short(f.path) + f.at)}</em></td></tr>`
  }
  list.innerHTML = `<thead><tr>${head('self', 'Self')}${head('total', 'Total')}<th>${esc(data.nameType)}</th></tr></thead><tbody>${found.slice(0, 1000).map(line).join('')}</tbody>`
  $$('.bar').forEach((bar, i) => { bar.style.width = Math.abs(found[i >> 1][i % 2 ? 'total' : 'self']) / all * 60 + 'px' })
}

/* ---- Focus ---- */

function ring (rect, v) {
  set(rect, v ? { x: v.px, y: topOf(rowOf(v)), width: v.pw, height: H - 1 } : { width: 0 })
}

/** Makes a view the one that Tab comes to, and with `hold` the one that has the focus. */
function take (v, hold) {
  query(items, '[tabindex="0"]')?.setAttribute('tabindex', -1)
  focus = v
  tell(v)
  const id = '#f' + v.i
  // one that is drawn in a path
  if (!query(items, id)) items.insertAdjacentHTML('beforeend', shift(topOf(rowOf(v))) + item(v) + '</g>')
  const at = query(items, id)
  at.setAttribute('tabindex', 0)
  ring(ringed, hold && v)
  if (!hold) return
  at.focus({ preventScroll: true })
  at.scrollIntoView({ block: 'nearest' })
}

/** Arrows go where the picture shows the caller, a callee, the neighbours. */
function move (key) {
  const by = { ArrowUp: 1, ArrowDown: -1 }[key] * (icicle ? -1 : 1)
  const beside = { ArrowLeft: -1, ArrowRight: 1 }[key]
  const there = rows.get(rowOf(focus) + (by || 0)) || []
  const to = beside
    ? there[there.indexOf(focus) + beside]
    : there.includes(focus.above) ? focus.above : there.filter(v => v.above === focus || (!focus.depth && v.depth === 1)).sort((a, b) => b.value - a.value)[0]
  if (to) take(to, true)
}

/* ---- What is done ---- */

function copy (text) {
  navigator.clipboard?.writeText(text).then(() => { $('output').innerHTML = 'Copied' })
}

function folded (v) {
  const out = []
  for (let u = v; u && u.frame !== ALL; u = u.above) out.push(info(u).full.replace(/;/g, ','))
  return (v.back ? out : out.reverse()).join(';') + ' ' + v.value
}

const zoomTo = v => v && go({ zoom: pathOf(v.run ? v.above : v) })
const flip = key => go({ [key]: !now[key] })
const look = view => go({ view, zoom: '' })

/** By key; buttons have theirs in data-do. */
const ACTS = {
  g: () => look('graph'),
  r: () => look('reverse'),
  t: () => look('table'),
  s: () => go({ view: 'sandwich', zoom: '', of: (one() || { text: now.of }).text }),
  i: () => flip('icicle'),
  w: () => flip('weight'),
  x: () => flip('regex'),
  a: () => flip('exact'),
  n: () => next(1),
  N: () => next(-1),
  c: () => one() && copy(one().name),
  C: () => one() && copy(folded(told)),
  '/': () => box.select(),
  '?': () => { help.hidden = !help.hidden },
  Enter: () => zoomTo(focus)
}

function escape (typing) {
  if (!help.hidden) help.hidden = true
  else if (typing && box.value) {
    box.value = ''
    go({ q: '' }, true)
  } else if (typing) take(focus, true)
  else if (steps()) history.back()
  else go({ zoom: '' })
}

function onKey (e) {
  const typing = e.target === box
  const { key } = e
  const command = e.ctrlKey || e.metaKey
  if (command && key === 'f') box.select()
  else if (command || e.altKey) return
  else if (key === 'Escape') escape(typing)
  else if (key === 'Enter' && typing) next(e.shiftKey ? -1 : 1)
  else if (key === 'Enter' && e.target.dataset.row) e.target.click()
  else if (typing || e.target.matches('select') || (key === 'Enter' && e.target.matches('button'))) return
  else if (ACTS[key]) ACTS[key]()
  else if (key.startsWith('Arrow') && now.view !== 'table') move(key)
  else return
  e.preventDefault()
}

function onClick (e) {
  const { dataset } = e.target.closest('button,tr') || app
  const { key, sort } = dataset
  if (dataset.do) ACTS[dataset.do]()
  else if (sort) go({ sort }, true)
  else if (dataset.row) go({ view: 'sandwich', zoom: '', of: frames[dataset.row].text })
  else if (key) {
    const states = legend()
    const state = NEXT[states.get(key) || 'show']
    states.set(key, state)
    if (state === 'show') states.delete(key)
    go({ legend: [...states].map(s => s.join('=')).join() })
    $$('.legend button').find(b => b.dataset.key === key)?.focus()
  }
}

/* ---- The page ---- */

/** What is done by a key, or by a click. */
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
const button = (key, text, on = '') => `<button data-do="${key}"${on && ` data-on="${on}"`} title="${HELP[key]} (${key})">${text}</button>`
const options = (name, all) => all.length > 1 ? `<select name="${name}" aria-label="${name}">${all.map(v => `<option value="${esc(v)}">${esc(v || 'all processes')}</option>`).join('')}</select>` : ''
const make = (name, of = svg.namespaceURI) => /** @type {any} */ (document.createElementNS(of, name))
const app = make('div', 'http://www.w3.org/1999/xhtml')
const $ = what => query(app, what)
const $$ = what => [...app.querySelectorAll(what)]
app.className = 'app'
app.innerHTML = `<header><div><h1>${esc(data.title)}</h1><p>${esc(data.subtitle)}</p></div><div class="sum"></div></header>
<nav>${options('type', types)}${options('side', ramp ? Object.keys(sides) : [])}${options('root', roots.map(r => r.name))}<span>${button('g', 'Graph', 'view=graph')}${button('r', 'Reversed', 'view=reverse')}${button('s', 'Sandwich', 'view=sandwich')}${button('t', 'Functions', 'view=table')}</span><span>${button('i', 'Icicle', 'icicle')}${button('w', 'By weight', 'weight')}</span><output></output>
<span class="find"><input placeholder="Search" title="search (/)"/>${button('N', '‹')}${button('n', '›')}${button('a', 'Aa', 'exact')}${button('x', '.*', 'regex')}</span>${button('?', '?')}</nav>
<div class="legend"></div><main></main><footer></footer><div class="help" hidden="">${Object.keys(HELP).map(key => `<b>${key}</b><em>${HELP[key]}</em>`).join('')}<p>${esc(data.notes)}</p></div>`
const [box, main, help] = ['input', 'main', '.help'].map($)
const list = make('table', app.namespaceURI)
const picture = make('svg')
picture.innerHTML = `<g role="tree" aria-label="frames" font-size="${FONT}"></g><rect/><rect class="ring"/>`
const parser = document.implementation.createHTMLDocument('').body
const [items, hover, ringed] = picture.children
app.style.fontFamily = picture.style.fontFamily = data.font

/** Takes the room that there is. */
function fill () {
  const was = width
  width = Math.max(180, app.clientWidth - 20)
  if (width !== was) render()
}

const sheet = new CSSStyleSheet()
sheet.replaceSync(STYLE + data.paints.map((p, i) => {
  const color = `light-dark(#${p.slice(0, 3)},#${p.slice(3)})`
  return `.p${i}{fill:${color};background:${color};stroke:${color}}`
}).join(''))
document.adoptedStyleSheets.push(sheet)
const holder = make('foreignObject')
const room = { width: '100%', height: '100%' }
set(holder, room)
const old = [...svg.querySelectorAll('#head,#frames,#foot')]
svg.removeAttribute('role')
svg.append(holder)
holder.append(app)
if (svg === document.documentElement) {
  set(svg, room)
  svg.removeAttribute('viewBox')
}
readHash()
fill()
for (const e of old) e.remove()
const at = e => {
  const r = picture.getBoundingClientRect()
  return viewAt(e.clientX - r.left, e.clientY - r.top)
}
const on = (what, event, act) => what.addEventListener(event, act)
on(app, 'click', onClick)
on(app, 'change', e => e.target.name && go({ [e.target.name]: e.target.value }))
on(box, 'input', () => go({ q: box.value }, true))
on(document, 'keydown', onKey)
on(picture, 'pointermove', e => {
  const v = at(e)
  ring(hover, v)
  if (v && v !== told && !pinned) tell(v)
})
on(picture, 'click', e => zoomTo(at(e)))
on(picture, 'contextmenu', e => {
  const v = at(e)
  if (!v) return
  e.preventDefault()
  pinned = true
  take(v, true)
})
on(window, 'hashchange', () => {
  readHash()
  render()
})
new ResizeObserver(fill).observe(app)
