'use strict'

/**
 * How fast the flamegraph answers a click: CPU time of the page's main thread
 * until the next frame is painted, layout and paint included.
 *
 *   node test/bench/click.js [frames]      20,000 by default
 */

const os = require('node:os')
const { leaveOut } = require('./tools.js')
const { missing, close, golden, fileOf, open } = require('../support/browser.js')

/**
 * A file whose data are of a tree: 20 stacks of 10 frames branch into others,
 * until there are `count` nodes.
 * @param {number} count
 */
function large (count) {
  const data = JSON.parse(/** @type {string[]} */ (/<metadata[^>]*>([^<]*)</.exec(golden('shop.svg')))[1])
  const nodes = { up: /** @type {number[]} */ ([]), frame: /** @type {number[]} */ ([]), gap: /** @type {number[]} */ ([]), value: /** @type {number[]} */ ([]) }
  let random = 1
  let depth = 0
  let gap = 0
  for (let i = 0; i < count; i++) {
    random = (random * 1103515245 + 12345) % 2147483648
    const up = depth === 0 ? 0 : random % 97 < 70 && depth < 50 ? 0 : random % Math.min(depth, 9)
    const next = depth + 1 - up
    if (i > 0 && next <= depth) {
      nodes.gap.push(gap - 1)
      nodes.value.push(1000 + random % 100000)
      gap = 0
    }
    nodes.up.push(up)
    nodes.frame.push(1 + (random >> 8) % data.name.length)
    depth = next
    gap++
  }
  const more = data.types.map(() => nodes.value)
  Object.assign(data, { up: nodes.up, frame: nodes.frame, gap: nodes.gap, self: more, variance: more })
  return golden('shop.svg').replace(/(<metadata[^>]*>)[^<]*/, (_, tag) => tag + JSON.stringify(data).replace(/[<&>]/g, ' '))
}

/** @param {number[]} list */
function summary (list) {
  const sorted = [...list].sort((a, b) => a - b)
  return `${sorted[sorted.length >> 1].toFixed(1)} ms (${sorted[0].toFixed(1)}–${sorted[sorted.length - 1].toFixed(1)})`
}

async function main () {
  if (missing) return leaveOut(`clicks: ${missing}`)
  const frames = Number(process.argv[2] ?? 20000)
  const page = await open(fileOf('large.svg', large(frames)))
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  // CPU time of the page's thread until the next frame is painted: other programs do not count.
  const spent = async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return 1000 * metrics.find((/** @type {{ name: string }} */ m) => m.name === 'ThreadTime').value
  }
  /** @type {number[][]} */
  const times = [[], []]
  for (let i = 0; i < 20; i++) {
    const before = await page.evaluate((/** @type {string} */ level) => {
      const items = [...document.querySelectorAll(`[role=treeitem][aria-level="${level}"]`)]
      const widest = items.sort((a, b) => b.getBoundingClientRect().width - a.getBoundingClientRect().width)[0]
      Object.assign(window, { widest, at: widest.getBoundingClientRect() })
    }, i % 2 ? '1' : '3').then(spent)
    await page.evaluate(() => new Promise(resolve => {
      const { widest, at } = /** @type {any} */ (window)
      widest.dispatchEvent(new MouseEvent('click', { bubbles: true, clientX: at.left + 2, clientY: at.top + 2 }))
      requestAnimationFrame(() => setTimeout(resolve))
    }))
    times[i % 2].push(await spent() - before)
  }
  const [zoom, back] = times.map(summary)
  console.log(`${frames} frames, ${os.cpus().length} CPUs, load ${os.loadavg()[0].toFixed(1)}; median of 10 (min–max)`)
  console.log(`zoom  ${zoom}\nback  ${back}`)
  await page.close()
  await close()
}

main()
