'use strict'

/** The settings of the user, and how the URL stores them. */

/** The defaults; the URL has what differs. @type {Record<string, string | boolean>} */
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
/** @type {any} the current settings */
let settings
/** The settings that `treeRoots` were built for. */
let built = ''

const sideNames = ramp ? Object.keys(sides) : []
/** Suffix of the keys in the URL, as a page may have several pictures. */
const keySuffix = `${number || ''}`
/** Key and value of a part of the URL, if it is for this picture. @param {string} part */
function entryOf (part) {
  const [, key, at, value] = part.match(/^([a-z]+)(\d*)=(.*)/) || []
  return at === keySuffix && Object.hasOwn(START, key) && { key, value }
}
const parts = () => location.hash.slice(1).split('&')
const hash = () => '#' + parts().filter(part => part && !entryOf(part)).concat(Object.keys(START).filter(key => settings[key] !== START[key])
  .map(key => key + keySuffix + '=' + encodeURIComponent(settings[key]).replace(/%3B/g, ';'))).join('&')

function readHash () {
  settings = { ...START }
  for (const part of parts()) {
    try {
      const { key, value } = entryOf(part) || { key: 'regex', value: '' }
      // a regular expression in a link may be slow: the user must turn it on
      if (value && (key !== 'regex' || history.state)) settings[key] = typeof START[key] === 'boolean' ? value === 'true' : decodeURIComponent(value)
    } catch {}
  }
  if (!types.includes(settings.type)) settings.type = START.type
  if (!sideNames.includes(settings.side)) settings.side = START.side
}

const stepsBack = () => history.state?.of === number ? history.state.shap : 0

/** @param {object} to the settings to change @param {boolean} [quiet] without an entry in the history */
function setState (to, quiet) {
  Object.assign(settings, to)
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

/** The view at a path of names, or the deepest one that exists. @param {string} path */
function viewOf (path) {
  const names = path.split(';')
  let v = names[0] === '^' && treeRoots[1] || treeRoots[0]
  for (const name of names.filter(n => n && n !== '^')) {
    const same = kids(v).filter(k => k.frame && stepName(k) === name)
    if (!same[0]) break
    v = same.reduce((a, b) => b.value > a.value ? b : a)
  }
  return v
}

/** Processes and threads, from their frames near the root. */
const roots = [{ n: 0, name: '' }]
for (let n = 1; n < count;) {
  const { name, key } = frameAt(frameOf[n])
  const above = key === 'other' && /^(process|worker) /.test(name) && roots.find(r => r.n === caller[n])
  if (above) roots.push({ n, name: above.name + (above.n ? ' / ' : '') + name })
  n = above ? n + 1 : ends[n]
}

/** @returns {Map<string, any>} categories and packages that are folded or hidden */
const legend = () => new Map(settings.legend.split(',').map((/** @type {string} */ s) => s.split('=')).filter((/** @type {string[]} */ s) => s[1] === 'fold' || s[1] === 'hide'))

/** The function of the sandwich: the chosen one, or the largest. */
function filling () {
  const at = shownAs.findIndex((to, i) => i && to === i && textOf(frameAt(i)) === settings.of)
  return at > 0 ? at : functions().reduce((a, b) => b.self > a.self ? b : a, { self: -1, frame: ALL }).frame
}

/** Builds the trees for the settings. @returns {boolean} whether they changed */
function build () {
  const key = [settings.type, settings.side, settings.view, settings.of, settings.weight, settings.root, settings.legend].join()
  if (key === built) return false
  built = key
  type = types.indexOf(settings.type)
  side = settings.side
  values = sides[side]
  if (ramp) largest = sides.after[type][1].reduce((max, n, i) => Math.max(max, Math.abs(n - sides.before[type][1][i])), 1)
  byWeight = settings.weight
  scope = (roots.find(r => r.name === settings.root) || roots[0]).n
  mapFrames(legend())
  singles = []
  treeRoots = settings.view === 'sandwich' ? sandwich(filling()) : [settings.view === 'reverse' ? reversed() : tree()]
  return true
}
