'use strict'

const fs = require('node:fs')
const path = require('node:path')
const { coded, reason, oneLine } = require('./errors.js')

/**
 * The native parts, loaded when they are first needed: `shap_core` (Node-API,
 * for any Node) and `shap_sampler` (one for each Node ABI).
 */

/**
 * @typedef {object} Handle a native profile; opaque
 *
 * @typedef {{ profile: Handle, root: string }} MergeInput
 *
 * @typedef {object} Source
 * @property {'heap' | 'offheap'} kind
 * @property {number} interval
 * @property {number} since
 * @property {'forced' | 'none' | 'unknown'} gc
 * @property {number} pid
 * @property {number} thread
 * @property {string[]} types
 * @property {number} depth
 * @property {'before' | 'after'} [side] of a difference
 * @property {number} [run] of several runs of one program, from 1 on
 *
 * @typedef {Record<string, number>} Figures a number for each type
 *
 * @typedef {object} Row
 * @property {string} name
 * @property {string} file
 * @property {number} line
 * @property {number} column
 * @property {string} category
 * @property {string} package
 * @property {Figures} self
 * @property {Figures} total
 * @property {Figures} selfError
 * @property {Figures} totalError
 * @property {Place} [caller]
 * @property {Place[]} [path]
 *
 * @typedef {{ name: string, file: string, line: number, column: number }} Place
 * @typedef {{ before: number, after: number, error: number, verdict: 'grew' | 'shrank' | 'within noise' }} Change
 * @typedef {{ name: string, file: string, line: number, column: number, self: Change, total: Change, caller?: Place, path?: Place[] }} ChangeRow
 * @typedef {{ value: number, error: number, samples: number, runs: number }} Figure
 * @typedef {{ judgement: 'holds' | 'exceeded' | 'unsure', before?: Figure, after: Figure }} Judged
 *
 * @typedef {object} Core
 * @property {string} version
 * @property {string} viewer the script in every SVG, as a CSP names it: `sha256-…`
 * @property {(capture: Uint8Array) => Promise<Handle>} fromCapture
 * @property {(path: string) => Promise<Handle>} fromCaptureFile
 * @property {(path: string, type?: string, maxMemory?: number, bySize?: boolean) => Promise<Handle>} readFile any format; `type`: what an input of one column counts
 * @property {(bytes: Uint8Array, type?: string, maxMemory?: number, bySize?: boolean) => Promise<Handle>} readBuffer
 * @property {(profile: Handle) => void} spend it is for one more merge or diff, which take less memory for it
 * @property {(inputs: MergeInput[], runs?: boolean) => Promise<Handle>} merge
 * @property {(before: Handle, after: Handle, type: string, normalize: boolean) => Promise<Handle>} diff
 * @property {(profile: Handle, by: string) => Promise<Handle>} group
 * @property {(profile: Handle, masks: { focus?: Uint8Array, ignore?: Uint8Array, hide?: Uint8Array }) => Promise<Handle>} filter
 * @property {(profile: Handle, type: string, percent: number) => Promise<Handle>} prune
 * @property {(profile: Handle) => string[]} frames
 * @property {(profile: Handle) => string[]} files each once
 * @property {(profile: Handle) => string[]} scripts what V8 knew of scripts: name, facts, name, facts …;
 *   facts: the length of the text, a line feed, its map as a data: URL or nothing
 * @property {(profile: Handle, wanted: Uint8Array) => { rows: Int32Array, names: string[] }} places
 *   frames of the files() whose byte in `wanted` is not 0: id, places of file and name, line, column
 * @property {(profile: Handle, rows: Int32Array, texts: Uint8Array, contents: Uint8Array) => Promise<Handle>} remap
 *   rows as places() has them, counted in `texts`; a NUL stands behind each text; contents: file, text, …
 * @property {(profile: Handle, format: string, options: object) => Promise<Buffer>} encode
 * @property {(profile: Handle, format: string, options: object, path: string) => Promise<void>} write
 * @property {(profile: Handle, format: string, options: object, max: number) => Promise<number>} measure
 *   bytes that write would write, not zipped; or some number above `max`
 * @property {(bytes: Uint8Array, path: string) => Promise<void>} writeBytes as write does; `-` is stdout
 * @property {(profile: Handle) => string[]} types
 * @property {(profile: Handle, type: string) => number} total
 * @property {(profile: Handle, type: string) => { stacks: number, sum: number }} losses
 * @property {(profile: Handle, type: string) => number} error
 * @property {(profile: Handle) => Record<string, string>} meta
 * @property {(profile: Handle) => Source[]} sources
 * @property {(profile: Handle, type: string, rows: number, callers: boolean) => Row[]} top
 * @property {(profile: Handle) => { nodes: number, frames: number, samples: number, sources: number }} counts
 * @property {(profile: Handle, type: string, rows: number, callers: boolean) => ChangeRow[]} changes
 * @property {(profile: Handle, type: string, max: number) => Judged} judge
 * @property {(profile: Handle, type: string, percent: number) => Judged} judgeGrowth
 * @property {(profile: Handle) => void} free
 * @property {(capture: Uint8Array) => import('../api/sample-heap-allocations.js').Stack[]} callsites
 * @property {(capture: Uint8Array) => import('../api/sample-heap-allocations.js').Callsite[]} visit
 * @property {(pid: number) => number} openProcess a descriptor that stays this process's; below 0: a negated errno
 * @property {(descriptor: number, signal: number) => number} signalProcess 0 or an errno; the signal 0 only asks whether it lives
 *
 * @typedef {object} Sampler
 * @property {(options: { interval: number, depth: number, exactDepth?: boolean, alloc: boolean, inuse: boolean, maxMemory: number, thread: number, offheap?: boolean, arrayBuffers?: number }) => void} start
 * @property {() => void} stop
 * @property {() => boolean} running
 * @property {() => 'public' | 'guarded' | 'sampler' | 'none'} liveness
 * @property {() => string} livenessReason
 * @property {() => string} offheapReason why it is not sampled although it was asked for; else empty
 * @property {(options: { gc: boolean, meta: Record<string, string> }) => Buffer} capture
 * @property {(options: { dir: string, gc: boolean, meta: Record<string, string>, signals: boolean, thread: number, every?: number, fixed: boolean }) => void} writeAtExit
 * @property {(whole: boolean) => void} collectAtExit of a worker; `whole`: however long it takes
 * @property {(options: { dir: string, every: number, fixed: boolean, keep: number, marks: boolean, signal: number }) => boolean} [takeSnapshots] whether the signal asks for them
 * @property {() => number} [snapshot] the number that it will have
 * @property {() => string} [capturePath]
 * @property {() => void} [captureAtAbort] of every thread, where the app calls process.abort
 * @property {boolean} [signals] false: they leave nothing but the last checkpoint
 * @property {(options: { dir: string, socket: string, meta: Record<string, string>, gc: boolean, thread: number, every: number }) => void} [serve] only the native one
 */

