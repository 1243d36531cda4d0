'use strict'
/**
 * How soon a flamegraph stands on the screen: loading, script and first paint of
 * one file, beside inferno's of the same stacks, in turns whose order changes with
 * each round.
 *
 *   node test/bench/paint.js [--stacks 10000] [--runs 15]
 *
 * Wall: from the navigation to the second frame behind the load event. CPU: of
 * the page's renderer, all threads, until then. Bytes a frame are without the
 * data that the viewer draws from, which inferno's has none of.
 */
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { ROOT, quote, leaveOut, median, digits, spread, table, numbersFrom, machine } = require('./tools.js')
const { inputOf, findInferno } = require('./folded.js')
const { missing, close, fileOf, open } = require('../support/browser.js')

/** @typedef {{ wall: number, cpu: number }} Cost ms */

/** @param {string} name @param {string[]} command @returns {{ url: string, text: string }} */
function draw (name, command) {
  const done = spawnSync(command[0], command.slice(1), { encoding: 'utf8', maxBuffer: 1e9 })
  if (done.status !== 0) throw new Error(`${command.join(' ')}: ${done.error ?? done.stderr}`)
  return { url: fileOf(`${name}.svg`, done.stdout), text: done.stdout }
}

/** Seconds that each renderer took so far, by its process. @param {any} session of the browser @returns {Promise<Map<number, number>>} */
async function spent (session) {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  return new Map(processInfo.filter((/** @type {any} */ one) => one.type === 'renderer').map((/** @type {any} */ one) => [one.id, one.cpuTime]))
}

/** @param {string} url @param {string} empty a file that warms the page up @returns {Promise<Cost>} */
async function load (url, empty) {
  const page = await open(empty)
  const session = await page.context().browser().newBrowserCDPSession()
  const before = await spent(session)
  const begin = performance.now()
  await page.goto(url)
  await page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))))
  const wall = performance.now() - begin
  // the browser's own pages have renderers too
  const cpu = 1000 * Math.max(...[...await spent(session)].map(([id, seconds]) => seconds - (before.get(id) ?? 0)))
  if (page.errors.length) throw new Error(page.errors[0])
  await page.close()
  return { wall, cpu }
}

/** What is drawn, and bytes for each frame of it. @param {string} text */
function sizeOf (text) {
  const counted = / id="details">([\d,]+)/.exec(text)
  const titles = text.match(/<title>/g)?.length ?? 0
  const frames = counted ? Number(counted[1].replaceAll(',', '')) : titles
  const bytes = Buffer.byteLength(text.replace(/<metadata[^]*<\/metadata>/, ''))
  return [(Buffer.byteLength(text) / 1e6).toFixed(2), frames.toLocaleString('en'), (bytes / frames).toFixed(0)]
}

async function main () {
  if (missing) return leaveOut(`load and first paint: ${missing}`)
  const { stacks, runs } = numbersFrom(process.argv.slice(2), { stacks: 10000, runs: 15 })
  const { file } = inputOf(stacks)
  const inferno = findInferno()
  const pictures = new Map([['shap-flame', draw('shap', [process.execPath, path.join(ROOT, 'bin', 'shap-flame.js'), 'report', file, '--svg', '-', '--quiet'])]])
  if (inferno) pictures.set('inferno', draw('inferno', [inferno, file]))
  const empty = fileOf('empty.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>')
  /** @type {Map<string, Cost[]>} */
  const costs = new Map([...pictures.keys()].map(name => [name, []]))
  for (let i = -1; i < runs; i++) {
    const round = [...pictures]
    for (const [name, { url }] of i % 2 ? round.reverse() : round) {
      const cost = await load(url, empty)
      if (i >= 0) costs.get(name)?.push(cost) // the first round warms the disk's cache
    }
  }
  await close()
  console.log(`${machine()}; ${stacks} stacks, ${digits(fs.statSync(file).size / 1e6)} MB; median (min–max) of ${runs}\n`)
  const rows = [...costs].map(([name, list]) => [
    name, spread(list.map(one => one.cpu)), spread(list.map(one => one.wall)), ...sizeOf(pictures.get(name)?.text ?? '')
  ])
  table(['load and first paint', 'CPU, ms', 'wall, ms', 'SVG, MB', 'frames', 'bytes a frame'], rows)
  const [own, other] = [...costs.values()]
  if (!other) return
  const ratio = (/** @type {'cpu' | 'wall'} */ key) => digits(median(own.map(one => one[key])) / median(other.map(one => one[key])))
  quote('paint cpu/inferno', own.map(({ cpu }, run) => cpu / other[run].cpu), stacks)
  console.log(`shap-flame / inferno: CPU ${ratio('cpu')}, wall ${ratio('wall')}`)
}

main()
