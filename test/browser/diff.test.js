'use strict'

/** A difference in a real browser: the picture of the file, and the viewer. */

const assert = require('node:assert/strict')
const { test, after } = require('node:test')
const { diff, read } = require('../../lib/index.js')
const { missing, close, golden, fileOf, open } = require('../support/browser.js')

after(close)

const VIEWPORT = { width: 1200, height: 200 }

/** What frames by their names are filled with, and the outlines of what is new and gone. */
const COLORS = {
  light: { grew: 'rgb(255, 119, 51)', shrank: 'rgb(102, 187, 255)', same: 'rgb(238, 238, 238)', outline: 'rgb(34, 34, 34)' },
  dark: { grew: 'rgb(173, 72, 15)', shrank: 'rgb(26, 86, 144)', same: 'rgb(43, 44, 51)', outline: 'rgb(238, 238, 238)' }
}

/**
 * @param {any} page
 * @returns {Promise<Record<string, { fill: string, stroke: string, dashes: string, label: string }>>} by name
 */
function framesOf (page) {
  return page.evaluate(() => {
    const all = [...document.querySelectorAll('#frames g > title')].map(title => {
      const group = /** @type {Element} */ (title.parentElement)
      const { fill, stroke, strokeDasharray: dashes } = getComputedStyle(/** @type {Element} */ (group.querySelector('rect')))
      return [title.textContent?.split(' ')[0], { fill, stroke, dashes, label: group.querySelector('text')?.textContent }]
    })
    return Object.fromEntries(all)
  })
}

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  const colors = COLORS[colorScheme]

  test(`a difference shows what grew, shrank and stayed, ${colorScheme}`, { skip: missing }, async () => {
    const page = await open(fileOf('difference.svg', golden('difference.svg')), { colorScheme, viewport: VIEWPORT, javaScriptEnabled: false })
    const { all, less, stays } = await framesOf(page)
    assert.deepEqual([all.fill, less.fill, stays.fill], [colors.grew, colors.shrank, colors.same])
    assert.deepEqual([all.label, less.label, stays.label], ['+56% all', '-50% less', 'stays'])
    assert.deepEqual(page.errors, [])
    await page.close()
  })

  test(`a difference outlines what is new and dashes what is gone, ${colorScheme}`, { skip: missing }, async () => {
    const page = await open(fileOf('difference.svg', golden('difference.svg')), { colorScheme, viewport: VIEWPORT, javaScriptEnabled: false })
    const { found, lost } = await framesOf(page)
    assert.deepEqual([found.stroke, found.dashes, found.label], [colors.outline, 'none', 'new found'])
    assert.deepEqual([lost.stroke, lost.dashes, lost.label], [colors.outline, '3px, 2px', 'gone lost'])
    await page.close()
  })

  test(`no text of a difference overlaps another, ${colorScheme}`, { skip: missing }, async () => {
    const page = await open(fileOf('difference.svg', golden('difference.svg')), { colorScheme, viewport: VIEWPORT, javaScriptEnabled: false })
    const overlaps = await page.evaluate(() => {
      const boxes = [...document.querySelectorAll('text')].map(text => ({ text: text.textContent, box: text.getBoundingClientRect() }))
      return boxes.flatMap((a, i) => boxes.slice(i + 1)
        .filter(b => a.box.left < b.box.right && b.box.left < a.box.right && a.box.top + 3 < b.box.bottom - 3 && b.box.top + 3 < a.box.bottom - 3)
        .map(b => `${a.text} / ${b.text}`))
    })
    assert.deepEqual(overlaps, [])
    await page.close()
  })
}

/**
 * @param {any} page
 * @returns {Promise<Record<string, { paint: string, width: number, label: string }>>} by name, of the viewer
 */
function viewed (page) {
  return page.$$eval('.app [role=treeitem]', (/** @type {Element[]} */ items) => Object.fromEntries(items.map(item => {
    const label = item.querySelector('text')?.textContent ?? ''
    const width = Number(item.querySelector('rect')?.getAttribute('width'))
    return [label.split(' ').at(-1), { paint: item.getAttribute('class'), width, label }]
  })))
}

/** @param {string} [hash] */
const viewer = (hash = '') => open(fileOf('viewed.svg', golden('difference.svg')) + hash)

test('the viewer shows the larger side of each frame, and how it changed', { skip: missing }, async () => {
  const page = await viewer()
  const { all, less, stays, found, lost } = await viewed(page)
  assert.deepEqual([all.label, less.label, stays.label, found.label, lost.label], ['+56% all', '-50% less', 'stays', 'new found', 'gone lost'])
  assert.deepEqual([all.paint, less.paint, stays.paint, found.paint, lost.paint], ['p128', 'p121', 'p124', 'p128 new', 'p122 gone'])
  assert.ok(Math.abs(lost.width / all.width - 3276800 / 55771136) < 0.001)
  assert.deepEqual(page.errors, [])
  await page.close()
})

