'use strict'

/**
 * Builds the binaries that the package carries into lib/prebuilds: `shap_core` once
 * for each platform, `shap_sampler` for each Node ABI on it. Their symbols go to files
 * of the same name below `symbols`, which the package does not carry: gdb finds them
 * when they lie beside the binaries. `npm pack` runs this script first.
 *
 * Node's headers come from npm (see node_lines.js). A platform whose compiler is not
 * installed is skipped with a message, except for this machine's own.
 *
 *   node csrc/tools/prebuild.js [--all] [PLATFORM...]    --all: skipping any is an error
 */

const { execFileSync, spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { VERSIONS, headers, compile, copySources, gypEnvironment } = require('./node_lines.js')

const ROOT = path.join(__dirname, '..', '..')
const BINARIES = path.join(ROOT, 'lib', 'prebuilds')
const SYMBOLS = path.join(ROOT, 'symbols')

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

/**
 * -Os: eleven binaries fit into a package of 3 MB. Debug information goes to files of its own;
 * the build id, which the linker computes, is the same in both. Asserts are for tests.
 */
const FLAGS = ['-Os', '-g', '-DNDEBUG']

/**
 * @param {Platform} platform
 * @param {string} folder that is built in; debug information names files below it relatively
 * @returns {NodeJS.ProcessEnv} tells make which compiler and flags to use
 */
function toolsOf (platform, folder) {
  const cc = compilerOf(platform)
  const cxx = `${platform.prefix}g++`
  const flags = [...FLAGS, `-ffile-prefix-map=${folder}=.`, `-ffile-prefix-map=${ROOT}=.`].join(' ')
  const compilers = { CC: cc, CXX: cxx, LINK: platform.sampler ? cxx : cc, AR: `${platform.prefix}gcc-ar` }
  return { ...gypEnvironment(), ...compilers, CFLAGS: flags, CXXFLAGS: flags, LDFLAGS: '-Wl,--build-id' }
}

/**
 * Builds one binary into lib/prebuilds and its symbols into `symbols`.
 * @param {string} folder a copy of the sources, built in
 * @param {Platform} platform
 * @param {string} nodedir
 * @param {string} target
 * @param {string} name the binary's file name
 */
function build (folder, platform, nodedir, target, name) {
  const options = { cwd: folder, env: toolsOf(platform, folder), stdio: /** @type {const} */ (['ignore', 'ignore', 'inherit']) }
  const built = compile(folder, nodedir, target, { arch: platform.arch, env: options.env, quiet: true })
  const to = path.join(BINARIES, platform.name, name)
  const symbols = path.join(SYMBOLS, platform.name, `${name}.debug`)
  for (const file of [to, symbols]) fs.mkdirSync(path.dirname(file), { recursive: true })
  const objcopy = `${platform.prefix}objcopy`
  execFileSync(objcopy, ['--only-keep-debug', '--compress-debug-sections', built, symbols], options)
  execFileSync(objcopy, ['--strip-unneeded', '--remove-section=.comment', `--add-gnu-debuglink=${symbols}`, built, to], options)
  fs.chmodSync(symbols, 0o644)
}

/** @param {Platform} platform */
function buildPlatform (platform) {
  const work = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-prebuild-')))
  try {
    copySources(work)
    for (const to of [BINARIES, SYMBOLS]) fs.rmSync(path.join(to, platform.name), { recursive: true, force: true })
    const lines = Object.keys(VERSIONS).map(Number)
    for (const [at, line] of lines.entries()) {
      const { folder, abi } = headers(line)
      // Node-API has no ABI: the oldest line's headers serve all.
      if (at === 0) build(work, platform, folder, 'shap_core', 'shap_core.node')
      if (platform.sampler) build(work, platform, folder, 'shap_sampler', `shap_sampler.abi${abi}.node`)
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
    console.error(`${unknown} is not a known platform; use one of ${PLATFORMS.map(({ name }) => name).join(', ')}`)
    return 64
  }
  let skipped = 0
  for (const platform of PLATFORMS.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const needed = [compilerOf(platform), `${platform.prefix}objcopy`, ...(platform.sampler ? [`${platform.prefix}g++`] : [])]
    const lacking = needed.filter(command => !installed(command))
    if (lacking.length > 0) {
      skipped++
      console.error(`${platform.name}: skipped, ${lacking.join(' and ')} is not installed`)
      continue
    }
    buildPlatform(platform)
    console.error(`${platform.name}: ${fs.readdirSync(path.join(BINARIES, platform.name)).join(', ')}`)
  }
  const own = path.join(BINARIES, `${process.platform}-${process.arch}-glibc`)
  return skipped > 0 && (all || !fs.existsSync(own)) ? 1 : 0
}

process.exitCode = main(process.argv.slice(2))
