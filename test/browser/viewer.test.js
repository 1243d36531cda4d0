'use strict'

/** The viewer, clicked and typed in a real browser. */

const assert = require('node:assert/strict')
const { test, after } = require('node:test')
const { missing, close, golden, fileOf, open } = require('../support/browser.js')

after(close)

/** @type {{ shop: string, processes: string, lines: string }} */
const files = missing
  ? { shop: '', processes: '', lines: '' }
  : { shop: fileOf('shop.svg', golden('shop.svg')), processes: fileOf('processes.svg', golden('processes.svg')), lines: fileOf('lines.svg', golden('lines.svg')) }

/**
 * A test on a page of its own; what scripts throw fails it.
 * @param {string} name
 * @param {string} file
 * @param {(page: any, see: ReturnType<typeof eyes>) => Promise<void>} act
 * @param {string} [hash]
 */
function seen (name, file, act, hash = '') {
  test(name, { skip: missing }, async () => {
    const page = await open(file + hash)
    try {
      await act(page, eyes(page))
      assert.deepEqual(page.errors, [])
    } finally {
      await page.close()
    }
  })
}

/** @param {any} page */
function eyes (page) {
  const all = (/** @type {string} */ selector) => page.$$eval(selector, (/** @type {any[]} */ list) => list.map(e => e.textContent.trim()))
  return {
    all,
    /** labels on frames */
    labels: () => all('.app [role=treeitem] text'),
    text: async (/** @type {string} */ selector) => (await all(selector)).join('|'),
    hash: () => page.evaluate(() => decodeURIComponent(location.hash)),
    /** [x, y, width] of a frame, by its label */
    box: (/** @type {string} */ label) => page.evaluate((/** @type {string} */ label) => {
      const item = [...document.querySelectorAll('[role=treeitem]')].find(e => e.querySelector('text')?.textContent === label)
      const r = item?.querySelector('rect')?.getBoundingClientRect()
      return r && [r.x, r.y, r.width].map(n => Math.round(n))
    }, label),
    /** the name of the frame that has the focus */
    focus: () => page.evaluate(() => document.activeElement?.getAttribute('aria-label')),
    async click (/** @type {string} */ label, options = {}) {
      const [x, y] = /** @type {number[]} */ (await this.box(label))
      await page.mouse.click(x + 4, y + 5, options)
    },
    button: (/** @type {string} */ key) => page.click(`.app nav [data-do="${key}"]`)
  }
}

seen('the viewer draws what the file shows without it', files.shop, async (page, see) => {
  assert.deepEqual((await see.labels()).sort(), ['(GC)', '(anonymous) page.js:20', '(off-heap)', '_parse', 'all', 'alloc', 'emit', 'handle', 'renderPage'])
  const still = await open(files.shop, { javaScriptEnabled: false })
  const before = await still.$$eval('#frames rect', (/** @type {any[]} */ l) => l.filter(e => +e.getAttribute('width') >= 3).map(e => [e.getAttribute('x') - 10, +e.getAttribute('width')].map(Math.round).join()).sort())
  await page.setViewportSize({ width: 1200, height: 700 })
  await page.waitForFunction(() => document.querySelector('.app svg')?.getAttribute('width') === '1180')
  const now = await page.$$eval('.app [role=treeitem] rect', (/** @type {any[]} */ l) => l.map(e => [e.getAttribute('x'), +e.getAttribute('width')].map(Math.round).join()).sort())
  assert.deepEqual(now, before)
  await still.close()
})

seen('a click zooms, Esc undoes it', files.shop, async (page, see) => {
  await see.click('renderPage')
  assert.equal((await see.box('renderPage'))[2], 1200)
  assert.equal(await see.hash(), '#zoom=emit;handle;renderPage')
  assert.equal((await see.labels()).includes('_parse'), false)
  await page.keyboard.press('Escape')
  await page.waitForFunction(() => location.hash === '')
  assert.ok((await see.box('renderPage'))[2] < 800)
})

