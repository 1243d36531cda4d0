'use strict'

/** What the file is without its script, and what policies make of it. */

const assert = require('node:assert/strict')
const http = require('node:http')
const { test, after, before } = require('node:test')
const { missing, close, golden, fileOf, open, viewer } = require('../support/browser.js')

const POLICIES = {
  '/sandbox.svg': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  '/self.svg': "default-src 'self'",
  '/hash.svg': `default-src 'none'; script-src '${viewer.hash(viewer.script())}'`
}

/** @type {http.Server} */
let server
/** @type {string} */
let base

before(async () => {
  if (missing) return
  server = http.createServer((request, response) => {
    const url = /** @type {keyof typeof POLICIES} */ (request.url)
    if (POLICIES[url]) response.setHeader('content-security-policy', POLICIES[url])
    response.setHeader('content-type', url.endsWith('.svg') ? 'image/svg+xml' : 'text/html')
    response.end(url.endsWith('.svg') ? golden('shop.svg') : '<body style="margin:0"><img src="/plain.svg"></body>')
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  base = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`
})
after(async () => {
  server?.close()
  await close()
})

/**
 * @param {any} page
 * @param {number} x
 * @param {number} y
 * @returns {Promise<string>} the color there, as #rrggbb
 */
async function pixel (page, x, y) {
  const shot = (await page.screenshot({ clip: { x, y, width: 1, height: 1 } })).toString('base64')
  const reader = await open('about:blank')
  const [r, g, b] = await reader.evaluate(async (/** @type {string} */ shot) => {
    const image = new Image()
    image.src = 'data:image/png;base64,' + shot
    await image.decode()
    const context = /** @type {CanvasRenderingContext2D} */ (document.createElement('canvas').getContext('2d'))
    context.drawImage(image, 0, 0)
    return [...context.getImageData(0, 0, 1, 1).data]
  }, shot)
  await reader.close()
  return '#' + [r, g, b].map(n => n.toString(16).padStart(2, '0')).join('')
}

// In shop.svg: within (GC), behind its label; an empty place of the page.
const GC = { x: 60, y: 145 }
const PAGE = { x: 600, y: 84 }

/**
 * @param {string} name
 * @param {string} file
 * @param {'light' | 'dark'} colorScheme
 * @param {string[]} colors of GC and PAGE
 */
function still (name, file, colorScheme, colors) {
  test(name, { skip: missing }, async () => {
    const page = await open(base + file, { colorScheme, viewport: { width: 1200, height: 300 } })
    assert.deepEqual([await pixel(page, GC.x, GC.y), await pixel(page, PAGE.x, PAGE.y)], colors)
    assert.equal((await page.$$('.app')).length, 0)
    await page.close()
  })
}

const LIGHT = ['#ddccbb', '#ffffff']
const DARK = ['#584a40', '#15161a']

still('an <img> shows the picture in light', '/page.html', 'light', LIGHT)
still('an <img> shows the picture in dark', '/page.html', 'dark', DARK)
still('a sandbox that allows styles shows it in light', '/sandbox.svg', 'light', LIGHT)
still('a sandbox that allows styles shows it in dark', '/sandbox.svg', 'dark', DARK)
still("default-src 'self' leaves the light picture, whatever the scheme", '/self.svg', 'light', LIGHT)

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  test(`the picture is whole with scripts off, ${colorScheme}`, { skip: missing }, async () => {
    const page = await open(fileOf('off.svg', golden('shop.svg')), { javaScriptEnabled: false, colorScheme, viewport: { width: 1200, height: 300 } })
    const colors = [await pixel(page, GC.x, GC.y), await pixel(page, PAGE.x, PAGE.y)]
    assert.deepEqual(colors, colorScheme === 'light' ? LIGHT : DARK)
    await page.close()
  })
}

test('a content security policy can allow the viewer by its hash alone', { skip: missing }, async () => {
  const page = await open(base + '/hash.svg')
  assert.deepEqual(page.errors, [])
  assert.equal(await page.isVisible('.app nav'), true)
  const color = await page.$eval('.app [role=treeitem] rect', (/** @type {Element} */ e) => getComputedStyle(e).fill)
  assert.match(color, /^rgb\((?!0, 0, 0)/)
  await page.close()
})

/** @param {number[]} color */
function luminance (color) {
  const [r, g, b] = color.map(c => c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4)
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  test(`every text of the viewer has a contrast of 4.5, ${colorScheme}`, { skip: missing }, async () => {
    const page = await open(fileOf('contrast.svg', golden('processes.svg')) + '#q=zip', { colorScheme })
    await page.focus('.app input')
    const found = await page.evaluate(() => {
      /** @type {{ text: string, ink: string, ground: string }[]} */
      const out = []
      const clear = (/** @type {string} */ color) => color === 'rgba(0, 0, 0, 0)'
      for (const e of document.querySelectorAll('.app *')) {
        const own = [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.textContent?.trim()).join('')
        if (!own || !e.getClientRects().length) continue
        let ground = e.tagName === 'text' && e.previousElementSibling
          ? getComputedStyle(e.previousElementSibling).fill
          : ''
        for (let up = /** @type {Element | null} */ (e); !ground && up; up = up.parentElement) {
          const color = getComputedStyle(up).backgroundColor
          if (!clear(color)) ground = color
        }
        out.push({ text: own, ink: e.tagName === 'text' ? getComputedStyle(e).fill : getComputedStyle(e).color, ground })
      }
      return out
    })
    assert.ok(found.length > 20)
    const numbers = (/** @type {string} */ color) => (color.match(/[\d.]+/g) || []).slice(0, 3).map(Number)
    for (const { text, ink, ground } of found) {
      const [a, b] = [luminance(numbers(ink)), luminance(numbers(ground))]
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
      assert.ok(contrast >= 4.5, `${text}: ${ink} on ${ground} is ${contrast.toFixed(2)}`)
    }
    await page.close()
  })
}
