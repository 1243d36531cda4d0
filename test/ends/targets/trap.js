'use strict'
/** Programs that other profilers fell over: `trap.js NAME`. */
const { fork } = require('node:child_process')
const fs = require('node:fs')
const inspector = require('node:inspector')
const v8 = require('node:v8')
const { Worker, isMainThread, parentPort, workerData, resourceLimits } = require('node:worker_threads')

/** @param {string} line */
const say = (line) => fs.writeSync(1, `${line}\n`)
/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
/** Waits for a checkpoint that is written from now on; the parent's patience ends it. */
async function checkpointed() {
  const now = Date.now()
  const written = () => fs.readdirSync('.').filter((name) => name.endsWith('.shfc')).some((name) => fs.statSync(name).mtimeMs > now)
  while (!written()) await pause(50)
}
const library = () => require('../../..')

/** @type {unknown[]} */
let kept = []

function trapKeeps() {
  for (let i = 0; i < 12000; i++) kept.push(new Array(16).fill(i))
}

function beforeStop() {
  for (let i = 0; i < 12000; i++) kept.push(new Array(16).fill(i))
}

function afterStop() {
  for (let i = 0; i < 12000; i++) kept.push(new Array(16).fill(i))
}

/** A million bytes: 1000 arrays of 6 and 119 words. */
function churnStep() {
  for (let i = 0; i < 1000; i++) kept = [new Array(119).fill(i)]
}

function growOnce() {
  const before = v8.getHeapStatistics().heap_size_limit
  while (v8.getHeapStatistics().heap_size_limit === before) for (let i = 0; i < 100; i++) kept.push(new Array(64).fill(i))
  return before
}

function growAgain() {
  for (;;) kept.push(new Array(64).fill(kept.length))
}

/** For a capture V8 makes a table of the lines of each script that allocates. */
function growInScripts() {
  const line = 'for (let i = 0; i < 10; i++) kept.push(new Array(64).fill(i))'
  const scripts = Array.from({ length: 50 }, () => new Function('kept', '\n'.repeat(1000) + line))
  const limit = () => v8.getHeapStatistics().heap_size_limit
  const before = limit()
  while (limit() === before) for (const script of scripts) script(kept)
  return limit() - before
}

/** Node 26 does not end a worker that grows in a loop which never returns. */
function growInSteps() {
  for (let i = 0; i < 1000; i++) kept.push(new Array(64).fill(i))
  setImmediate(growInSteps)
}

/** @param {Int32Array} count of blocks of half a kilobyte */
function growCounted(count) {
  for (let i = 0; i < 100; i++) kept.push(new Array(64).fill(i))
  Atomics.add(count, 0, 100)
  setImmediate(growCounted, count)
}

function longKeeps() {
  for (let i = 0; i < 2000; i++) kept.push(new Array(16).fill(i))
}

function largeKeeps() {
  Object.assign(globalThis, { kept })
  for (let i = 0; i < 160000; i++) kept.push(new Array(16).fill(i))
}

/** @type {Record<string, () => void>} */
const quoted = {
  ["it's \"quoted\" \\ \n%s"]() {
    growAgain()
  },
}

/** @param {string} method @param {object} [params] */
function post(method, params = {}) {
  const session = new inspector.Session()
  session.connect()
  return new Promise((resolve, reject) => {
    session.post(method, params, (error, answer) => {
      session.disconnect()
      if (error) reject(error)
      else resolve(answer)
    })
  })
}

/** @param {string} role @param {object} [options] */
function startWorker(role, options = {}) {
  const worker = new Worker(__filename, { workerData: role, ...options })
  const over = new Promise((resolve) => {
    worker.once('error', (error) => say(`error ${/** @type {any} */ (error).code ?? error.message}`))
    worker.once('exit', (code) => resolve(code))
  })
  return { worker, over, ready: new Promise((resolve) => worker.once('message', resolve)) }
}