seen('a click on a caller zooms out to it', files.shop, async (page, see) => {
  await see.click('renderPage')
  await see.click('handle')
  assert.equal((await see.box('handle'))[2], 1200)
  assert.ok((await see.labels()).includes('_parse'))
})

seen('Back and Forward go through zooms', files.shop, async (page, see) => {
  await see.click('handle')
  await see.click('renderPage')
  await page.goBack()
  assert.equal(await see.hash(), '#zoom=emit;handle')
  assert.ok((await see.labels()).includes('_parse'))
  await page.goForward()
  assert.equal((await see.labels()).includes('_parse'), false)
})

seen('the hash holds zoom, search, type and view', files.shop, async (page, see) => {
  assert.equal(await page.$eval('select', (/** @type {any} */ s) => s.value), 'inuse_space')
  assert.equal((await see.box('handle'))[2], 1200)
  assert.equal(await page.$eval('.app input', (/** @type {any} */ i) => i.value), 'PARSE')
  assert.equal(await page.getAttribute('[data-on=icicle]', 'aria-pressed'), 'true')
}, '#type=inuse_space&zoom=emit;handle&q=PARSE&icicle=true')

seen('a hash that names what is not there shows what is', files.shop, async (page, see) => {
  assert.equal((await see.box('emit'))[2], 1200)
  assert.equal(await page.$eval('select', (/** @type {any} */ s) => s.value), 'alloc_space')
}, '#zoom=emit;gone;handle&type=none&q=%E0%A4%A&toString=1')

seen('the details of a frame list its lines, those with most first', files.lines, async (page, see) => {
  const lines = () => page.$eval('footer p', (/** @type {any} */ p) => p.textContent)
  const point = async (/** @type {string} */ label) => {
    const [x, y] = /** @type {number[]} */ (await see.box(label))
    await page.mouse.move(x + 4, y + 5)
  }
  assert.equal((await lines()).trim(), '')
  await point('hot')
  assert.equal(await lines(), 'by line, in all stacks: 3 640 kB · 5 192 kB · 6 64.0 kB')
  await point('main')
  assert.equal(await lines(), 'by line, in all stacks: 10 902 kB')
  await page.selectOption('select[name=type]', 'alloc_objects')
  await point('hot')
  assert.equal(await lines(), 'by line, in all stacks: 3 10.0 k · 5 3.00 k · 6 1.00 k')
})

seen('a picture without lines has no room for them', files.shop, async (page, see) => {
  await see.click('handle')
  assert.equal(await page.$('footer p'), null)
})

seen('types are switched in place', files.shop, async (page, see) => {
  assert.match(await see.text('.sum'), /168 kB.*168,192 bytes · sampled every 65,536 bytes/)
  await page.selectOption('select[name=type]', 'inuse_objects')
  assert.match(await see.text('.sum'), /^327 .*327 objects · sampled every 65,536 bytes · gc forced/)
  assert.equal((await see.labels()).includes('(GC)'), false)
  assert.equal(await see.hash(), '#type=inuse_objects')
})

seen('the legend leaves out what has nothing of the chosen type', files.shop, async (page, see) => {
  const still = await open(files.shop, { javaScriptEnabled: false })
  const names = (/** @type {string[]} */ list) => list.map(text => text.split(/\s/)[0])
  assert.deepEqual(names(await see.all('.legend button')), names(await still.$$eval('#legend g', (/** @type {any[]} */ l) => l.map(e => e.textContent))))
  assert.ok(names(await see.all('.legend button')).includes('V8'))
  await page.selectOption('select[name=type]', 'inuse_objects')
  assert.equal(names(await see.all('.legend button')).includes('V8'), false)
  await still.close()
})

seen('flame and icicle are switched in place', files.shop, async (page, see) => {
  const flame = [await see.box('all'), await see.box('emit')]
  assert.equal(flame[0][1] - flame[1][1], 16)
  await see.button('i')
  const icicle = [await see.box('all'), await see.box('emit')]
  assert.equal(icicle[1][1] - icicle[0][1], 16)
  await page.keyboard.press('i')
  assert.deepEqual(await see.box('all'), flame[0])
})