test('the viewer switches between before, after and delta', { skip: missing }, async () => {
  const page = await viewer()
  await page.selectOption('select[name=side]', 'before')
  const before = await viewed(page)
  assert.equal(before.found, undefined)
  assert.ok(Math.abs(before.lost.width / before.all.width - 3276800 / 29491200) < 0.001)
  assert.equal(before.less.label, 'less')
  await page.selectOption('select[name=side]', 'after')
  const after = await viewed(page)
  assert.equal(after.lost, undefined)
  assert.ok(Math.abs(after.found.width / after.all.width - 19660800 / 45940736) < 0.001)
  assert.match(page.url(), /#side=after$/)
  await page.goBack()
  assert.equal(await page.$eval('select[name=side]', (/** @type {HTMLSelectElement} */ e) => e.value), 'before')
  await page.selectOption('select[name=side]', 'delta')
  assert.equal((await viewed(page)).less.label, '-50% less')
  assert.deepEqual(page.errors, [])
  await page.close()
})

test('the viewer shows before, after, change and self of a frame of a difference', { skip: missing }, async () => {
  const page = await viewer('#zoom=main;more')
  const text = await page.textContent('footer')
  assert.match(text, /6\.55 MB → 13\.1 MB, \+100% \(\+6\.55 MB ± .* MB|kB\)/)
  assert.match(text, /self 6\.55 MB → 13\.1 MB, \+100%/)
  assert.match(await page.textContent('.sum'), /^29\.5 MB → 45\.9 MB, \+56%/)
  await page.close()
})

test('the table of a difference is sorted by change', { skip: missing }, async () => {
  const page = await viewer('#view=table')
  const rows = () => page.$$eval('tbody tr', (/** @type {Element[]} */ all) => all.map(row => [...row.children].map(cell => cell.textContent?.trim())))
  assert.deepEqual((await rows())[0].slice(0, 2), ['+19.7 MB', 'new'])
  assert.ok((await rows()).some((/** @type {string[]} */ row) => row[0] === '-3.28 MB' && row[1] === 'gone'))
  await page.click('[data-sort=total]')
  assert.match((await rows())[0][4], /^found/)
  assert.match((await rows())[1][4], /^main/)
  assert.deepEqual((await rows())[1].slice(2, 4), ['+16.4 MB', '+56%'])
  await page.close()
})

test('searching, reversing and folding a difference works', { skip: missing }, async () => {
  for (const hash of ['#q=more', '#view=reverse', '#view=sandwich&of=lost (b.js:3:7)', '#legend=app=fold', '#weight=true&icicle=true', '#side=nonsense']) {
    const page = await viewer(hash)
    assert.ok((await page.$$('.app [role=treeitem]')).length > 0, hash)
    assert.deepEqual(page.errors, [], hash)
    await page.close()
  }
})

test('the viewer states the same confidence as the header of the file', { skip: missing }, async () => {
  const page = await viewer()
  const still = await open(fileOf('viewed.svg', golden('difference.svg')), { javaScriptEnabled: false })
  assert.match(await page.textContent('.sum'), /^29\.5 MB → 45\.9 MB, \+56% ± 0\.6 %, grew, 99% confidence/)
  assert.match(await still.textContent('#head'), /29\.5 MB → 45\.9 MB, \+55\.8%.*± 0\.6%, grew, 99% confidence/s)
  await page.close()
  await still.close()
})

test('the legend of a difference shows new and gone as frames are outlined', { skip: missing }, async () => {
  const page = await viewer()
  const swatches = await page.$$eval('.legend > em > i[class~=new], .legend > em > i[class~=gone]', (/** @type {Element[]} */ all) => all.map(swatch => {
    const { backgroundColor, outlineStyle, outlineColor } = getComputedStyle(swatch)
    return [swatch.parentElement?.textContent, backgroundColor, outlineStyle, outlineColor]
  }))
  assert.deepEqual(swatches, [
    ['new', 'rgb(255, 221, 187)', 'solid', 'rgb(34, 34, 34)'],
    ['gone', 'rgb(204, 238, 255)', 'dashed', 'rgb(34, 34, 34)']
  ])
  await page.close()
})

/** Runs that differ by far more than sampling explains. @param {number[]} sizes */
const runs = sizes => Promise.all(sizes.map(size => read(Buffer.from(`main;work ${size}\nmain;rest 5000000\n`))))

test('the viewer takes the error from the differences between runs, as the file does', { skip: missing }, async () => {
  const union = await diff(await runs([10000000, 30000000, 20000000]), await runs([25000000, 45000000, 35000000]))
  const url = fileOf('runs.svg', (await union.toSVG()).toString())
  const still = await open(url, { javaScriptEnabled: false })
  const page = await open(url)
  const [, error] = /± (\d+)%, within noise/.exec(await still.textContent('#head')) ?? []
  assert.ok(Number(error) > 30, error)
  assert.match(await page.textContent('.sum'), new RegExp(`^25\\.0 MB → 40\\.0 MB, \\+60% ± ${error} %, within noise`))
  const { work } = await viewed(page)
  assert.deepEqual([work.label, work.paint], ['work', 'p124'])
  const zoomed = await open(url + '#zoom=main;work')
  assert.match(await zoomed.textContent('footer'), /\+75% \(\+15\.0 MB ± .*, within noise\).*self .* ± 1\d\.\d MB/)
  assert.deepEqual([...page.errors, ...zoomed.errors], [])
  for (const one of [still, page, zoomed]) await one.close()
})
