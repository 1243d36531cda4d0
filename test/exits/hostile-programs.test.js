'use strict'
/** What other heap profilers fell over, each in a process of its own, on each Node line. */
const assert = require('node:assert')
const { execFile, execFileSync, spawn } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, describe } = require('node:test')
const { promisify } = require('node:util')
const { VERSIONS } = require('../../csrc/tools/node_lines.js')
const { PATIENCE_MS, REGISTER, cleanEnvironment, preloadEnvironment, readCaptures, testsOf, until, withFolder } = require('../support/profiled-process.js')

const TRAP = path.join(__dirname, '..', 'fixtures', 'hostile-programs.js')
const UNSEEN = path.join(__dirname, '..', 'fixtures', 'patched-functions.mjs')
const PROTOTYPES = path.join(__dirname, '..', 'fixtures', 'watched-prototypes.js')
const REPLACED = path.join(__dirname, '..', 'fixtures', 'replaced-methods.js')
const execute = promisify(execFile)
const built = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-test-'))
after(() => fs.rmSync(built, { recursive: true }))
const preload = (/** @type {string} */ name) => path.join(__dirname, '..', 'fixtures', name)

/**
 * @typedef {import('../../csrc/tools/node_lines.js').NodeLine} NodeLine
 * @typedef {{ code: number | null, signal: string | null, stdout: string, stderr: string }} Ended
 *
 * @typedef {object} Run
 * @property {string[]} [flags] of node
 * @property {NodeJS.ProcessEnv} [env]
 * @property {(child: import('node:child_process').ChildProcess, out: () => string) => Promise<unknown>} [meanwhile]
 */

/**
 * @param {NodeLine} node
 * @param {string} name of the trap
 * @param {string} folder where it runs
 * @param {Run} run
 * @returns {Promise<Ended>}
 */