seen('order is by name or by weight', files.shop, async (page, see) => {
  assert.ok((await see.box('_parse'))[0] < (await see.box('renderPage'))[0])
  assert.ok((await see.box('(GC)'))[0] < (await see.box('emit'))[0])
  await see.button('w')
  assert.ok((await see.box('_parse'))[0] > (await see.box('renderPage'))[0])
  assert.ok((await see.box('(GC)'))[0] > (await see.box('emit'))[0])
})

seen('reversed stacks are merged from the leaf', files.processes, async (page, see) => {
  await see.button('r')
  const [, bottom, all] = await see.box('all')
  const [, y, leaf] = await see.box('leaf')
  assert.equal(bottom - y, 16)
  assert.equal(Math.round(leaf / all * 1000), Math.round(76800 / 163200 * 1000))
  assert.equal((await see.labels()).filter((/** @type {string} */ l) => l === 'leaf').length, 1)
  await see.click('leaf')
  assert.equal(await see.hash(), '#view=reverse&zoom=leaf')
  assert.ok((await see.labels()).includes('zip'))
})

seen('sandwich shows callers and callees of a function', files.processes, async (page, see) => {
  await see.click('walk', { button: 'right' })
  await page.click('.app footer [data-do=s]')
  assert.equal((await see.box('walk'))[2], 1200)
  const [, walk] = await see.box('walk')
  assert.equal((await see.labels()).filter((/** @type {string} */ l) => l === 'walk').length, 2)
  assert.ok((await see.box('main'))[1] > walk)
  assert.ok((await see.box('leaf'))[1] < walk)
  assert.match(await see.text('footer'), /70\.4 kB/)
  await page.reload()
  assert.equal((await see.box('walk'))[2], 1200)
})

seen('a sandwich zooms into callers, and back', files.processes, async (page, see) => {
  assert.ok((await see.box('zip'))[2] < 400)
  await see.click('zip')
  assert.equal((await see.box('zip'))[2], 1200)
  assert.match(await see.hash(), /zoom=\^;zip/)
  await page.keyboard.press('Escape')
  await page.waitForFunction(() => !location.hash.includes('zoom'))
}, '#view=sandwich&of=leaf%20(src%2Ftree.js%3A30%3A2)')

seen('the table of functions is sorted by self or total', files.processes, async (page, see) => {
  await see.button('t')
  const names = () => see.all('.app tbody td:last-child')
  assert.match((await names())[0], /^leaf src\/tree\.js:30:2/)
  assert.match(await see.text('.app tbody tr:first-child td:first-child'), /76\.8 kB/)
  await page.click('[data-sort=total]')
  assert.match((await names())[0], /^process 7 \(node app\.js\)/)
  const walk = (await see.all('.app tbody tr')).find((/** @type {string} */ t) => t.includes('walk'))
  assert.match(walk, /^6\.40 kB3\.9 %70\.4 kB43\.1 %/)
  await page.click('.app tbody tr:has-text("leaf")')
  assert.match(await see.hash(), /view=sandwich/)
})

seen('a search filters the table', files.processes, async (page, see) => {
  await page.fill('.app input', 'WALK')
  assert.equal((await see.all('.app tbody tr')).length, 1)
}, '#view=table')

seen('one of several processes and threads is selected', files.processes, async (page, see) => {
  assert.deepEqual(await see.all('select[name=root] option'), ['all processes', 'process 7 (node app.js)', 'process 7 (node app.js) / worker 1', 'process 8 (node job.cjs)'])
  await page.selectOption('select[name=root]', 'process 7 (node app.js) / worker 1')
  assert.match(await see.text('.sum'), /32\.0 kB/)
  assert.deepEqual((await see.labels()).sort(), ['run', 'worker 1'])
})