/** @param {string} role @param {object} [options] */
async function seeWorkerEnd(role, options) {
  const { worker, over, ready } = startWorker(role, options)
  await ready
  if (role === 'spin' || role === 'idle') worker.terminate()
  else worker.postMessage('go')
  say(`exit ${await over}`)
  trapKeeps()
}

/** Ours is stopped, and another samples while `work` runs. @param {() => void} work */
function whileTaken(work) {
  const session = new inspector.Session()
  session.connect()
  session.post('HeapProfiler.stopSampling')
  session.post('HeapProfiler.startSampling', { samplingInterval: 1e6 })
  work()
  session.post('HeapProfiler.stopSampling')
  session.disconnect()
}

/** @param {number} steps */
function churnSteps(steps) {
  for (let i = 0; i < steps; i++) churnStep()
}

function rssCollected() {
  for (let i = 0; i < 3; i++) /** @type {any} */ (global).gc()
  return process.memoryUsage.rss()
}

/** @type {Record<string, () => unknown>} */
const TRAPS = {
  plain: trapKeeps,
  plainReachable() {
    Object.assign(globalThis, { kept })
    trapKeeps()
  },
  async noStop() {
    await library().start({ interval: 1024, engine: process.env.TRAP_ENGINE })
    trapKeeps()
    say('done')
  },
  async noStopExit() {
    await library().start({ interval: 1024, engine: process.env.TRAP_ENGINE })
    trapKeeps()
    process.exit(6)
  },
  async foreign() {
    const session = new inspector.Session()
    session.connect()
    session.post('HeapProfiler.enable')
    session.post('HeapProfiler.startSampling')
    await library().start().catch((/** @type {any} */ error) => say(error.code))
    trapKeeps()
    say('done')
  },
  async stopped() {
    beforeStop()
    await checkpointed()
    await post('HeapProfiler.stopSampling')
    await pause(300)
    await checkpointed()
    afterStop()
    say('done')
  },
  async stoppedUnseen() {
    await post('HeapProfiler.stopSampling')
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 30000; i++) kept = [new Array(16).fill(i)]
      await pause(20)
    }
    afterStop()
    say('done')
  },
  async taken() {
    beforeStop()
    await checkpointed()
    const session = new inspector.Session()
    session.connect()
    session.post('HeapProfiler.stopSampling')
    session.post('HeapProfiler.startSampling', { samplingInterval: 4096 })
    afterStop()
    await pause(700)
    session.post('HeapProfiler.stopSampling', (error, answer) => say(error ? error.message : `theirs ${answer.profile.samples.length > 100}`))
    say('done')
  },
  async ownInspector() {
    trapKeeps()
    const answer = /** @type {any} */ (await post('Runtime.evaluate', { expression: '1 + 2' }))
    say(`evaluated ${answer.result.value}`)
    const names = process.eventNames().map(String).filter((name) => process.listenerCount(name) > 0 && name !== 'newListener' && name !== 'removeListener' && name !== 'warning')
    say(`listeners ${names.map((name) => `${name}:${process.listenerCount(name)}`).join()}`)
  },
  async churnInSteps() {
    for (let step = 0; step < 100; step++) {
      churnStep()
      await pause(5)
    }
  },
  async manyWorkers() {
    for (let round = 0; round < 10; round++) {
      const started = Array.from({ length: 20 }, (_, at) => startWorker(['spin', 'idle', 'churn', 'churn'][at % 4]))
      if (round % 2 === 0) await Promise.all(started.map(({ ready }) => ready))
      await Promise.all(started.map(({ worker }) => worker.terminate()))
    }
    trapKeeps()
    say('done')
  },
  /** One that lives but a moment, one that lives long, one that does and is large. */
  async workersEnd() {
    await Promise.all(['brief', 'long', 'large'].map((role) => seeWorkerEnd(role)))
  },
  async limitTwice() {
    const before = growOnce()
    kept = []
    for (let waited = 0; v8.getHeapStatistics().heap_size_limit > before && waited < 10000; waited += 100) {
      /** @type {any} */ (global).gc()
      await pause(100)
    }
    say(v8.getHeapStatistics().heap_size_limit > before ? 'the limit stays up' : 'the limit is back')
    growAgain()
  },
  /** Of none of them it dies: it has no action, is asked for something, or has a handler. */
  async signalsItself() {
    process.on('SIGUSR1', () => say('handled'))
    for (const signal of ['SIGWINCH', 'SIGCONT', 'SIGURG', 'SIGCHLD', 'SIGUSR1', 'SIGUSR2', 'SIGPIPE', 'SIGXFSZ']) process.kill(process.pid, signal)
    process.kill(process.pid, 0)
    process.kill(/** @type {any} */ (String(process.pid)), 'SIGWINCH')
    process.kill(0, 'SIGWINCH')
    const { _kill } = /** @type {any} */ (process)
    _kill(process.pid, 28)
    await new Promise((resolve) => new Worker('process.kill(process.pid, "SIGWINCH")', { eval: true }).once('exit', resolve))
    trapKeeps()
    say('done')
  },
  async signalsItselfThenExits() {
    process.kill(process.pid, 'SIGWINCH')
    trapKeeps()
    const { reallyExit } = /** @type {any} */ (process)
    reallyExit(3)
  },
  async firstCheckpoint() {
    trapKeeps()
    await checkpointed()
    say(String(Math.round(performance.now())))
  },
  async parentOfLong() {
    trapKeeps()
    const child = fork(__filename, ['childOfLong'])
    say(`exit ${await new Promise((resolve) => child.once('exit', resolve))}`)
  },
  async childOfLong() {
    Object.assign(globalThis, { kept })
    longKeeps()
    await new Promise((resolve) => new Worker(__filename, { workerData: 'brief' }).once('message', resolve))
    process.exit(4)
  },
  /** A collection takes long enough to be seen. */
  largeEnd() {
    for (let i = 0; i < 12; i++) largeKeeps()
  },
  /** What the worker has come to when it is ended. */
  async workerLimitCount() {
    const count = new Int32Array(new SharedArrayBuffer(4))
    const { worker, over } = startWorker('growCounted', { resourceLimits: { maxOldGenerationSizeMb: 10, maxYoungGenerationSizeMb: 2 }, env: process.env })
    worker.postMessage(count)
    await over
    say(String(count[0]))
  },
  limitOnlyGrow: growAgain,
  limitSnapshot() {
    v8.setHeapSnapshotNearHeapLimit(1)
    growAgain()
  },
  limitFlags() {
    v8.setFlagsFromString('--max-old-space-size=60')
    growAgain()
  },
  limitQuoted: quoted["it's \"quoted\" \\ \n%s"],
  async collecting() {
    trapKeeps()
    const numbered = () => fs.readdirSync('.').filter((name) => /\.\d+\.shfc$/.test(name)).length
    /** @type {any} */
    let last
    for (let end = Date.now() + 1500; Date.now() < end;) {
      for (let i = 0; i < 100; i++) last = [new Array(100).fill(i), String(i).repeat(3)]
      if (last.length === 2) await Promise.resolve()
      if (Date.now() >= end && numbered() < 3) end += 200 // a slow machine: the parent's patience ends it
    }
    say('done')
  },
  async zeros() {
    const shap = library()
    for (const options of [{ interval: 0 }, { depth: 0 }, { interval: -1 }, { depth: 100001 }, { interval: NaN }]) {
      await shap.start(options).catch((/** @type {any} */ error) => say(`${error.name} ${error.code}`))
    }
    trapKeeps()
    say('done')
  },
  workerLimitTwice: () => seeWorkerEnd('growTwice', { resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 } }),
  async limitOnce() {
    growOnce()
    kept = []
    trapKeeps()
    say('done')
  },
  limitAgainst() {
    const raised = growInScripts()
    kept = []
    trapKeeps()
    say(`raised by ${raised / 1048576}`)
  },
  async restart() {
    const shap = library()
    const rounds = async (/** @type {number} */ count) => {
      for (let i = 0; i < count; i++) {
        await shap.start({ interval: 16384 })
        kept = []
        for (let at = 0; at < 200; at++) kept.push(new Array(16).fill(at))
        for (let at = 0; at < 4; at++) kept.push(Buffer.alloc(40000))
        if (i % 50 === 0) (await shap.capture()).free()
        await shap.stop()
        kept.push(Buffer.alloc(40000))
      }
      for (let i = 0; i < 3; i++) /** @type {any} */ (global).gc()
      return process.memoryUsage.rss()
    }
    // A leak grows each time; what the allocator holds back goes up and down by as much as it.
    let least = Infinity
    for (let before = await rounds(1000), tries = 0; tries < 4 && least > 2e6; tries++) {
      const after = await rounds(1000)
      least = Math.min(least, after - before)
      before = after
    }
    say(String(least))
  },
  async boundAfterOther() {
    const shap = library()
    await shap.start({ interval: 512, maxProfilerMemory: 4e6, offheap: false })
    churnSteps(1)
    const first = await shap.capture()
    first.free()
    whileTaken(() => churnSteps(300))
    churnSteps(100)
    const before = rssCollected()
    churnSteps(1000)
    say(String(rssCollected() - before))
  },
  async observed() {
    const { PerformanceObserver } = require('node:perf_hooks')
    let seen = 0
    new PerformanceObserver((list) => { seen += list.getEntries().length }).observe({ entryTypes: ['gc'] })
    const shap = library()
    await shap.start({ interval: 4096, maxProfilerMemory: 2e5, offheap: false })
    const captured = async () => (await shap.capture()).free()
    churnSteps(1)
    await captured()
    const session = new inspector.Session()
    session.connect()
    session.post('HeapProfiler.stopSampling')
    session.post('HeapProfiler.startSampling', { samplingInterval: 4096, includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true })
    await captured().catch(() => {})
    churnSteps(100)
    for (let i = 0; i < 1e6; i++) kept = []
    session.post('HeapProfiler.stopSampling')
    await captured()
    await shap.stop()
    await pause(50)
    const before = seen
    churnSteps(100)
    await pause(50)
    say(seen > before ? 'collections are seen' : 'the observer is gone')
  },
  workerTerminate: () => seeWorkerEnd('spin'),
  workerExit: () => seeWorkerEnd('exit'),
  workerThrow: () => seeWorkerEnd('throw'),
  workerLimit: () => seeWorkerEnd('grow', { resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 } }),
  handled() {
    trapKeeps()
    setInterval(() => {}, 1000)
    say('ready')
  },
  stuck() {
    trapKeeps()
    say('ready')
    require('node:child_process').spawnSync('sleep', ['20'], { stdio: 'ignore' })
  },
}

