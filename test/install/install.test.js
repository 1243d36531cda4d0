'use strict'

// What `npm pack` makes, as a stranger installs it: in an empty folder, without a
// compiler, with install scripts blocked, on every Node line.

const assert = require('node:assert/strict')
const { execFileSync, spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, before, describe, test } = require('node:test')
const { VERSIONS, ARM64, arm64Binary, binary } = require('../../csrc/tools/node_lines.js')

const ROOT = path.join(__dirname, '..', '..')
const CACHE = path.join(ROOT, 'test', '.cache')
/** Which npm is tried on which lines: npm 12 does not start on Node 20. */
const NPMS = { '11.19.1': [20, 22, 24, 26], '12.2.0': [22, 24, 26] }
/** What a user downloads, packed. */
const MOST_BYTES = 3 * 1024 * 1024
const APP = `
const kept = []
function leak () { for (let i = 0; i < 2e5; i++) kept.push({ i, text: [i] }) }
leak()
console.log('kept', kept.length)
`

/** Of Debian's qemu-user-static and libc6-arm64-cross. */
const QEMU = '/usr/bin/qemu-aarch64-static'
const SYSROOT = '/usr/aarch64-linux-gnu'
/** 8.0 MB in the main thread, 5.0 in Buffers, 4.0 in a worker; then it waits for its end. */
const EVERYWHERE = `
const { Worker, isMainThread } = require('node:worker_threads')
const kept = globalThis.kept = []
function inWorker () { for (let i = 0; i < 500; i++) kept.push(new Array(1000).fill(i)) }
function inMain () { for (let i = 0; i < 1000; i++) kept.push(new Array(1000).fill(i)) }
function inBuffers () { for (let i = 0; i < 50; i++) kept.push(Buffer.alloc(100000)) }
if (isMainThread) {
  inMain()
  inBuffers()
  new Worker(__filename).on('exit', () => {
    setInterval(() => {}, 1000)
    process.kill(process.pid, 'SIGTERM')
  })
} else inWorker()
`

/** @type {string} */
let folder
/** @type {string} a copy, for other tests would load what is built into lib/prebuilds */
let checkout
/** @type {string} */
let tarball
/** @type {string[]} */
let files

/** @param {string} version @returns {string} folder of that npm */
function npmAt (version) {
  const home = path.join(CACHE, 'npm', version)
  const npm = path.join(home, 'node_modules', 'npm')
  if (!fs.existsSync(path.join(npm, 'package.json'))) {
    fs.mkdirSync(home, { recursive: true })
    fs.writeFileSync(path.join(home, 'package.json'), '{"private":true}\n')
    const flags = ['--no-save', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts']
    execFileSync('npm', ['install', ...flags, `npm@${version}`], { cwd: home, stdio: ['ignore', 'ignore', 2] })
  }
  return npm
}

/**
 * A PATH on which there is Node and a shell, but nothing that compiles.
 * @param {string} home @param {string} bin
 */
function bare (home, bin) {
  const at = path.join(home, 'bin')
  fs.mkdirSync(at, { recursive: true })
  fs.symlinkSync(bin, path.join(at, 'node'))
  for (const name of ['sh', 'env', 'uname', 'cat']) {
    const found = ['/bin', '/usr/bin'].map(dir => path.join(dir, name)).find(file => fs.existsSync(file))
    if (found) fs.symlinkSync(found, path.join(at, name))
  }
  return { PATH: at, HOME: home, NO_COLOR: '1', npm_config_cache: path.join(folder, 'npm-cache') }
}

/**
 * @param {string} bin Node
 * @param {string} version of npm
 */
function installed (bin, version) {
  const home = fs.mkdtempSync(path.join(folder, 'home-'))
  const env = { ...bare(home, bin), ...registry() }
  const npm = npmAt(version)
  fs.writeFileSync(path.join(home, 'package.json'), '{"private":true}\n')
  fs.writeFileSync(path.join(home, 'app.js'), APP)
  /** @param {string} script @param {string[]} args */
  const run = (script, args) => spawnSync(bin, [path.join(npm, 'bin', script), ...args], { cwd: home, env, encoding: 'utf8' })
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier']
  const done = run('npm-cli.js', ['install', ...flags, tarball])
  assert.equal(done.status, 0, done.stderr)
  return { home, env, run }
}

/** What the user's npm says of registries, for a HOME that has no such file. */
function registry () {
  const url = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim()
  const certificates = process.env.NODE_EXTRA_CA_CERTS
  return { npm_config_registry: url, ...(certificates ? { NODE_EXTRA_CA_CERTS: certificates } : {}) }
}

/** @param {string} to */
function copyCheckout (to) {
  const left = ['.git', 'node_modules', 'test/.cache', 'build/Release/obj.target', 'build/Release/.deps', 'lib/prebuilds', 'symbols']
  const kept = (/** @type {string} */ file) => !left.includes(path.relative(ROOT, file)) && !/^test\/\w+\/build/.test(path.relative(ROOT, file))
  fs.cpSync(ROOT, to, { recursive: true, filter: kept })
  for (const name of ['node_modules', 'test/.cache']) fs.symlinkSync(path.join(ROOT, name), path.join(to, name))
}

before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-install-'))
  checkout = path.join(folder, 'checkout')
  copyCheckout(checkout)
  execFileSync(process.execPath, ['csrc/tools/prebuild.js'], { cwd: checkout, stdio: ['ignore', 'inherit', 'inherit'] })
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], { cwd: checkout, stdio: ['ignore', 'ignore', 'inherit'] })
  tarball = path.join(folder, /** @type {string} */ (fs.readdirSync(folder).find(name => name.endsWith('.tgz'))))
  files = execFileSync('tar', ['tzf', tarball], { encoding: 'utf8' }).trim().split('\n').map(name => name.replace(/^package\//, ''))
})