seen('search counts matches of the view and of all', files.processes, async (page, see) => {
  await page.keyboard.press('/')
  await page.keyboard.type('LEAF')
  assert.equal(await see.text('output'), '1 function · 76.8 kB 47.1 % of all')
  assert.equal((await page.$$('[role=treeitem].m')).length, 2)
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await page.fill('.app input', 'leaf')
  await see.click('zip')
  assert.equal(await see.text('output'), '1 function · 12.8 kB 100.0 % of view · 76.8 kB 47.1 % of all')
})

seen('matches within matches are counted once', files.processes, async (page, see) => {
  await page.fill('.app input', 'tree.js')
  assert.equal(await see.text('output'), '2 functions · 83.2 kB 51.0 % of all')
})

seen('search takes regular expressions and cases', files.processes, async (page, see) => {
  await page.fill('.app input', '^(zip|RUN) ')
  assert.equal(await see.text('output'), '0 functions · 0 B 0.0 % of all')
  await page.click('.app .find [data-do=x]')
  assert.match(await see.text('output'), /^2 functions/)
  await page.click('.app .find [data-do=a]')
  assert.match(await see.text('output'), /^1 function /)
})

seen('a bad expression is shown, not thrown', files.processes, async (page, see) => {
  await page.click('.app input')
  await page.click('.app .find [data-do=x]')
  await page.fill('.app input', 'le(af')
  assert.match(await see.text('output'), /[Uu]nterminated group/)
  assert.equal(await page.getAttribute('.app input', 'aria-invalid'), 'true')
  await page.fill('.app input', 'le(af)')
  assert.match(await see.text('output'), /^1 function/)
})

seen('Ctrl-F opens the search, Enter goes on to the next match', files.processes, async (page, see) => {
  await page.keyboard.press('Control+f')
  await page.keyboard.type('leaf')
  await page.keyboard.press('Enter')
  assert.match(await see.focus(), /^leaf/)
  const first = await page.evaluate(() => document.activeElement?.id)
  await page.keyboard.press('n')
  assert.match(await see.focus(), /^leaf/)
  assert.notEqual(await page.evaluate(() => document.activeElement?.id), first)
  await page.keyboard.press('N')
  assert.equal(await page.evaluate(() => document.activeElement?.id), first)
})

seen('details tell of the frame under the pointer', files.processes, async (page, see) => {
  const [x, y] = await see.box('zip')
  await page.mouse.move(x + 5, y + 5)
  const details = await see.text('footer')
  assert.match(details, /^zip ?node_modules\/zlib\/z\.js:1:1/)
  assert.match(details, /12\.8 kB ± 65.5 kB · 7\.8 % of all · 15\.4 % of parent · self 0 B · 200 objects/)
})

seen('details in a zoomed view say what share of it', files.processes, async (page, see) => {
  await see.click('main')
  const [x, y] = await see.box('zip')
  await page.mouse.move(x + 5, y + 5)
  assert.match(await see.text('footer'), /15\.4 % of parent · 15\.4 % of view/)
})

seen('a right click holds the details', files.processes, async (page, see) => {
  await see.click('zip', { button: 'right' })
  const [x, y] = await see.box('all')
  await page.mouse.move(x + 5, y + 5)
  assert.match(await see.text('footer'), /^zip/)
})

test('the name and the folded stack are copied', { skip: missing }, async () => {
  const page = await open(files.processes)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  const see = eyes(page)
  const copied = () => page.evaluate(() => navigator.clipboard.readText())
  await see.click('zip', { button: 'right' })
  await page.click('.app footer [data-do=c]')
  await page.waitForFunction(() => document.querySelector('output')?.textContent === 'Copied')
  assert.equal(await copied(), 'zip')
  await page.keyboard.press('Shift+C')
  await page.waitForFunction(async () => await navigator.clipboard.readText() !== 'zip')
  assert.equal(await copied(), 'process 7 (node app.js);main (/srv/shop/server.js:1:1);zip (/srv/shop/node_modules/zlib/z.js:1:1) 12800')
  await page.close()
})

