'use strict'
/** `shap-flame attach` to a process that means ill, or in a machine where others do. */
const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const net = require('node:net')
const { once } = require('node:events')
const path = require('node:path')
const { describe, it, test } = require('node:test')

const { VERSIONS } = require('../../csrc/tools/node_lines.js')
const { until, withFolder, testsOf } = require('../support/profiled-process.js')
const { FIXTURES, Started, attach, own, ports, sampling } = require('../support/attach.js')

const NOBODY = 65534
const ROOT_ONLY = { skip: process.getuid?.() !== 0 && 'only root can become another user' }

/**
 * @param {string} bin
 * @param {string[]} args
 * @param {(target: Started) => Promise<void>} use
 * @param {import('node:child_process').SpawnOptions} [options]
 */
async function withProgram (bin, args, use, options) {
  const target = new Started(bin, args, options)
  try {
    await until(() => target.out.includes('ready'), `the target: ${target.err}`)
    await use(target)
  } finally {
    target.process.kill('SIGKILL')
    await target.end
  }
}

describe('a loop that is held while the sampler is loaded', { concurrency: 2 }, () => {
  for (const major of Object.keys(VERSIONS).map(Number)) {
    testsOf(major)('the inspector is closed, and closed again when the loop opens it anew', node => withFolder(folder => {
      const stop = path.join(folder, 'stop')
      return withProgram(node.bin, ['--inspect-port=0', path.join(FIXTURES, 'blocked-event-loop.js'), stop], async target => {
        const cli = attach(target.pid, ['--folded', 'o.folded'], folder, node.bindings)
        await sampling(cli)
        await until(() => ports(target).length === 0, 'the inspector\'s end')
        fs.writeFileSync(stop, '')
        await until(() => target.out.includes('back'), 'the loop')
        assert.deepEqual(ports(target), [], `the inspector listens: ${target.err}`)
        cli.process.kill('SIGINT')
        assert.equal((await cli.end).code, 0, cli.err)
        assert.doesNotMatch(cli.err, /still open/)
      })
    }))
  }
})

test('an inspector that cannot be closed is a warning', () => withFolder(async folder => {
  const port = await freePort()
  await withProgram(own.bin, [path.join(FIXTURES, 'fake-inspector.js'), 'real', String(port)], async target => {
    const cli = attach(target.pid, [], folder, own.bindings)
    assert.equal((await cli.end).code, 65)
    assert.equal(cli.err, `shap-flame: the inspector of process ${target.pid} is still open on port ${port}: until it closes, every local user can run code in the process\n` +
      `shap-flame: process ${target.pid} cannot be sampled: unexpected answer from its inspector\n`)
  })
}))

test('the inspector gets one request, and closes after 5 seconds', () => withFolder(async folder => {
  const port = await freePort()
  await withProgram(own.bin, [path.join(FIXTURES, 'fake-inspector.js'), 'real', String(port)], async target => {
    await attach(target.pid, [], folder, own.bindings).end
    const [first, ...others] = target.out.trim().split('\n').slice(1).map(line => JSON.parse(line))
    assert.equal(JSON.parse(first.orders).keepMs, 5000)
    assert.deepEqual(others, [{ method: 'Runtime.evaluate', orders: 'null' }, { method: 'Runtime.evaluate', orders: 'null' }])
  })
}))

async function freePort () {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  server.close()
  await once(server, 'close')
  return port
}