/** V8 13 and later do not interrupt a loop that only allocates. */
function churn() {
  for (let i = 0; i < 100; i++) kept = [new Array(1000).fill({}), kept.length]
  setImmediate(churn)
}

/** @type {Record<string, (message: any) => unknown>} */
const WORKERS = {
  growCounted: growCounted,
  brief() {},
  long: () => pause(1500),
  large: () => pause(1500),
  exit: () => process.exit(9),
  throw() {
    throw new Error('on purpose')
  },
  grow: growInSteps,
  growTwice() {
    growOnce()
    kept = []
    setTimeout(growInSteps, 200)
  },
}

/** @type {Record<string, () => void>} */
const KEEPS = { churn() {}, growCounted() {}, long: longKeeps, large: largeKeeps }

function workerKeeps() {
  for (let i = 0; i < (resourceLimits?.maxOldGenerationSizeMb === 24 ? 2000 : 12000); i++) kept.push(new Array(16).fill(i))
}

if (isMainThread) TRAPS[process.argv[2]]()
else {
  const keep = KEEPS[workerData] ?? workerKeeps
  keep()
  parentPort?.postMessage('ready')
  if (workerData === 'spin') for (let i = 0; ; i++) if (i < 0) break
  if (workerData === 'churn') churn()
  parentPort?.once('message', (message) => WORKERS[workerData](message))
}