seen('arrows go to caller, callee and siblings, Enter zooms', files.processes, async (page, see) => {
  await page.focus('[role=treeitem][tabindex="0"]')
  assert.match(await see.focus(), /^all/)
  await page.keyboard.press('ArrowUp')
  assert.match(await see.focus(), /^process 7/)
  await page.keyboard.press('ArrowRight')
  assert.match(await see.focus(), /^process 8/)
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('ArrowUp')
  assert.match(await see.focus(), /^main/)
  await page.keyboard.press('Enter')
  assert.equal((await see.box('main'))[2], 1200)
  assert.match(await see.focus(), /^main/)
  await page.keyboard.press('ArrowDown')
  assert.match(await see.focus(), /^process 7/)
})

seen('arrows follow the picture in an icicle', files.processes, async (page, see) => {
  await page.focus('[role=treeitem][tabindex="0"]')
  await page.keyboard.press('ArrowDown')
  assert.match(await see.focus(), /^process 7/)
  await page.keyboard.press('ArrowUp')
  assert.match(await see.focus(), /^all/)
}, '#icicle=true')

seen('frames are a tree to a screen reader', files.processes, async (page, see) => {
  assert.equal(await page.getAttribute('[role=tree]', 'aria-label'), 'frames')
  assert.equal((await page.$$('[role=treeitem][tabindex="0"]')).length, 1)
  const levels = await page.$$eval('[role=treeitem]', (/** @type {any[]} */ l) => l.map(e => [e.getAttribute('aria-level'), e.getAttribute('aria-label')]))
  assert.ok(levels.some((/** @type {string[]} */ [level, label]) => level === '3' && label === 'main (server.js:1:1), 51.0 %'))
  assert.match(await see.text('desc'), /in \d functions\. Most: leaf/)
})

seen('? lists the keys and the notes', files.processes, async (page, see) => {
  assert.equal(await page.isVisible('.help'), false)
  await page.keyboard.press('?')
  assert.equal(await page.isVisible('.help'), true)
  assert.match(await see.text('.help'), /Esc, Back.*a & b$/)
  await page.keyboard.press('Escape')
  assert.equal(await page.isVisible('.help'), false)
})

seen('the legend folds, then hides, then shows a category', files.shop, async (page, see) => {
  const node = '.legend [data-key=node]'
  assert.equal(await see.text(node), 'node 0.0 %')
  await page.click(node)
  assert.ok((await see.labels()).includes('node'))
  assert.equal((await see.labels()).includes('emit'), false)
  assert.equal(await see.hash(), '#legend=node=fold')
  await page.click(node)
  assert.equal((await see.labels()).includes('node'), false)
  assert.equal((await see.box('all'))[1] - (await see.box('handle'))[1], 16)
  await page.click(node)
  assert.ok((await see.labels()).includes('emit'))
})

seen('the legend folds a package', files.shop, async (page, see) => {
  await page.click('.legend [data-key=":zod"]')
  assert.ok((await see.labels()).includes('zod'))
  assert.ok((await see.labels()).includes('handle'))
})

seen('the hash holds when the profile is rendered anew', files.shop, async (page, see) => {
  await see.click('renderPage')
  const hash = await page.evaluate(() => location.hash)
  const other = await open(fileOf('again.svg', golden('shop.svg').replaceAll('64000', '6400')) + hash)
  assert.equal((await eyes(other).box('renderPage'))[2], 1200)
  await other.close()
})

seen('the picture takes the width of the window', files.shop, async (page, see) => {
  await page.setViewportSize({ width: 620, height: 500 })
  await page.waitForFunction(() => document.querySelector('.app svg')?.getAttribute('width') === '600')
  assert.equal((await see.box('all'))[2], 600)
})

