'use strict'

/** What the person chose, and how the address keeps it. */

/** As it is when nothing was chosen; what differs stands in the address. @type {Record<string, string | boolean>} */
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
/** @type {any} START with what differs */
let now
/** What `tops` were made of. */
let built = ''

const sideNames = ramp ? Object.keys(sides) : []
/** Behind each key in the address: several pictures of a page keep theirs there. */
const tail = `${number || ''}`
/** Of a part of the address, key and value where they are for this picture. @param {string} part */
function entryOf (part) {
  const [, key, at, value] = part.match(/^([a-z]+)(\d*)=(.*)/) || []
  return at === tail && Object.hasOwn(START, key) && { key, value }
}
const parts = () => location.hash.slice(1).split('&')
const hash = () => '#' + parts().filter(part => part && !entryOf(part)).concat(Object.keys(START).filter(key => now[key] !== START[key])
  .map(key => key + tail + '=' + encodeURIComponent(now[key]).replace(/%3B/g, ';'))).join('&')

function readHash () {
  now = { ...START }
  for (const part of parts()) {
    try {
      const { key, value } = entryOf(part) || { key: 'regex', value: '' }
      // a regular expression that comes with a link may take for ever: the person asks for it
      if (value && (key !== 'regex' || history.state)) now[key] = typeof START[key] === 'boolean' ? value === 'true' : decodeURIComponent(value)
    } catch {}
  }
  if (!types.includes(now.type)) now.type = START.type
  if (!sideNames.includes(now.side)) now.side = START.side
}

const stepsBack = () => history.state?.of === number ? history.state.shap : 0

/** @param {object} to what is chosen @param {boolean} [quiet] not to be undone by Back */
function go (to, quiet) {
  Object.assign(now, to)
  pinned = false
  try {
    if (hash() !== (location.hash || '#')) history[quiet ? 'replaceState' : 'pushState']({ shap: stepsBack() + (quiet ? 0 : 1), of: number }, '', hash())
  } catch {}
  render()
}

/** @param {View} v */
const stepName = v => onFrame(info(v)).replace(/;/g, ',')

/** @param {View} v */
function pathOf (v) {
  const out = []
  for (let u = v; u.above; u = u.above) out.unshift(stepName(u))
  return (v.back === 2 && v.above ? '^;' : '') + out.join(';')
}

/** The view at a path of names, or the last of it that is there. @param {string} path */
function viewOf (path) {
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
for (let n = 1; n < count;) {
  const { name, key } = frameAt(frameOf[n])
  const above = key === 'other' && /^(process|worker) /.test(name) && roots.find(r => r.n === caller[n])
  if (above) roots.push({ n, name: above.name + (above.n ? ' / ' : '') + name })
  n = above ? n + 1 : ends[n]
}

/** @returns {Map<string, any>} what of categories and packages is folded or hidden */
const legend = () => new Map(now.legend.split(',').map((/** @type {string} */ s) => s.split('=')).filter((/** @type {string[]} */ s) => s[1] === 'fold' || s[1] === 'hide'))

/** The function chosen for the sandwich, or the one that has most. */
function filling () {
  const at = map.findIndex((to, i) => i && to === i && textOf(frameAt(i)) === now.of)
  return at > 0 ? at : functions().reduce((a, b) => b.self > a.self ? b : a, { self: -1, frame: ALL }).frame
}

/** Makes the trees that are chosen. @returns {boolean} whether they are others than before */
function build () {
  const key = [now.type, now.side, now.view, now.of, now.weight, now.root, now.legend].join()
  if (key === built) return false
  built = key
  type = types.indexOf(now.type)
  side = now.side
  values = sides[side]
  if (ramp) largest = sides.after[type][1].reduce((most, n, i) => Math.max(most, Math.abs(n - sides.before[type][1][i])), 1)
  byWeight = now.weight
  scope = (roots.find(r => r.name === now.root) || roots[0]).n
  mapFrames(legend())
  singles = []
  tops = now.view === 'sandwich' ? sandwich(filling()) : [now.view === 'reverse' ? reversed() : tree()]
  return true
}
