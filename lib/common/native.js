'use strict'

const fs = require('node:fs')
const path = require('node:path')
const { coded, reason, oneLine } = require('./errors.js')

/**
 * The addons, loaded when they are first needed: `shap_core` (Node-API, for any Node) and
 * `shap_sampler` (one for each Node ABI).
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
 * @typedef {{ min: number, low: number, median: number, high: number, max: number }} Age seconds
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
 * @property {Age} [age]
 * @property {'leak' | 'filled' | 'young'} [stays]
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
 * @property {(path: string, type?: string, maxMemory?: number, bySize?: boolean) => Promise<Handle>} readFile any format; `type`: the type of an input with one column
 * @property {(bytes: Uint8Array, type?: string, maxMemory?: number, bySize?: boolean) => Promise<Handle>} readBuffer
 * @property {(profile: Handle) => void} consume marks it for one last merge or diff, which then takes less memory
 * @property {(inputs: MergeInput[], runs?: boolean) => Promise<Handle>} merge
 * @property {(before: Handle, after: Handle, type: string, normalize: boolean) => Promise<Handle>} diff
 * @property {(before: Handle, after: Handle) => Promise<Handle>} delta what was allocated between two captures, and by what memory in use changed
 * @property {(profile: Handle, by: string) => Promise<Handle>} group
 * @property {(profile: Handle, masks: { focus?: Uint8Array, ignore?: Uint8Array, hide?: Uint8Array, labels?: Uint8Array, olderThan?: number }) => Promise<Handle>} filter
 * @property {(profile: Handle, type: string, percent: number) => Promise<Handle>} prune
 * @property {(profile: Handle) => import('../api/labels.js').Label[][]} labels each set of them; the first one is empty
 * @property {(profile: Handle, cwd: string, minSeconds?: number) => string} leaks lines of likely leaks, which end in LF
 * @property {(profile: Handle, type: string) => { total: number[], variance: number[] }} labelSums what each set has
 * @property {(profile: Handle, how: { roots: string, leaves: string, alone?: boolean }) => Promise<Handle>} labelFrames
 *   frames of labels above and below the stacks, by their keys, each with a NUL behind it; `alone`: without the stacks
 * @property {(profile: Handle) => string[]} frames
 * @property {(profile: Handle) => string[]} files each once
 * @property {(profile: Handle) => string[]} scripts what V8 knew about scripts: name, facts, name, facts …;
 *   facts: length of the text, a line feed, the source map as a data: URL or nothing
 * @property {(profile: Handle, wanted: Uint8Array) => { rows: Int32Array, names: string[] }} places
 *   frames of the files() whose byte in `wanted` is not 0: id, places of file and name, line, column, line of the call
 * @property {(profile: Handle, rows: Int32Array, texts: Uint8Array, contents: Uint8Array) => Promise<Handle>} remap
 *   rows as in places(), with indices into `texts`, where a NUL follows each text; contents: file, text, …
 * @property {(profile: Handle, format: string, options: object) => Promise<Buffer>} encode
 * @property {(profile: Handle, format: string, options: object, path: string) => Promise<void>} write
 * @property {(profile: Handle, format: string, options: object, max: number) => Promise<number>} measure
 *   size of the output in bytes before gzip, or any number above `max`
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
 * @property {(pid: number) => number} openProcess a pidfd; below 0: a negated errno
 * @property {(descriptor: number, signal: number) => number} signalProcess 0 or an errno; the signal 0 only checks whether the process is alive
 *
 * @typedef {object} Sampler
 * @property {(options: { interval: number, depth: number, exactDepth?: boolean, alloc: boolean, inuse: boolean, maxMemory: number, thread: number, offheap?: boolean, arrayBuffers?: number, lines?: boolean, types?: number }) => void} start
 * @property {() => void} stop
 * @property {() => boolean} running
 * @property {() => 'public' | 'guarded' | 'sampler' | 'none'} liveness
 * @property {() => string} livenessReason
 * @property {() => string} offheapReason why off-heap memory is not sampled although requested; else empty
 * @property {(options: { gc: boolean, meta: Record<string, string>, types?: boolean }) => Uint8Array} capture
 * @property {(options: { dir: string, gc: boolean, meta: Record<string, string>, signals: boolean, thread: number, every?: number, fixed: boolean }) => void} writeAtExit
 * @property {(whole: boolean) => void} collectAtExit in a worker; `whole`: however long it takes
 * @property {(options: { dir: string, every: number, fixed: boolean, keep: number, marks: boolean, signal: number }) => boolean} [takeSnapshots] returns whether the signal triggers snapshots
 * @property {(pairs: readonly string[], isOther: boolean) => number} [labelSet] the number of a set of labels in this process; 0: there are too many
 * @property {(set: number) => string[]} [labelTexts] its pairs, cut to 128 bytes each
 * @property {(probe: number) => 'frames' | 'hooks' | 'none'} [labelContexts] how labels are read from now on; called where an AsyncLocalStorage holds `probe`
 * @property {() => string} [labelsReason] why labels are not known, or what they lack; else empty
 * @property {(set: number, pairs: readonly string[]) => boolean} [labelRename] gives a set other texts, once; false: not done
 * @property {(set: number) => boolean} [labelBase] the set of what is sampled from now on without labels of its context; false: labels are not known
 * @property {(slots: number) => ArrayBuffer} [labelSlots] of pairs of numbers, execution and set, for `hooks`
 * @property {() => number} [snapshot] returns its number
 * @property {() => string} [capturePath]
 * @property {() => void} [captureAtAbort] captures every thread when the app calls process.abort
 * @property {boolean} [signals] false: a signal leaves only the last checkpoint
 * @property {(options: { dir: string, socket: string, meta: Record<string, string>, gc: boolean, thread: number, every: number }) => void} [serve] only the native one
 */