seen('a link asks for no regular expression, which may take for ever; the person does', files.shop, async (page, see) => {
  assert.equal(await page.$eval('.app .find input', (/** @type {any} */ e) => e.value), '(x+x+)+y')
  assert.equal(await page.getAttribute('.app [data-do="x"]', 'aria-pressed'), 'false')
  assert.match(await see.text('.app output'), /^0 functions/)
  await page.keyboard.press('/')
  await page.keyboard.type('^chec.')
  await page.click('.app [data-do="x"]')
  assert.equal(await page.getAttribute('.app [data-do="x"]', 'aria-pressed'), 'true')
  await page.reload()
  assert.equal(await page.getAttribute('.app [data-do="x"]', 'aria-pressed'), 'true')
}, '#regex=true&q=(x%2Bx%2B)%2By')

test('no regular expression hangs the viewer, and each finds what the browser\'s own finds', { skip: missing }, async () => {
  const lines = [`main;${'x'.repeat(40)}! 5`, 'main;ok 3', 'main;parse_2 (/srv/a.js:1:2) 4', 'main;(anonymous) (/srv/b.js:3:4) 2', 'main;größe 1']
  const { read } = require('../../lib/index.js')
  const profile = await read(Buffer.from(lines.join('\n') + '\n'))
  const file = golden('shop.svg').match(/<script>[^]*<\/script>/)
  const text = (await profile.toSVG({})).toString().replace(/<script>[^]*<\/script>/, () => file?.[0] ?? '')
  profile.free()
  const page = await open(fileOf('slow.svg', text))
  await page.keyboard.press('x')
  const countOf = async (/** @type {string} */ pattern) => {
    await page.fill('.app .find input', pattern)
    return (await page.textContent('.app output')).replace(/ ·.*/, '')
  }
  for (const pattern of ['(x+)+$', '(x+x+)+y', '(x|x)*q', '(.*.*.*.*)*q']) assert.equal(await countOf(pattern), '0 functions', pattern)
  assert.equal(await countOf('(((a{99}){99}){99}){99}'), 'The pattern takes too long')
  assert.match(await countOf('(?=x)x'), /^Not supported/)
  const names = ['main', 'x'.repeat(40) + '!', 'ok', 'parse_2 (/srv/a.js:1:2)', '(anonymous) (/srv/b.js:3:4)', 'größe']
  for (const pattern of ['^(?:ok|main)$', '\\bparse', 'x{40}!', 'x{41}', '[^a-z_]2', '\\.js:\\d+', '(?<n>ö)ß', 'GRÖ', '\\p{Ll}e$', '^\\(', 'a*?$', '[)\\]]$']) {
    const count = names.filter(name => new RegExp(pattern, 'iu').test(name)).length
    assert.equal(await countOf(pattern), count === 1 ? '1 function' : `${count} functions`, pattern)
  }
  assert.deepEqual(page.errors, [])
  await page.close()
})

seen('a link brings no markup, and no state but those that there are', files.shop, async page => {
  assert.equal(await page.$$eval('.app img', (/** @type {any[]} */ all) => all.length), 0)
  assert.equal(await page.evaluate(() => /** @type {any} */ (window).pwned), undefined)
  assert.deepEqual(await page.$$eval('.app .legend button', (/** @type {any[]} */ all) => [...new Set(all.map(e => e.className))]), ['show'])
}, '#legend=app=%22%3E%3Cimg%20src%3Dx%20onerror%3Dwindow.pwned%3D1%3E,node=constructor&__proto__=x&constructor=y')

test('in a page of others keys are taken only where the picture or nothing has the focus', { skip: missing }, async () => {
  const inline = golden('shop.svg').replace(/^<\?xml[^>]*>/, '')
  const page = await open(fileOf('page.html', `<!doctype html><meta charset="utf-8"><body><textarea id="q"></textarea>${inline}</body>`))
  await page.click('#q')
  await page.keyboard.type('this is a note, with text')
  assert.equal(await page.inputValue('#q'), 'this is a note, with text')
  assert.equal(await page.evaluate(() => location.hash), '')
  await page.evaluate(() => /** @type {any} */ (document.activeElement).blur())
  await page.keyboard.press('i')
  assert.equal(await page.evaluate(() => location.hash), '#icicle=true')
  assert.deepEqual(page.errors, [])
  await page.close()
})