after(() => fs.rmSync(folder, { recursive: true, force: true }))

describe('the package', () => {
  test('carries the core and a sampler for every ABI', () => {
    const carried = files.filter(name => name.startsWith('lib/prebuilds/'))
    const samplers = ['115', '127', '137', '147'].map(abi => `shap_sampler.abi${abi}.node`)
    for (const platform of ['linux-x64-glibc', 'linux-arm64-glibc']) {
      for (const name of ['shap_core.node', ...samplers]) assert.ok(carried.includes(`lib/prebuilds/${platform}/${name}`), `${platform}/${name}`)
    }
    assert.ok(carried.includes('lib/prebuilds/linux-x64-musl/shap_core.node'))
  })

  test('has at most 3 MB', () => {
    assert.ok(fs.statSync(tarball).size <= MOST_BYTES, `${fs.statSync(tarball).size} bytes`)
  })

  test('holds no test and no build', () => {
    assert.deepEqual(files.filter(name => /^(test|build|node_modules|\.)/.test(name)), [])
  })

  test('has no install script and at most two dependencies', () => {
    const { scripts, dependencies = {}, gypfile } = require('../../package.json')
    assert.deepEqual(['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare'].filter(name => name in scripts), [])
    assert.equal(gypfile, false)
    assert.ok(Object.keys(dependencies).length <= 2, Object.keys(dependencies).join())
  })

  test('asks for no newer C library than Node itself does', () => {
    // Node 20 to 26 want glibc 2.28 and libstdc++ of gcc 8.
    const newest = { GLIBC: '2.28', GLIBCXX: '3.4.25' }
    const at = path.join(folder, 'unpacked')
    fs.mkdirSync(at)
    execFileSync('tar', ['xzf', tarball, '-C', at])
    for (const name of files.filter(file => file.endsWith('.node') && !file.includes('musl'))) {
      const text = execFileSync('readelf', ['--version-info', '--wide', path.join(at, 'package', name)], { encoding: 'utf8' })
      for (const [, library, version] of text.matchAll(/Name: (GLIBC|GLIBCXX)_([\d.]+)/g)) {
        assert.ok(compare(version, newest[/** @type {'GLIBC'} */ (library)]) <= 0, `${name} wants ${library}_${version}`)
      }
    }
  })

  for (const [platform, prefix] of Object.entries({ 'linux-x64-glibc': '', 'linux-arm64-glibc': 'aarch64-linux-gnu-', 'linux-x64-musl': '' })) {
    test(`a debugger finds functions of ${platform} by unwind tables and a file of symbols`, () => {
      const at = path.join(checkout, 'lib', 'prebuilds', platform)
      for (const name of fs.readdirSync(at)) {
        const [binary, symbols] = [path.join(at, name), path.join(checkout, 'symbols', platform, `${name}.debug`)]
        const [stripped, whole] = [binary, symbols].map(file => buildId(file))
        assert.match(stripped, /^[0-9a-f]{40}$/, name)
        assert.equal(stripped, whole, name)
        assert.match(readelf('--section-headers', binary), / \.eh_frame +PROGBITS /, name)
        assert.ok(readelf('--string-dump=.gnu_debuglink', binary).includes(`${name}.debug`), name)
        for (const known of name.startsWith('shap_core') ? ['shf_profile_read', 'shf_pprof_write'] : ['shf_sampler_start', 'shf_capture_new']) {
          const address = new RegExp(`^([0-9a-f]+) [Tt] ${known}$`, 'm').exec(execFileSync(`${prefix}nm`, [symbols], { encoding: 'utf8' }))?.[1]
          assert.ok(address, `${known} of ${symbols}`)
          const found = execFileSync(`${prefix}addr2line`, ['-f', '-e', symbols, address], { encoding: 'utf8' })
          assert.match(found, new RegExp(`^${known}\n\\S*csrc/\\S+:\\d+`), symbols)
        }
      }
    })
  }

  test('carries no symbols', () => {
    assert.deepEqual(files.filter(name => /^symbols|\.debug$/.test(name)), [])
  })

  for (const judge of ['publint', '@arethetypeswrong/cli']) {
    test(`${judge} finds nothing`, () => {
      const home = path.join(ROOT, 'node_modules', judge)
      const { bin } = JSON.parse(fs.readFileSync(path.join(home, 'package.json'), 'utf8'))
      const script = path.join(home, typeof bin === 'string' ? bin : String(Object.values(bin)[0]))
      const args = judge === 'publint' ? ['run', '--strict', tarball] : ['--profile', 'node16', tarball]
      const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' })
      assert.equal(status, 0, stdout + stderr)
    })
  }
})

