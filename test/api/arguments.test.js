'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')

const shap = require('../../lib/index.js')

const CODE = 'ERR_SHAP_FLAME_ARGUMENT'
const STACKS = Buffer.from('main (/app/a.js:1:1);parse (/app/b.js:2:3) 128\n')
const read = () => shap.read(STACKS, { sourceMaps: false })

/** @type {any[]} not an object with options */
const NO_OPTIONS = [null, 0, 'text', true, Symbol('s'), () => {}]

/** @type {[string, (profile: shap.Profile, options: any) => unknown][]} */
const TAKE_OPTIONS = [
  ['start', (_, options) => shap.start(options)],
  ['capture', (_, options) => shap.capture(options)],
  ['read', (_, options) => shap.read(STACKS, options)],
  ['diff', (profile, options) => shap.diff(profile, profile, options)],
  ['check', (profile, options) => shap.check(profile, [{ max: 1 }], options)],
  ['a limit', (profile, limit) => shap.check(profile, [limit])],
  ['encode', (profile, options) => profile.encode('json', options)],
  ['write', (profile, options) => profile.write('/dev/null', options)],
  ['toSVG', (profile, options) => profile.toSVG(options)],
  ['filter', (profile, options) => profile.filter(options)]
]

for (const [name, call] of TAKE_OPTIONS) {
  test(`${name}: options that are no object are ${CODE}`, async () => {
    const profile = await read()
    for (const options of NO_OPTIONS) await assert.rejects(async () => call(profile, options), { code: CODE }, String(options))
  })
}

/** @type {[string, string, any[]][]} format, option, wrong values */
const WRITTEN = [
  ['svg', 'width', [199, 100001, '800', null, NaN, 300.5]],
  ['svg', 'frameHeight', [1, 201, '16']],
  ['svg', 'minWidth', [0, -1, 1e6, '1']],
  ['svg', 'maxBytes', [0, -1, '1m']],
  ['svg', 'fontSize', [0, 201, '12px']],
  ['svg', 'colors', ['pink', 1]],
  ['svg', 'title', [1, {}]],
  ['svg', 'inverted', [1, 'yes']],
  ['pprof', 'level', [0, 10, '9', 1.5]],
  ['listing', 'rows', [-1, '10', 1.5]],
  ['listing', 'width', [-1, '80']],
  ['listing', 'color', ['always']],
  ['markdown', 'sourceLines', [-1, '3']],
  ['json', 'cwd', [1]]
]

for (const [format, option, values] of WRITTEN) {
  test(`${format}: a wrong ${option} is ${CODE}, and the message has its name`, async () => {
    const profile = await read()
    for (const value of values) {
      await assert.rejects(profile.encode(/** @type {any} */ (format), { [option]: value }),
        error => error.code === CODE && error.message.startsWith(`${option} must be `), String(value))
    }
  })
}

test('a writer ignores the options of other formats', async () => {
  const profile = await read()
  assert.deepEqual(await profile.encode('json', { width: 80, level: 9 }), await profile.toJson())
  assert.ok((await profile.toListing({ width: 80 })).length > 0)
})

test(`invalid flags are ${CODE}`, async () => {
  const profile = await read()
  await assert.rejects(shap.start({ lines: /** @type {any} */ (1) }), { code: CODE, message: /^lines/ })
  await assert.rejects(shap.capture({ gc: /** @type {any} */ (1) }), { code: CODE })
  await assert.rejects(shap.capture({ sourceMaps: /** @type {any} */ (1) }), { code: CODE })
  await assert.rejects(shap.diff(profile, profile, { normalize: /** @type {any} */ ('no') }), { code: CODE })
  await assert.rejects(shap.check(profile, [{ max: 1 }], { strict: /** @type {any} */ ('no') }), { code: CODE })
})

test(`an invalid expression is ${CODE}`, async () => {
  const profile = await read()
  await assert.rejects(profile.filter({ focus: '(' }), { code: CODE, message: /^focus: Invalid regular expression/ })
  await assert.rejects(profile.filter({ hide: /** @type {any} */ (1) }), { code: CODE })
  await assert.rejects(shap.check(profile, [{ max: 1, where: '(' }]), { code: CODE, message: /^where: / })
})

test(`rows that are not a number are ${CODE}`, async () => {
  const profile = await read()
  for (const rows of [-1, 1.5, NaN, '3']) assert.throws(() => profile.top(/** @type {any} */ (rows)), { code: CODE }, String(rows))
  assert.equal(profile.top(Infinity).length, 2)
  assert.equal(profile.top(0).length, 2)
  assert.throws(() => profile.top(1, undefined, { callers: /** @type {any} */ ('yes') }), { code: CODE, message: /^callers/ })
})

test(`a URL that is not a file's is ${CODE}`, async () => {
  await assert.rejects(shap.read(new URL('http://127.0.0.1/a.pb.gz')), { code: CODE })
})

test(`a path that is not a string is ${CODE}`, async () => {
  const profile = await read()
  await assert.rejects(profile.write(/** @type {any} */ (1), { format: 'svg' }), { code: CODE })
})