/** A page that holds several pictures beside what is its own. @param {string} name @param {string[]} pictures */
const host = (name, pictures) => fileOf(name, `<!doctype html><meta charset="utf-8"><style>.app { color: #010203 }</style><body>
<div class="app p1" id="host">Text</div><svg width="20" height="20" id="own"><rect width="20" height="20" fill="#fff"/></svg>
${pictures.map(picture => golden(picture).replace(/^<\?xml[^>]*>/, '')).join('\n<p>between</p>\n')}</body>`)

test('in a page of others the styles of a picture touch nothing else', { skip: missing }, async () => {
  /** @param {any} page */
  const looks = page => page.evaluate(() => {
    const pick = (/** @type {any} */ e) => ['display', 'fontSize', 'maxHeight', 'padding', 'position', 'backgroundColor', 'color', 'fill', 'stroke', 'colorScheme'].map(key => /** @type {any} */ (getComputedStyle(e))[key])
    return ['html', 'body', '#host', '#own', '#own rect', 'body > p'].map(what => pick(document.querySelector(what)))
  })
  for (const colorScheme of ['light', 'dark']) {
    const page = await open(host('host.html', ['shop.svg', 'difference.svg']), { colorScheme })
    const bare = await open(fileOf('bare.html', '<!doctype html><meta charset="utf-8"><style>.app { color: #010203 }</style><body><div class="app p1" id="host">Text</div><svg width="20" height="20" id="own"><rect width="20" height="20" fill="#fff"/></svg><p>between</p></body>'), { colorScheme })
    assert.deepEqual(await looks(page), await looks(bare), colorScheme)
    assert.deepEqual(page.errors, [])
    await page.close()
    await bare.close()
  }
})

test('each picture in a page is as high as its head and all its rows', { skip: missing }, async () => {
  const page = await open(host('heights.html', ['shop.svg', 'difference.svg']), { viewport: { width: 1220, height: 1000 } })
  const boxes = await page.$$eval('[data-shap]', (/** @type {any[]} */ all) => all.map(svg => {
    const [whole, head, foot] = [svg, svg.querySelector('header'), svg.querySelector('footer')].map(e => e.getBoundingClientRect())
    return { above: head.top - whole.top, below: whole.bottom - foot.bottom, scrolled: svg.querySelector('main').scrollHeight - svg.querySelector('main').clientHeight }
  }))
  assert.equal(boxes.length, 2)
  for (const box of boxes) {
    assert.ok(Math.abs(box.above) < 1, `the head begins ${box.above} px below the top`)
    assert.ok(box.below > -1, `the foot ends ${-box.below} px below the end`)
    assert.equal(box.scrolled, 0)
  }
  assert.equal(await page.evaluate(() => scrollY), 0)
  await page.close()
})

test('of two pictures in a page the one that was pointed at last takes a key, and keeps its own state in the address', { skip: missing }, async () => {
  const page = await open(host('two.html', ['shop.svg', 'difference.svg']))
  const hash = () => page.evaluate(() => location.hash)
  await page.keyboard.press('i')
  assert.equal(await hash(), '#icicle=true')
  await page.hover('[data-shap="1"] .app h1')
  await page.keyboard.press('i')
  assert.equal(await hash(), '#icicle=true&icicle1=true')
  await page.keyboard.press('i')
  assert.equal(await hash(), '#icicle=true')
  await page.focus('[data-shap="0"] .app [data-do="?"]')
  await page.keyboard.press('t')
  assert.equal(await hash(), '#view=table&icicle=true')
  await page.reload()
  const pressed = (/** @type {number} */ n) => page.getAttribute(`[data-shap="${n}"] .app [data-on=icicle]`, 'aria-pressed')
  assert.deepEqual([await pressed(0), await pressed(1)], ['true', 'false'])
  assert.deepEqual(page.errors, [])
  await page.close()
})