/** @param {string} option @param {string} file */
const readelf = (option, file) => execFileSync('readelf', [option, '--wide', file], { encoding: 'utf8' })

/** @param {string} file */
const buildId = file => /Build ID: (\S+)/.exec(readelf('--notes', file))?.[1] ?? ''

/** @param {string} a @param {string} b */
function compare (a, b) {
  const [left, right] = [a, b].map(text => text.split('.').map(Number))
  const at = left.findIndex((part, index) => part !== (right[index] ?? 0))
  return at < 0 ? left.length - right.length : left[at] - (right[at] ?? 0)
}

for (const major of Object.keys(VERSIONS).map(Number)) {
  const bin = binary(major) ?? ''
  const skip = bin ? false : 'it was not fetched: run `node csrc/tools/node_lines.js`'
  for (const [version, lines] of Object.entries(NPMS)) {
    if (!lines.includes(major)) continue
    test(`Node ${major}, npm ${version.split('.')[0]}: npx shap-flame app.js in an empty folder`, { skip }, () => {
      const { home, run } = installed(bin, version)
      const { status, stdout, stderr } = run('npx-cli.js', ['--offline', 'shap-flame', 'app.js'])
      assert.equal(status, 0, stderr)
      assert.equal(stdout, 'kept 200000\n')
      assert.match(stderr, /MB allocated; .* in use after a GC\n[^]*\n +\S+ .* leak \(app\.js:3:\d+\)\n/)
      assert.doesNotMatch(stderr, /inspector|no binary/)
      const made = fs.readdirSync(path.join(home, 'shap-flame')).map(name => name.replace(/^app\.\d+\./, '')).sort()
      assert.deepEqual(made, ['folded', 'pb.gz', 'svg', 'txt'])
    })
  }

  test(`Node ${major}: the library loads by require and by import`, { skip }, () => {
    const { home, env } = installed(bin, '11.19.1')
    const use = 'start({ interval: 4096 }).then(() => capture()).then(p => console.log(p.types.join(), p.toSVG.length)).then(stop)'
    fs.writeFileSync(path.join(home, 'a.cjs'), `const { start, capture, stop } = require('shap-flame')\n${use}\n`)
    fs.writeFileSync(path.join(home, 'a.mjs'), `import { start, capture, stop } from 'shap-flame'\n${use}\n`)
    for (const name of ['a.cjs', 'a.mjs']) {
      const { status, stdout, stderr } = spawnSync(path.join(home, 'bin', 'node'), [name], { cwd: home, env, encoding: 'utf8' })
      assert.equal(stderr, '', name)
      assert.match(stdout, /^alloc_objects,alloc_space,inuse_objects,inuse_space /, name)
      assert.equal(status, 0, name)
    }
  })
}