async function runTrap (node, name, folder, { flags = [], env = {}, meanwhile }) {
  const command = ['-c', 'ulimit -c 0; exec "$@"', 'sh', node.bin, ...flags, TRAP, name]
  const child = spawn('/bin/sh', command, { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  const text = { stdout: '', stderr: '' }
  child.stdout.on('data', part => { text.stdout += part })
  child.stderr.on('data', part => { text.stderr += part })
  /** @type {Promise<Ended>} */
  const ended = new Promise(resolve => child.once('close', (code, signal) => resolve({ code, signal, ...text })))
  await meanwhile?.(child, () => text.stdout)
  const end = await ended
  clearTimeout(timer)
  return end
}

/**
 * @param {NodeLine} node
 * @param {string} name
 * @param {Run} [run]
 */
const library = (node, name, run = {}) => inFolder(async folder => {
  const env = { ...cleanEnvironment(), SHAP_FLAME_BINDINGS: node.bindings }
  return runTrap(node, name, folder, { ...run, env: { ...env, ...run.env } })
})

/**
 * @template T
 * @param {(folder: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function inFolder (use) {
  /** @type {T[]} */
  const results = []
  await withFolder(async folder => { results.push(await use(folder)) })
  return results[0]
}

/**
 * @param {NodeLine} node
 * @param {string} name
 * @param {Run} [run]
 */
const preloaded = (node, name, run = {}) => inFolder(async folder => {
  const ended = await runTrap(node, name, folder, { ...run, env: { ...preloadEnvironment(node, folder), ...run.env } })
  return { ...ended, captures: await readCaptures(folder, TRAP), files: fs.readdirSync(folder) }
})

/** It is killed as soon as its first capture lies there. @param {NodeLine} node */
const stoppedAtFirstCapture = node => inFolder(async folder => {
  const env = { ...preloadEnvironment(node, folder), SHAP_FLAME_NO_GC: undefined }
  await runTrap(node, 'largeEnd', folder, {
    env,
    async meanwhile (child) {
      const over = () => child.exitCode !== null || child.signalCode !== null
      while (!over() && !fs.readdirSync(folder).some(name => name.endsWith('.shfc'))) await new Promise(setImmediate)
      child.kill('SIGKILL')
    }
  })
  return readCaptures(folder, TRAP)
})

/**
 * @param {NodeLine} node
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ blocks: number, cpu: number }>} what a worker at its limit had come to, and its milliseconds
 */
const growToLimit = (node, env) => inFolder(async folder => {
  const own = env.SHAP_FLAME_EVERY ? { ...env, SHAP_FLAME_CAPTURES: folder } : env
  const ended = await runTrap(node, 'workerLimitCount', folder, { env: own })
  const [error, blocks, cpu] = ended.stdout.split('\n')
  endsWith(ended, 0, ended.stdout)
  assert.equal(error, 'error ERR_WORKER_OUT_OF_MEMORY')
  return { blocks: Number(blocks), cpu: Number(cpu) }
})

/** @param {Ended} ended @param {number} code @param {string} stdout */
function endsWith (ended, code, stdout) {
  assert.deepStrictEqual([ended.code, ended.signal, ended.stdout], [code, null, stdout], ended.stderr)
}

/** @returns {string} a library under which the time of day stands still */
function stillClock () {
  const file = path.join(built, 'still_clock.so')
  if (!fs.existsSync(file)) execFileSync('cc', ['-shared', '-fPIC', '-o', file, preload('still_clock.c')])
  return file
}

/** @param {string} stderr @returns {string[]} the messages of shap-flame */
const messages = stderr => stderr.split('\n').filter(line => line.startsWith('shap-flame:') && !line.startsWith('shap-flame: labels '))

/** @param {import('../support/profiled-process.js').Capture[]} captures @param {string} name */
const withFunction = (captures, name) => captures.filter(({ functions }) => functions.includes(name))

/** @type {Record<string, (node: NodeLine) => Promise<void>>} */
const TRAPS = {
  async 'sampling still runs at the normal end' (node) {
    endsWith(await library(node, 'noStop'), 0, 'done\n')
  },
  async 'sampling still runs at process.exit' (node) {
    endsWith(await library(node, 'noStopExit'), 6, '')
  },
  async 'start() after another sampler is refused, and the app runs on' (node) {
    endsWith(await library(node, 'foreign'), 0, 'ERR_SHAP_FLAME_RUNNING\ndone\n')
  },
  async 'another sampler came first: one line, its samples are read' (node) {
    const ended = await preloaded(node, 'plainReachable', { env: { NODE_OPTIONS: `--require ${preload('preload-sampling.js')} --require ${REGISTER}` } })
    endsWith(ended, 0, '')
    assert.strictEqual(messages(ended.stderr).length, 1, ended.stderr)
    assert.match(ended.stderr, /another sampler came first/)
    assert.deepStrictEqual(ended.captures.map(({ state }) => state), ['ended'])
    assert.strictEqual(withFunction(ended.captures, 'trapKeeps').length, 1)
  },
  async '--heap-prof came first: one line, its profile is written, and ours of it' (node) {
    const ended = await preloaded(node, 'plainReachable', { flags: ['--heap-prof', '--heap-prof-interval=4096'] })
    endsWith(ended, 0, '')
    assert.strictEqual(messages(ended.stderr).length, 1, ended.stderr)
    assert.strictEqual(withFunction(ended.captures, 'trapKeeps').length, 1)
    assert.ok(ended.files.some(name => name.endsWith('.heapprofile')), ended.files.join())
  },
  async 'an inspector stops our sampling: one line, it begins again, what was counted stays' (node) {
    const ended = await preloaded(node, 'stopped', { env: { SHAP_FLAME_EVERY: '0.1' } })
    endsWith(ended, 0, 'done\n')
    assert.strictEqual(messages(ended.stderr).length, 1, ended.stderr)
    assert.match(ended.stderr, /sampling was stopped by other code/)
    assert.deepStrictEqual(ended.captures.map(({ state }) => state), ['ended'])
    assert.strictEqual(withFunction(ended.captures, 'beforeStop').length, 1, 'what was counted is lost')
    assert.strictEqual(withFunction(ended.captures, 'afterStop').length, 1, 'it did not begin again')
  },
  async 'an inspector stops our sampling, which is seen without checkpoints' (node) {
    const ended = await preloaded(node, 'stoppedUnseen')
    endsWith(ended, 0, 'done\n')
    assert.strictEqual(messages(ended.stderr).length, 1, ended.stderr)
    assert.strictEqual(withFunction(ended.captures, 'afterStop').length, 1, 'it did not begin again')
  },
  async 'an inspector stops our sampling and samples itself: its samples are not taken for ours' (node) {
    // ours may begin again in the moment between their stop and their start: then it is no trap
    let theirs = 1
    for (let tries = 0; tries < 3 && theirs > 0; tries++) {
      const ended = await preloaded(node, 'taken', { env: { SHAP_FLAME_EVERY: '0.1' } })
      endsWith(ended, 0, 'theirs true\ndone\n')
      assert.strictEqual(messages(ended.stderr).length, 1, ended.stderr)
      assert.deepStrictEqual(ended.captures.map(({ state }) => state), ['ended'])
      assert.strictEqual(withFunction(ended.captures, 'beforeStop').length, 1, 'what was counted is lost')
      theirs = withFunction(ended.captures, 'afterStop').length
    }
    assert.strictEqual(theirs, 0, 'theirs was taken for ours')
  },
  async 'another sampler came and went: memory is bounded as before' (node) {
    const ended = await library(node, 'boundAfterOther', { flags: ['--expose-gc'] })
    assert.strictEqual(ended.code, 0, ended.stderr)
    const grown = Number(ended.stdout)
    assert.ok(grown < 16 * 1024 * 1024, `${grown} bytes`)
  },
  async 'another sampler ran at our interval: the app\'s observer of collections stays' (node) {
    endsWith(await library(node, 'observed'), 0, 'collections are seen\n')
  },
  async 'by the inspector, sampling still runs at the normal end' (node) {
    endsWith(await library(node, 'noStop', { env: { TRAP_ENGINE: 'inspector' } }), 0, 'done\n')
  },
  async 'by the inspector, sampling still runs at process.exit' (node) {
    endsWith(await library(node, 'noStopExit', { env: { TRAP_ENGINE: 'inspector' } }), 6, '')
  },
  async 'by the inspector, another inspector stops our sampling: it begins again, what was counted stays' (node) {
    const ended = await preloaded(node, 'stopped', { env: { SHAP_FLAME_EVERY: '0.1', SHAP_FLAME_ENGINE: 'inspector', SHAP_FLAME_TYPE: 'alloc_space' } })
    endsWith(ended, 0, 'done\n')
    assert.strictEqual(messages(ended.stderr).length, 2, ended.stderr)
    assert.match(ended.stderr, /sampling was stopped by other code/)
    assert.deepStrictEqual(ended.captures.map(({ state }) => state), ['ended'])
    assert.strictEqual(withFunction(ended.captures, 'beforeStop').length, 1, 'what was counted is lost')
    assert.strictEqual(withFunction(ended.captures, 'afterStop').length, 1, 'it did not begin again')
  },
  async 'by the inspector, the app\'s own inspector is unharmed, and sees no listener but that of exit' (node) {
    const ended = await preloaded(node, 'ownInspector', { env: { SHAP_FLAME_ENGINE: 'inspector', SHAP_FLAME_QUIET: '1' } })
    endsWith(ended, 0, 'evaluated 3\nlisteners exit:1\n')
    assert.deepStrictEqual(messages(ended.stderr), [])
  },
  async 'by the inspector, memory is bounded: the sums stay, sampling goes on' (node) {
    const env = { SHAP_FLAME_ENGINE: 'inspector', SHAP_FLAME_QUIET: '1', SHAP_FLAME_MAX_PROFILER_MEMORY: '1m', SHAP_FLAME_INTERVAL: '1k', SHAP_FLAME_EVERY: '0.1' }
    const ended = await preloaded(node, 'churnInSteps', { env })
    endsWith(ended, 0, '')
    const [{ alloc, restarts }] = ended.captures
    assert.ok(Number(restarts) > 0, 'it was never restarted')
    assert.ok(alloc.churnStep > 85e6 && alloc.churnStep < 115e6, String(alloc.churnStep))
  },
  async 'memory is bounded: the sums stay, sampling goes on' (node) {
    const env = { SHAP_FLAME_QUIET: '1', SHAP_FLAME_MAX_PROFILER_MEMORY: '1m', SHAP_FLAME_INTERVAL: '1k', SHAP_FLAME_EVERY: '0.1' }
    const ended = await preloaded(node, 'churnInSteps', { env })
    endsWith(ended, 0, '')
    const [{ alloc, restarts }] = ended.captures
    assert.ok(Number(restarts) > 2, `it was restarted ${restarts} times`)
    assert.ok(alloc.churnStep > 85e6 && alloc.churnStep < 115e6, String(alloc.churnStep))
  },
  async '200 workers are terminated while they are sampled' (node) {
    const ended = await preloaded(node, 'manyWorkers', { env: { SHAP_FLAME_EVERY: '0.1', SHAP_FLAME_INTERVAL: '64k' } })
    endsWith(ended, 0, 'done\n')
    assert.deepStrictEqual(messages(ended.stderr), [])
    assert.strictEqual(withFunction(ended.captures, 'trapKeeps').length, 1)
    assert.ok(ended.captures.every(({ state }) => state === 'ended'), 'a worker did not come to its end')
  },
  async 'a worker that is terminated leaves a capture' (node) {
    await checkWorker(node, 'workerTerminate', 'exit 1\n', 'ended')
  },
  async 'a collection is forced at the end of a worker only if it is short beside its life' (node) {
    const env = { SHAP_FLAME_NO_GC: undefined }
    // A worker's life is brief on any machine where its clock stands still.
    const [brief, long] = await Promise.all([
      preloaded(node, 'workersEnd', { env: { ...env, LD_PRELOAD: stillClock() } }),
      preloaded(node, 'workersEnd', { env })
    ])
    const end = 'exit 0\nexit 0\n'
    const collected = (/** @type {typeof long} */ { captures }, /** @type {string} */ name) => withFunction(captures, name).map(capture => capture.collected)
    for (const [ended, expected] of /** @type {const} */ ([[brief, false], [long, true]])) {
      endsWith(ended, 0, end)
      assert.deepStrictEqual(['longKeeps', 'largeKeeps', 'trapKeeps'].map(name => collected(ended, name)), [[expected], [false], [true]])
    }
  },
  async 'the app sees Worker, process.abort and their errors unchanged' (node) {
    await withFolder(async folder => {
      const [without, sampled] = await Promise.all([cleanEnvironment(), preloadEnvironment(node, folder)].map(env =>
        execute(node.bin, [UNSEEN], { env }).catch(error => error)))
      assert.strictEqual(sampled.stdout, without.stdout)
      assert.strictEqual(sampled.stderr, without.stderr)
      assert.strictEqual(sampled.code, without.code)
      assert.ok(without.stdout.includes('[class Worker extends EventEmitter]'), without.stderr)
    })
  },
  async 'shap-flame neither reads nor sets what an app adds to its prototypes' (node) {
    await withFolder(async folder => {
      const [without, sampled] = await Promise.all([cleanEnvironment(), { ...preloadEnvironment(node, folder), SHAP_FLAME_EVERY: '0.1' }].map(env =>
        execute(node.bin, [PROTOTYPES], { env })))
      assert.match(without.stdout, /Array\.0 set\n(.*\n)*done\n$/)
      assert.deepStrictEqual(sampled, without)
      assert.strictEqual(withFunction(await readCaptures(folder, PROTOTYPES), 'prototypesKeep').length, 5)
    })
  },
  async 'by the inspector, only Node\'s own post() and timers meet what an app adds to its prototypes' (node) {
    await withFolder(async folder => {
      const engine = { SHAP_FLAME_EVERY: '0.1', SHAP_FLAME_ENGINE: 'inspector', SHAP_FLAME_QUIET: '1' }
      const [without, sampled] = await Promise.all([cleanEnvironment(), { ...preloadEnvironment(node, folder), ...engine }].map(env =>
        execute(node.bin, [PROTOTYPES], { env })))
      const others = (/** @type {string} */ touched) => touched.split('\n').filter(line => !/^(Object\.toJSON read|Array\.[0-9]+ set)$/.test(line))
      assert.deepStrictEqual(others(sampled.stdout), others(without.stdout))
      assert.strictEqual(sampled.stderr, without.stderr)
      assert.match(sampled.stdout, /done\n$/)
    })
  },
  async 'shap-flame calls no method that an app has replaced, in either engine' (node) {
    const settings = [{ SHAP_FLAME_ENGINE: 'native' }, { SHAP_FLAME_ENGINE: 'inspector' }, { SHAP_FLAME_CAPTURES: undefined }]
    await Promise.all(settings.map(own => withFolder(async folder => {
      const alone = 'SHAP_FLAME_CAPTURES' in own
      const env = { ...preloadEnvironment(node, folder), SHAP_FLAME_EVERY: '0.1', SHAP_FLAME_QUIET: '1', ...own, ...alone && { SHAP_FLAME_OUT_DIR: folder } }
      const { stdout, stderr } = await execute(node.bin, [REPLACED], { env })
      assert.deepStrictEqual({ stdout, stderr }, { stdout: `${alone ? 'snapshot\n' : ''}0 true true\n`, stderr: '' })
      assert.ok(withFunction(await readCaptures(folder, REPLACED), 'replacedKeeps').length > 0)
    })))
  },
  async 'children and threads with an environment of their own are sampled, however they are started' (node) {
    await withFolder(async folder => {
      await execute(node.bin, [PROTOTYPES, 'plain'], { env: preloadEnvironment(node, folder) })
      assert.strictEqual(withFunction(await readCaptures(folder, PROTOTYPES), 'prototypesKeep').length, 5)
    })
  },
  async 'the first checkpoint comes within a second of life' (node) {
    // The one after it would come 5 s later, or 60: a busy machine may take that long to start a process.
    for (const [every, most] of /** @type {const} */ ([['auto', 4500], ['60', 45000]])) {
      const ended = await preloaded(node, 'firstCheckpoint', { env: { SHAP_FLAME_EVERY: every } })
      const [life, run] = ended.stdout.split(' ').map(Number)
      assert.ok(life >= 700 && run < most, ended.stdout + ended.stderr)
    }
  },
  async 'a child of another profiled process forces a collection only with --gc, and so does its worker' (node) {
    for (const [SHAP_FLAME_GC, child] of /** @type {const} */ ([[undefined, false], ['1', true]])) {
      const ended = await preloaded(node, 'parentOfLong', { env: { SHAP_FLAME_NO_GC: undefined, SHAP_FLAME_GC } })
      endsWith(ended, 0, 'exit 4\n')
      const of = (/** @type {string} */ name) => withFunction(ended.captures, name).map(({ collected }) => collected)
      assert.deepStrictEqual({ main: of('trapKeeps'), child: of('longKeeps') }, { main: [true], child: [child] })
    }
  },
  async 'a capture is written before the final collection begins' (node) {
    for (let tries = 0; tries < 10; tries++) {
      const [first] = await stoppedAtFirstCapture(node)
      if (first.collected) continue // seen too late
      assert.deepStrictEqual([first.state, first.functions.includes('largeKeeps')], ['ended', true])
      return
    }
    assert.fail('none lies there before the collection')
  },
  async 'a worker exceeds its heap limit by no more than without shap-flame, and takes at most 100 ms more' (node) {
    /** @type {number[]} */
    const more = []
    for (let pair = 0; pair < 3; pair++) {
      const without = await growToLimit(node, cleanEnvironment())
      const sampled = await growToLimit(node, preloadEnvironment(node, ''))
      assert.ok(sampled.blocks < without.blocks * 1.3, `${sampled.blocks} blocks in place of ${without.blocks}`)
      more.push(sampled.cpu - without.cpu)
    }
    assert.ok(more.sort((a, b) => a - b)[1] < 100, `${more} ms of processor time more`)
  },
  async 'a worker that calls process.exit leaves a capture' (node) {
    await checkWorker(node, 'workerExit', 'exit 9\n', 'ended')
  },
  async 'a worker that throws leaves a capture' (node) {
    await checkWorker(node, 'workerThrow', 'error on purpose\nexit 1\n', 'ended')
  },
  async 'a worker out of memory leaves a capture, the main thread lives on' (node) {
    await checkWorker(node, 'workerLimit', 'error ERR_WORKER_OUT_OF_MEMORY\nexit 1\n', 'ended')
  },
  async 'the limit is met, memory is freed, the app runs on' (node) {
    const ended = await preloaded(node, 'limitOnce', { flags: ['--max-old-space-size=40'] })
    endsWith(ended, 0, 'done\n')
    assert.strictEqual(ended.captures[0].state, 'ended')
    assert.strictEqual(withFunction(ended.captures, 'growOnce').length, 1)
  },
  // V8 kills the process where the callback returns no more than the current limit.
  async 'the capture at the limit meets the limit itself: it is raised once more' (node) {
    for (const limit of [20, 30]) {
      const ended = await preloaded(node, 'limitAgainst', { flags: [`--max-old-space-size=${limit}`] })
      endsWith(ended, 0, ended.stdout)
      assert.strictEqual(ended.captures[0].state, 'ended')
      const raised = Number(/^raised by ([\d.]+)\n$/.exec(ended.stdout)?.[1])
      assert.ok(raised >= 32, ended.stdout)
    }
  },
  async 'the limit is met a second time' (node) {
    const ended = await preloaded(node, 'limitTwice', { flags: ['--max-old-space-size=40', '--expose-gc'], env: { SHAP_FLAME_EVERY: '0.1' } })
    assert.strictEqual(ended.stdout, 'the limit is back\n')
    assert.ok(ended.signal === 'SIGABRT' || ended.signal === 'SIGTRAP', ended.stderr)
    assert.strictEqual(ended.captures[0].state, 'heap limit')
    assert.strictEqual(withFunction(ended.captures, 'growAgain').length, 1)
  },
  async 'the limit is met a second time, without checkpoints' (node) {
    const ended = await preloaded(node, 'limitTwice', { flags: ['--max-old-space-size=40', '--expose-gc'] })
    assert.strictEqual(ended.stdout, 'the limit is back\n')
    assert.strictEqual(ended.captures[0].state, 'heap limit')
    assert.strictEqual(withFunction(ended.captures, 'growAgain').length, 1)
  },
  async 'a worker meets its limit a second time, the main thread lives on' (node) {
    await checkWorker(node, 'workerLimitTwice', 'error ERR_WORKER_OUT_OF_MEMORY\nexit 1\n', 'ended')
  },
  async 'v8.setHeapSnapshotNearHeapLimit is called later: its snapshot and our capture' (node) {
    const ended = await preloaded(node, 'limitSnapshot', { flags: ['--max-old-space-size=40'] })
    assert.ok(ended.signal === 'SIGABRT' || ended.signal === 'SIGTRAP', ended.stderr)
    assert.ok(ended.files.some(name => name.endsWith('.heapsnapshot')), ended.files.join())
    assert.strictEqual(withFunction(ended.captures, 'growAgain').length, 1)
  },
  async 'the app sets another limit by a flag, then meets its limit' (node) {
    const ended = await preloaded(node, 'limitFlags', { flags: ['--max-old-space-size=40'] })
    assert.ok(ended.signal === 'SIGABRT' || ended.signal === 'SIGTRAP', ended.stderr)
    assert.strictEqual(withFunction(ended.captures, 'growAgain').length, 1)
  },
  async 'a function whose name holds quotes meets the limit' (node) {
    const ended = await preloaded(node, 'limitQuoted', { flags: ['--max-old-space-size=40'] })
    assert.strictEqual(ended.captures[0].state, 'heap limit')
    assert.strictEqual(withFunction(ended.captures, 'growAgain').length, 1)
    assert.deepStrictEqual(messages(ended.stderr), [])
  },
  async 'captures during collections' (node) {
    for (const flags of [['--stress-compaction'], ['--stress-scavenge=20', '--stress-marking=20'], ['--gc-global']]) {
      const ended = await preloaded(node, 'collecting', { flags, env: { SHAP_FLAME_EVERY: '0.1', SHAP_FLAME_KEEP: '100' } })
      endsWith(ended, 0, 'done\n')
      assert.deepStrictEqual(messages(ended.stderr), [])
      const numbered = ended.files.filter(name => /\.\d+\.shfc$/.test(name)).length
      assert.ok(numbered >= 3, `${numbered} snapshots with ${flags.join(' ')}`)
    }
  },
  async 'interval and depth of 0 are refused, and the app runs on' (node) {
    const refused = 'RangeError ERR_SHAP_FLAME_ARGUMENT\n'
    endsWith(await library(node, 'zeros'), 0, `${refused.repeat(5)}done\n`)
    for (const name of ['SHAP_FLAME_INTERVAL', 'SHAP_FLAME_DEPTH']) {
      const ended = await preloaded(node, 'plain', { env: { [name]: '0' } })
      endsWith(ended, 0, '')
      assert.strictEqual(messages(ended.stderr).length, 1, ended.stderr)
    }
  },
  async '--heapsnapshot-near-heap-limit=1 still writes its snapshot' (node) {
    const ended = await preloaded(node, 'limitOnlyGrow', { flags: ['--max-old-space-size=40', '--heapsnapshot-near-heap-limit=1'] })
    assert.ok(ended.signal === 'SIGABRT' || ended.signal === 'SIGTRAP', ended.stderr)
    assert.ok(ended.files.some(name => name.endsWith('.heapsnapshot')), ended.files.join())
    assert.strictEqual(ended.captures[0].state, 'heap limit')
  },
  async 'interval 1' (node) {
    const ended = await preloaded(node, 'plain', { env: { SHAP_FLAME_INTERVAL: '1' } })
    endsWith(ended, 0, '')
    assert.strictEqual(withFunction(ended.captures, 'trapKeeps').length, 1)
  },
  async 'depth 1' (node) {
    const ended = await preloaded(node, 'plain', { env: { SHAP_FLAME_DEPTH: '1' } })
    endsWith(ended, 0, '')
    assert.strictEqual(withFunction(ended.captures, 'trapKeeps').length, 1)
  },
  async 'depth 100000' (node) {
    const ended = await preloaded(node, 'plain', { env: { SHAP_FLAME_DEPTH: '100000' } })
    endsWith(ended, 0, '')
    assert.strictEqual(withFunction(ended.captures, 'trapKeeps').length, 1)
  },
  async 'started and stopped 1,000 times, memory does not grow' (node) {
    const ended = await library(node, 'restart', { flags: ['--expose-gc'] })
    assert.strictEqual(ended.code, 0, ended.stderr)
    const grown = Number(ended.stdout)
    assert.ok(grown < 8 * 1024 * 1024, `${grown} bytes`)
  },
  async 'an earlier handler keeps its signal' (node) {
    const env = { NODE_OPTIONS: `--require ${preload('preload-sigterm-handler.js')} --require ${REGISTER}` }
    const ended = await preloaded(node, 'handled', { env, meanwhile: signalWhenReady(['SIGTERM']) })
    endsWith(ended, 8, 'ready\nhandled\n')
    assert.strictEqual(ended.captures[0].state, 'ended')
  },
  async 'a signal that the app sends itself and survives does not end the profile' (node) {
    const ended = await preloaded(node, 'signalsItself', { env: { SHAP_FLAME_SIGNAL: 'SIGUSR2' } })
    endsWith(ended, 0, 'handled\ndone\n')
    assert.deepStrictEqual(messages(ended.stderr), [])
    assert.deepStrictEqual(withFunction(ended.captures, 'trapKeeps').map(({ state }) => state).filter(state => state !== 'running'), ['ended'])
    const exited = await preloaded(node, 'signalsItselfThenExits')
    endsWith(exited, 3, '')
    assert.deepStrictEqual(withFunction(exited.captures, 'trapKeeps').map(({ state }) => state), ['ended'])
  },
  async 'two signals at once' (node) {
    const ended = await preloaded(node, 'handled', { meanwhile: signalWhenReady(['SIGTERM', 'SIGTERM', 'SIGTERM']) })
    assert.strictEqual(ended.signal, 'SIGTERM', ended.stderr)
    assert.strictEqual(withFunction(ended.captures, 'trapKeeps').length, 1)
  },
  async 'a signal ends a main thread that is stuck in native code' (node) {
    const begun = Date.now()
    const ended = await preloaded(node, 'stuck', { meanwhile: signalWhenReady(['SIGTERM']) })
    assert.strictEqual(ended.signal, 'SIGTERM', ended.stderr)
    assert.ok(Date.now() - begun < 40000, 'it took too long')
  }
}

/** @param {NodeJS.Signals[]} signals @returns {Run['meanwhile']} */
function signalWhenReady (signals) {
  return async (child, out) => {
    await until(() => out().includes('ready\n') || child.exitCode !== null, 'ready')
    for (const signal of signals) child.kill(signal)
  }
}

/** @param {NodeLine} node @param {string} name @param {string} stdout @param {string} state */
async function checkWorker (node, name, stdout, state) {
  const ended = await preloaded(node, name)
  endsWith(ended, 0, stdout)
  assert.deepStrictEqual(messages(ended.stderr), [])
  assert.deepStrictEqual(withFunction(ended.captures, 'workerKeeps').map(capture => capture.state), [state])
  assert.strictEqual(withFunction(ended.captures, 'trapKeeps').length, 1)
}

describe('traps', { concurrency: 2 }, () => {
  for (const major of Object.keys(VERSIONS).map(Number)) {
    const test = testsOf(major)
    for (const [name, body] of Object.entries(TRAPS)) test(name, body)
  }
})
