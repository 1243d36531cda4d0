'use strict'
/** `shap-flame attach`, on every Node line: what it finds, and what it leaves behind. */
const assert = require('node:assert/strict')
const { once } = require('node:events')
const fs = require('node:fs')
const net = require('node:net')
const path = require('node:path')
const { isDeepStrictEqual } = require('node:util')
const { test } = require('node:test')

const { VERSIONS, nodes } = require('../../csrc/tools/node_lines.js')
const { until, cleanEnvironment, withFolder, testsOf } = require('../support/profiled-process.js')
const { CLI, FIXTURES, WAITS, Started, attach, own, ports, refuses, sampling, withServer, withTarget } = require('../support/attach.js')

/** @param {string} folder @returns {number[]} when the captures that wait in it were written */
function captureTimes (folder) {
  const below = fs.readdirSync(folder).filter(name => name.startsWith('shap-flame-')).map(name => path.join(folder, name))
  return below.flatMap(from => fs.readdirSync(from).filter(name => name.endsWith('.shfc')).map(name => fs.statSync(path.join(from, name)).mtimeMs))
}

/** @param {string} folder @param {string} file @param {string} [type] */
async function topOf (folder, file, type = 'inuse_space') {
  const profile = await require('../..').read(path.join(folder, file))
  const [first] = profile.top(1, type)
  profile.free()
  return first
}

/** Has 20 MB of them at the start, and prints a dot for each that it keeps. */
const BUFFERS = `console.log('ready')
  const kept = [Buffer.alloc(20e6)]
  setInterval(function leakBuffers() { kept.push(Buffer.alloc(65536, 1)); process.stdout.write('.') }, 5)`

/** Samples itself until SIGUSR2, and prints V8's tag for code that is compiled with its flags. */
const FLAGGED = `const { Session } = require('node:inspector')
  const session = new Session()
  session.connect()
  session.post('HeapProfiler.startSampling')
  process.once('SIGUSR2', () => { session.post('HeapProfiler.stopSampling'); session.disconnect(); console.log('stopped') })
  console.log('ready')
  setInterval(() => console.log(require('node:v8').cachedDataVersionTag()), 20)`