/** @type {Map<string, unknown>} */
const loaded = new Map()

/** Read at start: the preload restores the app's environment before the addons are loaded. */
const { SHAP_FLAME_BINDINGS: CUSTOM_FOLDER } = process.env

/** @returns {string} the C library of this Node, as named in the folders of prebuilt binaries */
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
 * @param {string} [abi] of the Node that loads it
 * @returns {string} path of the package's binary, which need not exist
 */
function prebuilt (name, abi = process.versions.modules) {
  const { platform, arch } = process
  const file = name === 'shap_sampler' ? `${name}.abi${abi}.node` : `${name}.node`
  return path.join(__dirname, '..', 'prebuilds', `${platform}-${arch}-${libc()}`, file)
}

/**
 * @param {string} name
 * @param {string} [abi]
 * @returns {(() => string)[]} paths of the binary: in the folder that the environment names, or else
 *   the one that was built here, before the package's own
 */
function places (name, abi) {
  const built = () => path.join(__dirname, '..', '..', 'build', 'Release', `${name}.node`)
  return CUSTOM_FOLDER ? [() => path.resolve(CUSTOM_FOLDER, `${name}.node`)] : [built, () => prebuilt(name, abi)]
}

/**
 * @param {string} name
 * @param {string} what its name in messages
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
 * @param {Error | undefined} failure why a binary did not load; undefined: none was found
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
 * @returns {string[]} the ABI in the file; empty if it cannot be read
 */
function abiOf (file) {
  try {
    const text = fs.readFileSync(file, 'latin1')
    return [...text.matchAll(/shap_sampler for ABI (\d+);/g)].map(([, abi]) => abi).slice(0, 1)
  } catch {
    return []
  }
}

/** @returns {string[]} the package's samplers */
function prebuiltSamplers () {
  const folder = path.dirname(prebuilt('shap_sampler'))
  try {
    return fs.readdirSync(folder).filter(name => /^shap_sampler\.abi\d+\.node$/.test(name)).map(name => path.join(folder, name))
  } catch {
    return []
  }
}

/**
 * The samplers for other processes, with the ABI that each file contains: a process must not load a
 * binary for another Node.
 *
 * @returns {{ abi: string, file: string }[]} the `process.versions.modules` and the absolute path of
 *   each; use the first with a matching ABI
 */
function samplerFiles () {
  const files = CUSTOM_FOLDER ? [] : prebuiltSamplers()
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