/** @param {number} major */
function noArm64 (major) {
  if (!fs.existsSync(QEMU)) return `${QEMU} is not installed`
  if (!fs.existsSync(path.join(SYSROOT, 'lib', 'ld-linux-aarch64.so.1'))) return `no arm64 C library in ${SYSROOT}`
  return arm64Binary(major) ? false : 'it was not fetched: run `node csrc/tools/node_lines.js --arm64`'
}

for (const major of ARM64) {
  // Maglev's code has no lines of allocations on arm64, so Node 26 is tested without lines.
  const lines = major === 20
  test(`Node ${major} on arm64, by qemu: heap${lines ? ' with lines' : ''}, Buffers, a worker, an end by SIGTERM; its files read on x64`, { skip: noArm64(major) }, () => {
    const { home, env } = installed(process.execPath, '11.19.1')
    const node = path.join(home, 'bin', 'node-arm64')
    fs.writeFileSync(node, `#!/bin/sh\nexec ${QEMU} -L ${SYSROOT} ${arm64Binary(major)} "$@"\n`, { mode: 0o755 })
    fs.writeFileSync(path.join(home, 'everywhere.js'), EVERYWHERE)
    const script = path.join(home, 'node_modules', 'shap-flame', 'bin', 'shap-flame.js')
    const options = ['--interval', '16k', '--type', 'alloc_space', ...(lines ? ['--lines'] : [])]
    const outputs = ['--folded', 'o.folded', '--pprof', 'o.pb.gz', '--svg', 'o.svg']
    const { signal, stderr } = spawnSync(node, [script, ...options, ...outputs, '--', node, 'everywhere.js'], { cwd: home, env, encoding: 'utf8' })
    assert.equal(signal, 'SIGTERM', stderr)
    // A few samples without lines are no fault, but of 200 each is worth a word.
    const limit = lines ? 'shap-flame: Node 20 counts inlined functions for their callers(; [1-5] of \\d+ samples without lines)?\n' : ''
    assert.match(stderr, new RegExp(`^${limit}shap-flame: wrote [^\n]*\n$`))
    const folded = fs.readFileSync(path.join(home, 'o.folded'), 'utf8')
    /** @type {[RegExp, number, number][]} */
    const known = [[/;inMain \(/, 8.016e6, 0.25], [/;inWorker \(/, 4.008e6, 0.3], [/;inBuffers \(.*\(off-heap\)/, 5e6, 0.1]]
    for (const [frame, bytes, share] of known) {
      const sum = folded.split('\n').filter(line => frame.test(line)).reduce((all, line) => all + Number(line.slice(line.lastIndexOf(' '))), 0)
      assert.ok(Math.abs(sum / bytes - 1) < share, `${frame}: ${sum} in place of ${bytes}`)
    }
    assert.match(fs.readFileSync(path.join(home, 'o.svg'), 'utf8'), /inWorker/)
    const again = spawnSync(process.execPath, [script, 'report', 'o.pb.gz', '--type', 'alloc_space', '--folded', '-'], { cwd: home, env, encoding: 'utf8' })
    assert.equal(again.stdout.split('\n').sort().join('\n'), folded.split('\n').sort().join('\n'), again.stderr)
  })
}