for (const major of Object.keys(VERSIONS).map(Number)) {
  const on = testsOf(major)

  on('the function that leaks is on top, and the server answers on', node => withFolder(folder => withServer(node.bin, async target => {
    await target.load(20)
    const cli = attach(target.pid, ['--interval', '4k', '--pprof', 'o.pb.gz'], folder, node.bindings)
    await sampling(cli)
    const before = Number(await target.get())
    await target.load()
    const grown = Number(await target.get()) - before + 1
    cli.process.kill('SIGINT')
    assert.deepEqual(await cli.end, { code: 0, signal: null }, cli.err)
    const top = await topOf(folder, 'o.pb.gz')
    assert.equal(top.name, 'leakArray')
    const share = top.self.inuse_space / (grown * 8000)
    assert.ok(share > 0.7 && share < 1.4, `leakArray has ${share} of what it kept`)
    assert.match(await target.get(), /^\d+$/)
    assert.equal(target.out.split('\n').length, 2)
    const foreign = target.err.split('\n').filter(line => line && !/^(Debugger|For help)/.test(line))
    assert.deepEqual(foreign, [])
  })))

  on('nothing is left: no listener, timer, module, thread, port or file', node => withFolder(folder => withServer(node.bin, async target => {
    await target.load(5)
    const before = { state: await target.get('/state'), threads: target.threads(), ports: ports(target) }
    const cli = attach(target.pid, ['--folded', 'o.folded'], folder, node.bindings)
    await sampling(cli)
    // Node opens it anew in its loop, where it was asked to amid JavaScript: then it is closed again.
    await until(() => isDeepStrictEqual(ports(target), before.ports), 'the inspector to be closed')
    assert.equal(cli.process.exitCode, null, 'the inspector is open while it samples')
    cli.process.kill('SIGINT')
    assert.equal((await cli.end).code, 0, cli.err)
    await until(() => target.threads() === before.threads, 'the threads of before')
    assert.deepEqual(JSON.parse(await target.get('/state')), JSON.parse(before.state))
    assert.deepEqual(ports(target), before.ports)
    assert.deepEqual(fs.readdirSync(folder), ['o.folded'])
    target.process.kill('SIGTERM')
    assert.deepEqual(await target.end, { code: null, signal: 'SIGTERM' })
  })))

  on('--lines knows the line that leaks, and prints how long the process will pause and how long it did', node => withFolder(folder => withServer(node.bin, async target => {
    const cli = attach(target.pid, ['--lines', '--max-pause', '60000', '--interval', '4k', '--json', 'o.json'], folder, node.bindings)
    await sampling(cli)
    await target.load(50)
    cli.process.kill('SIGINT')
    assert.equal((await cli.end).code, 0, cli.err)
    const { functions, meta } = JSON.parse(fs.readFileSync(path.join(folder, 'o.json'), 'utf8'))
    const { lines } = functions.find((/** @type {any} */ row) => row.name === 'leakArray')
    assert.ok(lines, `${meta.lines}\n${cli.err}`)
    const most = lines.reduce((/** @type {any} */ a, /** @type {any} */ b) => b.total.inuse_space > a.total.inuse_space ? b : a)
    assert.equal(most.line, 15)
    assert.match(cli.err, new RegExp(`^shap-flame: --lines pauses process ${target.pid} for about \\d+ ms, for its heap of [0-9.]+ MB$`, 'm'))
    assert.match(cli.err, /^shap-flame: the pause took \d+ ms$/m)
  })))

  on('--lines is refused where the pause would be longer than --max-pause, and the process is not sampled', node => withFolder(folder => withServer(node.bin, async target => {
    const before = { threads: target.threads(), ports: ports(target) }
    const cli = attach(target.pid, ['--lines', '--max-pause', '0'], folder, node.bindings)
    const { code } = await cli.end
    assert.equal(code, 65)
    assert.match(cli.err, new RegExp(`^shap-flame: --lines would pause process ${target.pid} for about (\\d+) ms, for its heap of [0-9.]+ MB; --max-pause \\1 allows it\n$`))
    await until(() => isDeepStrictEqual(ports(target), before.ports), 'the inspector to be closed')
    assert.equal(target.threads(), before.threads)
    const other = attach(target.pid, ['--duration', '0.3', '--quiet', '--folded', 'o.folded'], folder, node.bindings)
    assert.equal((await other.end).code, 0, other.err)
  })))

  on('--v8-flags are set in a process that is sampled, not in one that is refused', node => withFolder(folder => (
    withTarget(node.bin, ['--inspect-port=0', '-e', FLAGGED], async target => {
      const tag = async () => {
        const printed = target.out.length
        await until(() => /\d+\n/.test(target.out.slice(printed)), 'the tag of the flags')
        return Number(target.out.trim().split('\n').at(-1))
      }
      const before = await tag()
      const attached = (/** @type {string[]} */ ...more) => attach(target.pid, ['--lines', '--v8-flags', '--max-pause', '60000', '--folded', 'o.folded', ...more], folder, node.bindings)
      await refuses(attached('--quiet'), `process ${target.pid} is already sampled by another profiler or another shap-flame attach`)
      assert.equal(await tag(), before)
      target.process.kill('SIGUSR2')
      await until(() => target.out.includes('stopped'), 'the end of the other sampler')
      const cli = attached()
      await sampling(cli)
      assert.equal(await tag() === before, major === 20)
      cli.process.kill('SIGINT')
      assert.equal((await cli.end).code, 0, cli.err)
    })
  )))

  on('once more, and not while another is attached', node => withFolder(folder => withServer(node.bin, async target => {
    const first = attach(target.pid, ['--folded', 'a.folded'], folder, node.bindings)
    await sampling(first)
    const second = attach(target.pid, [], folder, node.bindings)
    await refuses(second, `process ${target.pid} is already sampled by another profiler or another shap-flame attach`)
    first.process.kill('SIGTERM')
    assert.equal((await first.end).code, 0, first.err)
    const third = attach(target.pid, ['--duration', '0.3', '--quiet', '--folded', 'b.folded'], folder, node.bindings)
    assert.equal((await third.end).code, 0, third.err)
    assert.equal(third.err, '')
  })))

  on('an attach that is killed leaves nothing behind', node => withFolder(folder => withServer(node.bin, async target => {
    const before = target.threads()
    const cli = attach(target.pid, ['--folded', 'a.folded'], folder, node.bindings)
    await sampling(cli)
    cli.process.kill('SIGKILL')
    await cli.end
    await until(() => target.threads() === before, 'the threads of before')
    const again = attach(target.pid, ['--duration', '0.3', '--folded', 'b.folded'], folder, node.bindings)
    assert.equal((await again.end).code, 0, again.err)
    assert.match(await target.get(), /^\d+$/)
  })))

  on('a process that exits meanwhile: its profile, and its own status', node => withFolder(folder => withServer(node.bin, async target => {
    const cli = attach(target.pid, ['--interval', '4k', '--pprof', 'o.pb.gz'], folder, node.bindings)
    await sampling(cli)
    await target.load()
    await target.get('/exit').catch(() => {})
    assert.deepEqual(await target.end, { code: 7, signal: null })
    assert.equal((await cli.end).code, 0)
    assert.match(cli.err, new RegExp(`process ${target.pid} ended while it was sampled`))
    assert.equal((await topOf(folder, 'o.pb.gz', 'alloc_space')).name, 'leakArray')
  })))

  on('a signal that it sends itself and survives is not its end', node => withFolder(folder => withServer(node.bin, async target => {
    const cli = attach(target.pid, ['--interval', '4k', '--pprof', 'o.pb.gz'], folder, node.bindings)
    await sampling(cli)
    await target.get('/winch')
    await target.load()
    cli.process.kill('SIGINT')
    assert.equal((await cli.end).code, 0, cli.err)
    const { name, self } = await topOf(folder, 'o.pb.gz', 'alloc_space')
    assert.equal(name, 'leakArray')
    assert.ok(self.alloc_space > 0.7 * 151 * 8000, `${self.alloc_space} bytes`)
  })))

  on('a loop that runs dry while it is sampled, or after: its profile, and its own status', node => withFolder(async folder => {
    for (const after of [false, true]) {
      await withServer(node.bin, async target => {
        const cli = attach(target.pid, ['--interval', '4k', '--pprof', 'o.pb.gz'], folder, node.bindings)
        await sampling(cli)
        await target.load()
        if (after) {
          cli.process.kill('SIGINT')
          assert.equal((await cli.end).code, 0, cli.err)
        }
        await target.get('/end')
        assert.deepEqual(await target.end, { code: 0, signal: null }, target.err)
        assert.equal((await cli.end).code, 0, cli.err)
        assert.equal((await topOf(folder, 'o.pb.gz', 'alloc_space')).name, 'leakArray')
      })
    }
  }))

  on('Buffers are sampled too, each time, and held against what Node counts and what was there', node => withFolder(folder => (
    withTarget(node.bin, ['--inspect-port=0', '-e', BUFFERS], async target => {
      for (let time = 0; time < 2; time++) {
        const cli = attach(target.pid, ['--interval', '16k'], folder, node.bindings)
        await sampling(cli)
        const begun = target.out.length
        await until(() => target.out.length > begun + 100, '100 blocks')
        cli.process.kill('SIGINT')
        assert.equal((await cli.end).code, 0, cli.err)
        assert.doesNotMatch(cli.err, /ArrayBuffers are not sampled/)
        const [, sampled, counted, before] = (/off-heap: (\S+) .* in use; Node counts (\S+) MB of ArrayBuffers, (\S+) MB when sampling began/.exec(cli.err) ?? []).map(Number)
        assert.ok(before >= 20 && counted > before + 6, cli.err)
        const share = sampled / (counted - before)
        assert.ok(share > 0.8 && share < 1.25, `${share} of what Node counts: ${cli.err}`)
        assert.match(fs.readFileSync(path.join(folder, 'shap-flame', `node.${target.pid}.folded`), 'utf8'), /leakBuffers .*;\(off-heap\) /)
      }
    })
  )))

  on('Buffers in every way that Node knows, while somebody comes and goes: it runs on to its own end', node => withFolder(async folder => {
    const target = new Started(node.bin, ['--inspect-port=0', path.join(FIXTURES, 'buffer-stress.js')])
    let attached = 0
    for (; target.process.exitCode === null && target.process.signalCode === null; attached++) {
      const cli = attach(target.pid, ['--duration', '0.1', '--interval', '1k', '--quiet', '--no-gc', '--folded', 'o.folded'], folder, node.bindings)
      await Promise.race([cli.end, target.end])
      if (attached === 0) assert.equal((await cli.end).code, 0, cli.err)
    }
    assert.deepEqual(await target.end, { code: 0, signal: null }, target.err)
  }))

  on('an inspector that was open before stays open', node => withFolder(folder => withServer(node.bin, async target => {
    const before = ports(target)
    assert.equal(before.length, 2)
    const cli = attach(target.pid, ['--duration', '0.3', '--folded', 'o.folded'], folder, node.bindings)
    assert.equal((await cli.end).code, 0, cli.err)
    assert.deepEqual(ports(target), before)
  }, ['--inspect=0'])))

  on('no binary for its ABI: the inspector samples', node => withFolder(folder => withServer(node.bin, async target => {
    const other = nodes().find(line => line.major !== node.major && line.major !== Number(process.versions.node.split('.')[0]))
    // The built folder is asked too: a copy of lib stands where nothing was built for this ABI.
    const root = copyOf(folder, other?.bindings)
    const before = ports(target)
    const cli = new Started(process.execPath, [path.join(root, 'bin', 'shap-flame.js'), 'attach', String(target.pid), '--interval', '4k', '--type', 'alloc_space', '--folded', 'o.folded'], { cwd: folder })
    await sampling(cli)
    await target.load()
    cli.process.kill('SIGINT')
    assert.equal((await cli.end).code, 0, cli.err)
    assert.match(cli.err, /has no binary for Node v\d+.* \(ABI \d+\); using V8's inspector instead/)
    assert.match(cli.err, /off-heap: not sampled; Node counts \d+.* of ArrayBuffers, \d+.* when sampling began/)
    assert.match(fs.readFileSync(path.join(folder, 'o.folded'), 'utf8'), /leakArray/)
    assert.deepEqual(ports(target), before)
    assert.match(await target.get(), /^\d+$/)
  })))
}

/**
 * A checkout whose sampler is of another ABI, or absent.
 * @param {string} folder
 * @param {string | undefined} bindings of that ABI
 */
function copyOf (folder, bindings) {
  const from = path.join(__dirname, '..', '..')
  const root = path.join(folder, 'copy')
  const release = path.join(root, 'build', 'Release')
  fs.mkdirSync(release, { recursive: true })
  for (const name of ['lib', 'bin', 'package.json']) fs.cpSync(path.join(from, name), path.join(root, name), { recursive: true })
  fs.symlinkSync(path.join(from, 'node_modules'), path.join(root, 'node_modules'))
  const own = nodes().find(line => line.major === Number(process.versions.node.split('.')[0]))
  assert.ok(own, 'an addon for this Node')
  fs.copyFileSync(own.core, path.join(release, 'shap_core.node'))
  if (bindings) fs.copyFileSync(path.join(bindings, 'shap_sampler.node'), path.join(release, 'shap_sampler.node'))
  return root
}

test('no such process', () => withFolder(folder => refuses(attach(4194303, [], folder), 'process 4194303: no such process', 66)))

test('no process id', () => withFolder(folder => refuses(attach('server.js', [], folder), "'server.js' is not a process id; pgrep -a node lists them", 64)))

test('no process at all', () => withFolder(async folder => {
  const cli = new Started(process.execPath, [CLI, 'attach'], { cwd: folder })
  await refuses(cli, 'no process given: shap-flame attach PID; see --help', 64)
}))

test('a process that is no Node gets no signal', () => withFolder(folder => (
  withTarget('/bin/sh', ['-c', 'trap "echo hit" USR1; echo ready; while :; do sleep 0.1; done'], async target => {
    await refuses(attach(target.pid, [], folder), `process ${target.pid} is not a Node process`)
    assert.equal(target.out, 'ready\n')
  })
)))

test('--disable-sigusr1: it would die of the signal, and gets none', { skip: own.major < 22 && 'this Node has no such option' }, () => withFolder(folder => (
  withTarget(own.bin, ['--disable-sigusr1', '-e', WAITS], target => (
    refuses(attach(target.pid, [], folder), `process ${target.pid} cannot be attached to: --disable-sigusr1 keeps its inspector closed`)
  ))
)))

test('--permission: it would die of the signal, and gets none', () => withFolder(folder => {
  const flag = own.major < 23 ? '--experimental-permission' : '--permission'
  return withTarget(own.bin, [flag, '--allow-fs-read=*', '-e', WAITS], target => (
    refuses(attach(target.pid, [], folder), `process ${target.pid} cannot be attached to: --permission keeps its inspector closed`)
  ))
}))

test('a process that is stopped', () => withFolder(folder => withTarget(own.bin, ['-e', WAITS], async target => {
  target.process.kill('SIGSTOP')
  await until(() => /State:\tT/.test(fs.readFileSync(`/proc/${target.pid}/status`, 'utf8')), 'the stop')
  await refuses(attach(target.pid, [], folder), `process ${target.pid} is stopped: resume it with kill -CONT ${target.pid}`)
})))

test('a zombie', () => withFolder(folder => (
  // The child ends after the shell has become `sleep`, which waits for no child.
  withTarget('/bin/sh', ['-c', '(until [ "$(cat /proc/$$/comm)" = sleep ]; do sleep 0.01; done) & echo "ready $!"; exec sleep 30'], async target => {
    const pid = Number(/ready (\d+)/.exec(target.out)?.[1])
    await until(() => /State:\tZ/.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8')), 'the zombie')
    await refuses(attach(pid, [], folder), `process ${pid} has ended: it is a zombie`)
  })
)))

test('a thread of a process', () => withFolder(folder => withTarget(own.bin, ['-e', WAITS], async target => {
  const thread = fs.readdirSync(`/proc/${target.pid}/task`).find((id) => Number(id) !== target.pid)
  await refuses(attach(String(thread), [], folder), `${thread} is a thread of process ${target.pid}: attach to process ${target.pid}`)
})))

test('a process with a SIGUSR1 listener of its own', () => withFolder(folder => (
  withTarget(own.bin, ['-e', `process.on("SIGUSR1", () => {}); ${WAITS}`], target => (
    refuses(attach(target.pid, [], folder), `process ${target.pid} opened no inspector within 5 s: it may handle SIGUSR1 itself, or have its inspector on another port (--inspect-port PORT); a busy process opens it later, and it stays open`)
  ))
)))

test('its port is taken by another process: no signal', () => withFolder(async folder => {
  const holder = net.createServer()
  await once(holder.listen(0, '127.0.0.1'), 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (holder.address())
  try {
    await withTarget(own.bin, [`--inspect-port=${port}`, '-e', WAITS], async target => {
      await refuses(attach(target.pid, [], folder), `process ${target.pid} would open its inspector on port ${port}, which is in use: free the port, or start the process with --inspect-port=0`)
      assert.equal(target.err, '')
    })
  } finally {
    holder.close()
  }
}))

test('another user\'s process', { skip: process.getuid?.() !== 0 && 'only root can become another user' }, () => withFolder(folder => (
  withTarget(own.bin, ['-e', WAITS], async target => {
    fs.chmodSync(folder, 0o777)
    const cli = new Started(process.execPath, [CLI, 'attach', String(target.pid)], { cwd: folder, uid: 65534, gid: 65534 })
    await refuses(cli, `process ${target.pid} belongs to another user: attach as that user or as root`)
  })
)))

test('root attaches to another user\'s process', { skip: process.getuid?.() !== 0 && 'only root can become another user' }, () => withFolder(async folder => {
  const target = new Started(own.bin, ['--inspect-port=0', '-e', WAITS], { uid: 65534, gid: 65534, cwd: '/' })
  try {
    await until(() => target.out.includes('ready'), 'the target')
    fs.chmodSync(folder, 0o755)
    const cli = attach(target.pid, ['--duration', '0.3', '--folded', 'o.folded'], folder, own.bindings)
    assert.equal((await cli.end).code, 0, cli.err)
  } finally {
    target.process.kill('SIGKILL')
    await target.end
  }
}))

test('another user\'s process that cannot read the sampler: the inspector samples', { skip: process.getuid?.() !== 0 && 'only root can become another user' }, () => withFolder(async folder => {
  const target = new Started(own.bin, ['--inspect-port=0', '-e', `console.log('ready'); const kept = []; setInterval(function leak() { kept.push(new Array(10000).fill(1)) }, 5)`], { uid: 65534, gid: 65534, cwd: '/' })
  const closed = path.join(folder, 'closed')
  fs.mkdirSync(closed, { mode: 0o700 })
  for (const file of [own.sampler, own.core]) fs.copyFileSync(file, path.join(closed, path.basename(file)))
  const runs = nodes().find(line => line.major === Number(process.versions.node.split('.')[0]))
  if (runs) fs.copyFileSync(runs.core, path.join(closed, 'shap_core.node'))
  try {
    await until(() => target.out.includes('ready'), 'the target')
    const cli = attach(target.pid, ['--duration', '1', '--interval', '4k', '--folded', 'o.folded'], folder, closed)
    assert.equal((await cli.end).code, 0, cli.err)
    assert.match(cli.err, /cannot load the sampler, .*; using V8's inspector instead/)
    assert.match(fs.readFileSync(path.join(folder, 'o.folded'), 'utf8'), /leak/)
  } finally {
    target.process.kill('SIGKILL')
    await target.end
  }
}))

test('a process in a namespace of its own', { skip: process.getuid?.() !== 0 && 'only root can make one' }, () => withFolder(folder => (
  withTarget('unshare', ['--net', own.bin, '-e', WAITS], target => (
    refuses(attach(target.pid, [], folder), `process ${target.pid} is in another network namespace, as in a container: run shap-flame inside it`)
  ))
)))

test('a process that shap-flame started', () => withFolder(async folder => {
  const env = { ...cleanEnvironment(), SHAP_FLAME_BINDINGS: own.bindings, SHAP_FLAME_OUT_DIR: folder }
  const preload = path.join(__dirname, '..', '..', 'lib', 'register.js')
  const target = new Started(own.bin, ['--inspect-port=0', '--require', preload, '-e', WAITS], { env })
  try {
    await until(() => target.out.includes('ready'), 'the target')
    await refuses(attach(target.pid, [], folder, own.bindings), `process ${target.pid} is already sampled by the shap-flame that started it`)
  } finally {
    target.process.kill('SIGKILL')
    await target.end
  }
}))

test('a process that did not return to its event loop: its checkpoint', () => withFolder(folder => withServer(own.bin, async target => {
  const cli = attach(target.pid, ['--interval', '4k', '--type', 'alloc_space', '--folded', 'o.folded'], folder, own.bindings)
  await sampling(cli)
  await target.load(20)
  const stop = path.join(folder, 'stop')
  const begun = Date.now()
  await target.get(`/busy?${stop}`)
  await until(() => captureTimes(folder).some(time => time > begun), 'a checkpoint of the busy process')
  cli.process.kill('SIGINT')
  assert.equal((await cli.end).code, 0, cli.err)
  fs.writeFileSync(stop, '')
  assert.match(cli.err, new RegExp(`process ${target.pid} did not return to its event loop: using its checkpoint of `))
  assert.match(fs.readFileSync(path.join(folder, 'o.folded'), 'utf8'), /leakArray/)
  assert.match(await target.get(), /^\d+$/)
})))

test('a second signal stops at once: no files, the status of the signal, and the process is released', () => withFolder(folder => withServer(own.bin, async target => {
  const before = target.threads()
  const cli = attach(target.pid, ['--folded', 'o.folded'], folder, own.bindings)
  await sampling(cli)
  target.process.kill('SIGSTOP')
  // Two that come before it looks are one.
  const again = setInterval(() => cli.process.kill('SIGINT'), 300)
  assert.deepEqual(await cli.end, { code: null, signal: 'SIGINT' })
  clearInterval(again)
  assert.deepEqual(fs.readdirSync(folder), [])
  target.process.kill('SIGCONT')
  await until(() => target.threads() === before, 'the threads of before')
  assert.match(await target.get(), /^\d+$/)
})))

test('no output named: four files by the name of the app and its process, the top on stderr', () => withFolder(folder => withServer(own.bin, async target => {
  const cli = attach(target.pid, ['--interval', '4k', '--no-gc'], folder, own.bindings)
  await sampling(cli)
  await target.load(50)
  cli.process.kill('SIGINT')
  assert.equal((await cli.end).code, 0, cli.err)
  assert.match(cli.err, / in use, garbage included; /)
  assert.match(cli.err, /leakArray \(.*attachable-server\.js:14:19\)/)
  const names = ['folded', 'pb.gz', 'svg', 'txt'].map(end => `attachable-server.${target.pid}.${end}`)
  assert.deepEqual(fs.readdirSync(path.join(folder, 'shap-flame')).sort(), names)
})))