const NO_INSPECTOR = /opened no inspector within 5 s/
/** @type {Record<string, RegExp>} what a false inspector does, and the message about it */
const FALSE = {
  endless: NO_INSPECTOR,
  hang: NO_INSPECTOR,
  garbage: /its answer is not a message of an inspector/,
  null: /its answer is not a message of an inspector/,
  list: /its answer is not a message of an inspector/,
  large: /its answer is too large/,
  nothing: /its answer to Runtime\.evaluate is not a result of an inspector/,
  error: /Runtime\.evaluate: /,
  thrown: /cannot be sampled: two$/m,
  types: /unexpected answer from its inspector/,
  path: /unexpected answer from its inspector/,
  lies: /cannot load the sampler: m \?\[31my{100,300}…$/m,
}
describe('a process that opens no inspector of Node\'s is refused in a line', { concurrency: 4 }, () => {
  for (const [how, message] of Object.entries(FALSE)) it(how, () => withFolder(async folder => {
    const port = await freePort()
    await withProgram(own.bin, [path.join(FIXTURES, 'fake-inspector.js'), how, String(port)], async target => {
      const cli = attach(target.pid, [], folder, own.bindings)
      const { code } = await cli.end
      assert.equal(code, 65, cli.err)
      assert.match(cli.err, message)
      assert.ok(cli.err.length < 1000, `${cli.err.length} characters`)
      // eslint-disable-next-line no-control-regex
      assert.doesNotMatch(cli.err, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
      assert.ok(cli.err.split('\n').every(line => line === '' || line.startsWith('shap-flame: ')), cli.err)
      assert.deepEqual(fs.readdirSync(folder), [])
    })
  }))
})

test('root attaches to a process that tampers with the folder for its captures', ROOT_ONLY, () => withFolder(async folder => {
  const victim = path.join(folder, 'victim')
  fs.mkdirSync(victim)
  fs.writeFileSync(path.join(victim, 'secret'), 'secret', { mode: 0o600 })
  const parent = path.join(folder, 'tmp')
  fs.mkdirSync(parent)
  fs.chmodSync(folder, 0o755)
  fs.chmodSync(parent, 0o1777)
  const before = fs.statSync(victim)
  await withProgram(own.bin, ['--inspect-port=0', path.join(FIXTURES, 'tampers-with-folder.js'), parent, victim], async target => {
    const cli = attach(target.pid, ['--folded', path.join(folder, 'o.folded')], parent, own.bindings)
    await sampling(cli)
    await until(() => target.out.includes('meddled'), 'what it does')
    cli.process.kill('SIGINT')
    assert.equal((await cli.end).code, 65, cli.err)
    assert.match(cli.err, /the folder for captures holds files that process \d+'s sampler did not write/)
    assert.match(cli.err, /the folder \S+ was not removed: it holds files of others/)
    assert.equal(target.out, 'ready\nmeddled\n')
  }, { uid: NOBODY, gid: NOBODY, cwd: '/' })
  assert.deepEqual(fs.readdirSync(victim), ['secret'])
  const after = fs.statSync(victim)
  assert.deepEqual([after.uid, after.mode], [before.uid, before.mode])
}))

/** @type {Record<string, (file: string, secret: string) => void>} what is put in the place of a capture */
const INSTEAD = {
  'a pipe': file => execFileSync('mkfifo', [file]),
  'a link': (file, secret) => fs.symlinkSync(secret, file),
  'a folder': file => fs.mkdirSync(file),
  'another user\'s file': (file, secret) => fs.linkSync(secret, file)
}
for (const [what, put] of Object.entries(INSTEAD)) {
  test(`no capture is read that is ${what}`, ROOT_ONLY, () => withFolder(async parent => {
    const { AttachFolder } = require('../../lib/attach/capture-folder.js')
    const secret = path.join(parent, 'secret')
    fs.writeFileSync(secret, 'secret')
    const folder = new AttachFolder({ uid: NOBODY, gid: NOBODY }, parent)
    put(path.join(folder.captures, '7-1-0.shfc'), secret)
    assert.throws(() => folder.read(7))
    folder.remove()
    assert.equal(fs.readFileSync(secret, 'utf8'), 'secret')
  }))
}

for (const how of ['', 'no-descriptors']) {
  test(`a number that is another process's by now gets no signal${how && ', where Linux has no descriptors of processes'}`, ROOT_ONLY, async () => {
    const run = new Started('unshare', ['--pid', '--fork', '--mount-proc', process.execPath, path.join(FIXTURES, 'reused-pid.js'), how])
    assert.equal((await run.end).code, 0, run.err)
    assert.equal(run.out, 'the first one is the same true\nits number is used again true\nthe second one is the same false\nprocess N has ended\nthe second one lives true\n')
  })
}
