'use strict'

/**
 * A real Chromium for tests, through playwright-core; and flamegraphs for it:
 * golden files of test/c with the viewer's script put in.
 */

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const viewer = require('../../flamegraph/build_viewer.js')

const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-browser-'))

/** @returns {any} */
function playwright () {
  try {
    return require('playwright-core')
  } catch {
    return undefined
  }
}

const executable = PLACES.find(place => place && fs.existsSync(place))
const lack = !playwright()
  ? 'playwright-core is not installed'
  : !executable && 'no chromium: install one, or name it in CHROMIUM'
/** @type {string | false} why tests are skipped; with SHF_NO_SKIP=1 they fail instead */
const missing = process.env.SHF_NO_SKIP === '1' ? false : lack

/** @type {Promise<any> | undefined} */
let running

/** @returns {Promise<any>} */
function browser () {
  if (lack) return Promise.reject(new Error(lack))
  running ??= playwright().chromium.launch({ executablePath: executable, args: ['--no-sandbox'] })
  return /** @type {Promise<any>} */ (running)
}

async function close () {
  if (running) await (await running).close()
  fs.rmSync(folder, { recursive: true, force: true })
}

/**
 * @param {string} name of a golden file
 * @returns {string} the file as it is written
 */
function golden (name) {
  const text = fs.readFileSync(path.join(__dirname, '..', 'golden', name), 'utf8')
  return text.replace('<script></script>', () => `<script><![CDATA[${viewer.script()}]]></script>`)
}

/**
 * @param {string} name
 * @param {string} text
 * @returns {string} its URL
 */
function fileOf (name, text) {
  fs.writeFileSync(path.join(folder, name), text)
  return 'file://' + path.join(folder, name)
}

/**
 * @param {string} url
 * @param {object} [options] of the page
 * @returns {Promise<any>} the page; `page.errors` are what its scripts threw
 */
async function open (url, options = {}) {
  const page = await (await browser()).newPage({ viewport: { width: 1220, height: 700 }, ...options })
  page.errors = []
  page.on('pageerror', (/** @type {Error} */ error) => page.errors.push(error.stack))
  await page.goto(url)
  return page
}

module.exports = { missing, close, golden, fileOf, open, viewer }