/** @type {Map<string, unknown>} */
const loaded = new Map()

/** Read at once: in a thread that was reached the environment becomes the app's before they are loaded. */
const { SHAP_FLAME_BINDINGS: OTHER } = process.env

/** @returns {string} the C library that this Node runs on, as the prebuilt binaries' folders name it */
function libc () {
  if (process.platform !== 'linux') return 'system'
  try {
    return fs.readFileSync('/proc/self/maps', 'latin1').includes('/ld-musl-') ? 'musl' : 'glibc'
  } catch {
    return 'glibc'
  }
}

/**
 * @param {string} name
 * @param {string} [abi] of the Node that is to load it
 * @returns {string} the binary that the package carries for that Node, if it does
 */
function prebuilt (name, abi = process.versions.modules) {
  const { platform, arch } = process
  const file = name === 'shap_sampler' ? `${name}.abi${abi}.node` : `${name}.node`
  return path.join(__dirname, '..', 'prebuilds', `${platform}-${arch}-${libc()}`, file)
}

/**
 * @param {string} name
 * @param {string} [abi]
 * @returns {(() => string)[]} where the binary may be: in the folder that the environment
 *   names; else one that was built here goes before the package's own
 */
function places (name, abi) {
  const built = () => path.join(__dirname, '..', '..', 'build', 'Release', `${name}.node`)
  return OTHER ? [() => path.resolve(OTHER, `${name}.node`)] : [built, () => prebuilt(name, abi)]
}

/**
 * @param {string} name
 * @param {string} what its part, for the message
 * @returns {unknown}
 */
function load (name, what) {
  const known = loaded.get(name)
  if (known) return known
  /** @type {Error | undefined} */
  let failure
  for (const place of places(name)) {
    try {
      const native = require(place())
      loaded.set(name, native)
      return native
    } catch (error) {
      const absent = /** @type {{ code?: string }} */ (error).code === 'MODULE_NOT_FOUND'
      if (!absent) failure ??= /** @type {Error} */ (error)
    }
  }
  throw missing(name, what, failure)
}

/**
 * @param {string} name
 * @param {string} what
 * @param {Error | undefined} failure why it did not load, if it was found
 */
function missing (name, what, failure) {
  const here = `Node ${process.version} (ABI ${process.versions.modules}) on ${process.platform} ${process.arch}`
  if (!failure) {
    return coded('NO_BINARY', `${what} has no binary (${name}.node) for ${here}; build it with npx node-gyp rebuild --directory ${path.join(__dirname, '..', '..')}`)
  }
  const why = /** @type {{ code?: string }} */ (failure).code === 'SHF_E_ABI'
    ? `it was ${failure.message}`
    : oneLine(reason(failure))
  return coded('NO_BINARY', `${what} does not load in ${here}: ${why}`, failure)
}

/**
 * @param {string} file
 * @returns {string[]} the ABI that it says it is for; none where it cannot be read
 */
function abiOf (file) {
  try {
    const text = fs.readFileSync(file, 'latin1')
    return [...text.matchAll(/shap_sampler for ABI (\d+);/g)].map(([, abi]) => abi).slice(0, 1)
  } catch {
    return []
  }
}

/** @returns {string[]} the package's own samplers */
function prebuiltSamplers () {
  const folder = path.dirname(prebuilt('shap_sampler'))
  try {
    return fs.readdirSync(folder).filter(name => /^shap_sampler\.abi\d+\.node$/.test(name)).map(name => path.join(folder, name))
  } catch {
    return []
  }
}

/**
 * The samplers for other processes: told by what the files say of themselves, for a
 * process that is not ours must not load what it cannot use.
 *
 * @returns {{ abi: string, file: string }[]} `process.versions.modules` that each is for, and an
 *   absolute path; the first of an ABI is the one to take
 */
function samplerFiles () {
  const files = OTHER ? [] : prebuiltSamplers()
  const all = [...places('shap_sampler').map(place => place()), ...files]
  return [...new Set(all)].flatMap(file => abiOf(file).map(abi => ({ abi, file })))
}

/** @returns {Core} */
function core () {
  return /** @type {Core} */ (load('shap_core', 'the core'))
}

/** @returns {Sampler} */
function sampler () {
  return /** @type {Sampler} */ (load('shap_sampler', 'the sampler'))
}

module.exports = { core, sampler, samplerFiles }
