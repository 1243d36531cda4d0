'use strict'

/**
 * Builds the binaries that the package carries, into lib/prebuilds: `shap_core`
 * once for each platform, `shap_sampler` for each Node ABI on it. `npm pack` calls
 * it. Node's headers come from npm (see csrc/tools/node_lines.js); a platform whose compiler
 * is not installed is said and left out, this machine's own never is.
 *
 *   node csrc/tools/prebuild.js [--all] [PLATFORM...]    --all: none may be left out
 */

const { execFileSync, spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { VERSIONS, headers, nodeGyp, gypEnvironment } = require('./node_lines.js')

const ROOT = path.join(__dirname, '..', '..')
const TO = path.join(ROOT, 'lib', 'prebuilds')
const SOURCES = ['binding.gyp', 'csrc', 'flamegraph', 'lib/formats.js']

/**
 * @typedef {object} Platform
 * @property {string} name folder in lib/prebuilds, as `process.platform-process.arch-libc`
 * @property {string} arch as node-gyp names it
 * @property {string} prefix of the compiler's commands
 * @property {string} [cc] where it is not the prefix and gcc
 * @property {boolean} sampler whether its C++ can be built
 */

/** @type {readonly Platform[]} */
const PLATFORMS = [
  { name: 'linux-x64-glibc', arch: 'x64', prefix: 'x86_64-linux-gnu-', sampler: true },
  { name: 'linux-arm64-glibc', arch: 'arm64', prefix: 'aarch64-linux-gnu-', sampler: true },
  // Debian has musl's C library, but no C++ library over it.
  { name: 'linux-x64-musl', arch: 'x64', prefix: 'x86_64-linux-gnu-', cc: 'musl-gcc', sampler: false }
]

/** @param {Platform} platform */
const compilerOf = platform => platform.cc ?? `${platform.prefix}gcc`

/** @param {string} command */
function installed (command) {
  return !spawnSync(command, ['--version'], { stdio: 'ignore' }).error
}

/** The package has 3 MB, packed; -Os is smaller than -O2, and as fast here. */
const SMALL = '-Os -fomit-frame-pointer'
/** What is called of V8 is looked up when the binary is loaded: the other table is larger, on x64. */
const NO_TABLE = '-fno-plt'
/** The core, all of C, is made small as one piece. */
const AS_ONE = '-flto=auto'
/** No note that names the build, no gap in front of the code, no table for what we call of our own. */
const CLOSE = '-Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-Bsymbolic-functions'

/**
 * @param {Platform} platform
 * @param {string} target
 * @returns {NodeJS.ProcessEnv} what tells make which compiler to take
 */
function toolsOf (platform, target) {
  const cc = compilerOf(platform)
  const cxx = `${platform.prefix}g++`
  const core = target === 'shap_core'
  const flags = core ? `${SMALL} ${AS_ONE}` : platform.arch === 'x64' ? `${SMALL} ${NO_TABLE}` : SMALL
  const linked = core ? `${flags} ${CLOSE}` : CLOSE
  return { ...gypEnvironment(), CFLAGS: flags, CXXFLAGS: flags, LDFLAGS: linked, CC: cc, CXX: cxx, LINK: platform.sampler ? cxx : cc, AR: `${platform.prefix}gcc-ar` }
}

/**
 * @param {string} folder a copy of the sources, built in
 * @param {Platform} platform
 * @param {string} nodedir
 * @param {string} target
 * @param {string} to the binary's place
 */
function build (folder, platform, nodedir, target, to) {
  const options = { cwd: folder, env: toolsOf(platform, target), stdio: /** @type {const} */ (['ignore', 'ignore', 'inherit']) }
  const configure = [nodeGyp(), 'configure', `--nodedir=${nodedir}`, `--arch=${platform.arch}`, '--loglevel=warn']
  execFileSync(process.execPath, configure, options)
  execFileSync('make', ['-s', '-C', 'build', `-j${os.availableParallelism()}`, 'BUILDTYPE=Release', target], options)
  fs.mkdirSync(path.dirname(to), { recursive: true })
  fs.copyFileSync(path.join(folder, 'build', 'Release', `${target}.node`), to)
  execFileSync(`${platform.prefix}strip`, ['--strip-unneeded', '--remove-section=.comment', to], options)
}

/** @param {Platform} platform */
function buildPlatform (platform) {
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-prebuild-'))
  try {
    for (const name of SOURCES) fs.cpSync(path.join(ROOT, name), path.join(work, name), { recursive: true })
    const to = path.join(TO, platform.name)
    fs.rmSync(to, { recursive: true, force: true })
    const lines = Object.keys(VERSIONS).map(Number)
    for (const [at, line] of lines.entries()) {
      const { folder, abi } = headers(line)
      // Node-API has no ABI: the oldest line's headers serve all.
      if (at === 0) build(work, platform, folder, 'shap_core', path.join(to, 'shap_core.node'))
      if (platform.sampler) build(work, platform, folder, 'shap_sampler', path.join(to, `shap_sampler.abi${abi}.node`))
    }
  } finally {
    fs.rmSync(work, { recursive: true, force: true })
  }
}

/**
 * @param {string[]} argv
 * @returns {number} a status
 */
function main (argv) {
  const all = argv.includes('--all')
  const names = argv.filter(arg => arg !== '--all')
  const unknown = names.find(name => !PLATFORMS.some(platform => platform.name === name))
  if (unknown) {
    console.error(`${unknown}: no platform to build for; there are ${PLATFORMS.map(({ name }) => name).join(', ')}`)
    return 64
  }
  let left = 0
  for (const platform of PLATFORMS.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const needed = [compilerOf(platform), `${platform.prefix}strip`, ...(platform.sampler ? [`${platform.prefix}g++`] : [])]
    const lacking = needed.filter(command => !installed(command))
    if (lacking.length > 0) {
      left++
      console.error(`${platform.name}: left out, for ${lacking.join(' and ')} is not installed`)
      continue
    }
    buildPlatform(platform)
    console.error(`${platform.name}: ${fs.readdirSync(path.join(TO, platform.name)).join(', ')}`)
  }
  const own = path.join(TO, `${process.platform}-${process.arch}-glibc`)
  return left > 0 && (all || !fs.existsSync(own)) ? 1 : 0
}

process.exitCode = main(process.argv.slice(2))
