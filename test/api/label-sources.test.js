'use strict'
/** Labels without a line of code: --label http, test, worker. */
const assert = require('node:assert/strict')
const { execFileSync, spawn, spawnSync } = require('node:child_process')
const { channel, hasSubscribers } = require('node:diagnostics_channel')
const { once } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { describe, test } = require('node:test')
const shap = require('../../lib/index.js')
const { foldPath } = require('../../lib/labels/sources/fold-path.js')
const { Routes } = require('../../lib/labels/sources/routes.js')
const { cleanEnvironment, until } = require('../support/profiled-process.js')
const { testOnLine } = require('../support/run-on-node-lines.js')
const { FARTHEST } = require('../support/statistics.js')

const ROOT = path.join(__dirname, '..', '..')
const CLI = path.join(ROOT, 'bin', 'shap-flame.js')
const fixture = (/** @type {string} */ name) => path.join(ROOT, 'test', 'fixtures', name)

/** @param {(folder: string) => Promise<void>} use */
async function inFolder (use) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-labels-'))
  try {
    await use(folder)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * @param {import('../../csrc/tools/node_lines.js').NodeLine} node
 * @param {string} folder
 * @param {string[]} args
 */
async function profiled (node, folder, args) {
  const env = { ...cleanEnvironment(), SHAP_FLAME_BINDINGS: node.bindings, NO_COLOR: '1' }
  const file = path.join(folder, 'out.pb.gz')
  const { stdout, stderr, status } = spawnSync(node.bin, [CLI, '--quiet', '--pprof', file, ...args], { env, encoding: 'utf8', timeout: 60000, cwd: folder })
  return { profile: await shap.read(file), stdout, stderr, status }
}

/** @param {string} key @param {import('../../lib/api/profile.js').Profile} profile */
function byValue (key, profile) {
  return new Map(profile.by(key, 'alloc_space').map(row => [row.value, { total: row.total.alloc_space, error: row.error.alloc_space }]))
}

describe('a path is folded', () => {
  const cases = {
    'a number': ['/users/12', '/users/:id'],
    'a UUID': ['/a/550e8400-e29b-41d4-a716-446655440000/b', '/a/:id/b'],
    'hexadecimal digits': ['/o/507f1f77bcf86cd799439011', '/o/:id'],
    'a ULID': ['/x/01ARZ3NDEKTSV4RRFFQ69G5FAV', '/x/:id'],
    'a JSON web token': ['/t/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0', '/t/:id'],
    'an id with an extension': ['/f/12.json', '/f/:id.json'],
    'a query is cut off': ['/users/bob?page=1/2', '/users/bob'],
    'a URL as of a proxy': ['http://host:1/a/3', '/a/:id'],
    'a word of hexadecimal letters stays': ['/c/deadbeef', '/c/deadbeef'],
    'words with hyphens stay': ['/p/how-to-use-node-24-in-production', '/p/how-to-use-node-24-in-production'],
    'all of a server': ['*', '*']
  }
  for (const [name, [url, folded]] of Object.entries(cases)) test(name, () => assert.equal(foldPath(url), folded))
  test('a long path is cut', () => assert.ok(foldPath('/segment'.repeat(100)).length < 128))
})

test('a program that asks for 10,000 paths that are not there takes no place of those that are', () => {
  const routes = new Routes(() => {})
  for (let i = 0; i < 10000; i++) routes.answered(routes.of('GET', `/scan-${String.fromCharCode(97 + i % 26)}x${i}`), undefined, 404)
  const first = routes.of('GET', '/login')
  assert.equal(first.pairs[3], '(other)')
  routes.answered(first, undefined, 200)
  assert.equal(routes.of('GET', '/login').pairs[3], '/login')
  const values = new Set(Array.from({ length: 10000 }, (_, i) => {
    const route = routes.of('GET', `/page-x${i}`)
    routes.answered(route, undefined, 200)
    return routes.of('GET', `/page-x${i}`).pairs[3]
  }))
  assert.ok(values.size <= 301, `${values.size} routes`)
})

test('paths of one pattern are one route', () => {
  /** @type {string[]} */
  const renamed = []
  const routes = new Routes((...names) => renamed.push(names.join(' ')))
  for (const name of ['bob', 'eve']) routes.learn(routes.of('GET', `/users/${name}`), '/users/:name')
  assert.deepEqual(renamed, ['GET /users/bob /users/:name', 'GET /users/eve /users/:name'])
  assert.equal(routes.of('GET', '/users/bob').pairs, routes.of('GET', '/users/eve').pairs)
})

test('start({ label }) subscribes, and stop() leaves nothing behind', async () => {
  const names = ['http.server.request.start', 'http.server.response.finish']
  await shap.start({ label: 'http' })
  assert.deepEqual(names.map(hasSubscribers), [true, true])
  await shap.stop()
  assert.deepEqual(names.map(hasSubscribers), [false, false])
  await assert.rejects(shap.start({ label: /** @type {any} */ ('route') }), { code: 'ERR_SHAP_FLAME_ARGUMENT' })
})

test('requests are not kept: a hundred thousand leave the heap as it was', async () => {
  await shap.start({ label: ['http', 'worker'], interval: 1 << 20 })
  const begin = channel('http.server.request.start')
  const finish = channel('http.server.response.finish')
  const ask = (/** @type {number} */ count) => {
    for (let i = 0; i < count; i++) {
      const message = { request: { method: 'GET', url: `/users/${i}/page-${i % 1000}x?q=${i}`, body: new Array(100) }, response: { statusCode: 200 } }
      begin.publish(message)
      if (i % 10 > 0) finish.publish(message) // the others are never answered
    }
  }
  const heap = () => {
    /** @type {any} */ (globalThis).gc()
    return process.memoryUsage().heapUsed
  }
  require('node:v8').setFlagsFromString('--expose-gc')
  globalThis.gc = require('node:vm').runInNewContext('gc')
  ask(20000)
  const before = heap()
  ask(100000)
  const grown = heap() - before
  await shap.stop()
  assert.ok(grown < 1e6, `${grown} bytes`)
})

describe('the routes of a server have what they allocated', () => {
  for (const major of [20, 22, 24, 26]) {
    testOnLine(major, node => inFolder(async folder => {
      const { profile, stdout, stderr } = await profiled(node, folder, ['--label', 'http', '--label', 'worker', '--interval', '16k', fixture('labelled-servers.js')])
      assert.equal(stderr, '')
      const routes = byValue('http.route', profile)
      for (const [name, bytes] of Object.entries(JSON.parse(stdout))) {
        const [, route] = name.split(' ')
        const own = routes.get(route)
        assert.ok(own, `${name} is missing`)
        // A request allocates some 30 kB besides.
        const besides = 10 * 40e3
        assert.ok(own.total > bytes - FARTHEST * own.error && own.total < bytes + besides + FARTHEST * own.error, `${name}: ${own.total} ± ${own.error}, truth ${bytes}`)
      }
      const sum = [...routes.values()].reduce((all, { total }) => all + total, 0)
      assert.equal(sum, profile.total('alloc_space'))
      const workers = byValue('worker', profile)
      assert.ok((workers.get('main')?.total ?? 0) > 0.98 * sum, 'what this thread allocates is labelled')
    }), { timeout: 60000 })
  }
})

describe('attach labels the requests of a server that runs', () => {
  for (const major of [20, 24]) {
    testOnLine(major, node => inFolder(async folder => {
      const env = { ...cleanEnvironment(), SHAP_FLAME_BINDINGS: node.bindings }
      const server = spawn(node.bin, [fixture('labelled-servers.js'), 'wait'], { stdio: ['pipe', 'pipe', 'ignore'], env })
      const file = path.join(folder, 'out.pb.gz')
      try {
        await once(server.stdout, 'data') // it is there
        const attach = spawn(node.bin, [CLI, 'attach', String(server.pid), '--interval', '16k', '--label', 'http', '--type', 'alloc_space', '--pprof', file], { env })
        let stderr = ''
        attach.stderr.on('data', part => { stderr += part })
        await until(() => stderr.includes('sampling process'), 'sampling')
        const ended = once(attach, 'exit')
        server.stdin.end()
        const [text] = await once(server.stdout, 'data')
        attach.kill('SIGINT')
        await ended
        const routes = byValue('http.route', await shap.read(file))
        for (const [name, bytes] of Object.entries(JSON.parse(text))) {
          const own = routes.get(name.split(' ')[1])
          assert.ok(own && own.total > 0.9 * bytes, `${name}: ${own?.total}, truth ${bytes}`)
        }
        assert.equal(/labels use async_hooks/.test(stderr), major < 24)
      } finally {
        server.kill()
      }
    }), { timeout: 60000 })
  }
})

describe('tests have their names, and print what they print without us', () => {
  const plain = (/** @type {string} */ text) => text.replace(/[\d.]+ ?ms|duration_ms [\d.]+/g, 'TIME')
  const programs = {
    mocha: [require.resolve('mocha/bin/mocha.js'), fixture('labelled-tests.js')],
    'node:test': ['--test', '--test-reporter=spec', fixture('labelled-tests.js')]
  }
  for (const [name, args] of Object.entries(programs)) {
    describe(name, () => {
      for (const major of name === 'mocha' ? [24] : [20, 24, 26]) {
        testOnLine(major, node => inFolder(async folder => {
          const without = spawnSync(node.bin, args, { env: { ...cleanEnvironment(), NO_COLOR: '1' }, encoding: 'utf8', cwd: folder })
          const { profile, stdout, stderr, status } = await profiled(node, folder, ['--label', 'test', '--', node.bin, ...args])
          assert.equal(plain(stdout), plain(without.stdout))
          assert.equal(stderr, without.stderr)
          assert.equal(status, without.status)
          const tests = byValue('test.name', profile)
          for (const [test, megabytes] of [['allocates at once', 4], ['allocates later', 8], ['fails', 2]]) {
            const own = [...tests].find(([value]) => value.endsWith(`cart${name === 'mocha' ? ' ' : ' > '}${test}`))?.[1]
            assert.ok(own, `${test} is missing: ${[...tests.keys()]}`)
            const bytes = Number(megabytes) * 1024 * 1040
            assert.ok(Math.abs(own.total - bytes) < 200e3 + FARTHEST * own.error, `${test}: ${own.total} ± ${own.error}, truth ${bytes}`)
          }
          assert.ok([...byValue('test.file', profile).keys()].some(file => file.endsWith('labelled-tests.js')))
        }), { timeout: 60000 })
      }
    })
  }
})

describe('traces are examples', () => {
  const { Examples } = require('../../lib/labels/sources/trace.js')
  const id = (/** @type {number} */ i) => ((i * 2654435761 >>> 0).toString(16)).padStart(32, '0')

  test('all of the first, fewer later, at most 400 of a hundred thousand, from begin to end', () => {
    const examples = new Examples()
    const chosen = Array.from({ length: 100000 }, (_, i) => examples.labelsOf(id(i), 'span')[3] === id(i))
    assert.deepEqual(new Set(chosen.slice(0, 200)), new Set([true]))
    const count = chosen.filter(Boolean).length
    assert.ok(count > 300 && count <= 400, `${count}`)
    assert.equal(examples.labelsOf(id(0), 'other')[1], 'span')
  })

  for (const major of [20, 24, 26]) {
    testOnLine(major, node => inFolder(async folder => {
      const { profile, stdout, stderr, status } = await profiled(node, folder, ['--label', 'trace', '--interval', '16k', fixture('labelled-traces.js')])
      assert.equal(status, 0, stderr)
      const traces = byValue('trace_id', profile)
      for (const [trace, bytes] of major < 24 ? [] : Object.entries(JSON.parse(stdout))) {
        const own = traces.get(trace)
        assert.ok(own, `${trace} is missing`)
        assert.ok(Math.abs(own.total - bytes) < 50e3 + FARTHEST * own.error, `${own.total} ± ${own.error}, truth ${bytes}`)
      }
      if (major < 24) assert.deepEqual([...traces.keys()], [''])
    }), { timeout: 60000 })
  }
})

test('each worker has its name, or its file and number', () => inFolder(async folder => {
  const script = path.join(folder, 'threads.js')
  fs.writeFileSync(script, `
const { Worker, isMainThread } = require('node:worker_threads')
const kept = Array.from({ length: 4000 }, () => new Array(128))
if (isMainThread) new Worker(__filename)
`)
  const file = path.join(folder, 'out.pb.gz')
  execFileSync(process.execPath, [CLI, '--quiet', '--label', 'worker', '--pprof', file, script], { cwd: folder })
  const profile = await shap.read(file)
  const names = profile.by('worker', 'alloc_space').filter(row => row.total.alloc_space > 3e6).map(row => row.value)
  assert.deepEqual(names.sort(), ['main', 'threads.js 1'])
}))

test('the inspector engine says that it knows no labels', () => inFolder(async folder => {
  const script = path.join(folder, 'app.js')
  fs.writeFileSync(script, '')
  const { stderr } = spawnSync(process.execPath, [CLI, '--engine', 'inspector', '--label', 'worker', '--folded', '/dev/null', script], { cwd: folder, encoding: 'utf8' })
  assert.match(stderr, /^shap-flame: labels are not known: the inspector engine does not record them$/m)
}))
