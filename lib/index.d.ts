/**
 * shap-flame: which functions allocate this memory?
 *
 * All sizes are in bytes. Values are estimates from samples, rounded to whole numbers.
 * An error is one standard error of such an estimate, in the same unit.
 *
 * Every error has a `code`: ERR_SHAP_FLAME_ARGUMENT for a wrong call; SHF_E_FORMAT (with `offset`
 * or `line`), SHF_E_LIMIT or SHF_E_IO (with `errno`, for example ENOENT) for a file that cannot be
 * read or written; ERR_SHAP_FLAME_NO_BINARY where the binary is missing. Where sampling cannot do
 * all that was asked for, it emits a process warning with the code SHAP_FLAME_ENGINE,
 * SHAP_FLAME_LIVENESS or SHAP_FLAME_OFFHEAP.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'

/** Blocks or bytes; allocated since the start, or in use at the capture. */
export type SampleType = 'alloc_objects' | 'alloc_space' | 'inuse_objects' | 'inuse_space'

export type Format = 'svg' | 'pprof' | 'folded' | 'listing' | 'markdown' | 'json' | 'heapprofile' | 'speedscope'

/** What one frame stands for. */
/** `label:KEY`: the values of a label. */
export type Grouping = 'line' | 'function' | 'file' | 'package' | `label:${string}`

/** What a function belongs to. */
export type Category = 'app' | 'package' | 'node' | 'v8' | 'offheap' | 'label' | 'other'

/** A number for each type; bytes for the `_space` ones, blocks for the others. */
export type Figures = Record<SampleType, number>

export interface StartOptions {
  /** Mean number of bytes between two samples, at least 1. Default: 524288 (512 KiB). */
  interval?: number
  /** Frames kept of each stack, 1 to 100000. Default: 128. */
  depth?: number
  /** Maximum memory for samples, in bytes. Default: 33554432 (32 MiB). */
  maxProfilerMemory?: number
  /**
   * `native`, or `inspector` (node:inspector), which needs no binary, captures more slowly, and
   * knows either allocations or memory in use: `type` decides. Default: native if its binary
   * loads; else inspector, with a warning.
   */
  engine?: 'native' | 'inspector'
  /**
   * Also sample the memory of Buffers and ArrayBuffers, which is outside of V8's heap. Its leaf
   * frame is `(off-heap)`. The interval doubles above 500 samples a second. A warning is emitted
   * where this is not possible. Default: true.
   */
  offheap?: boolean
  /**
   * The type that matters most. Where this platform cannot report both allocated and in-use
   * memory, it decides which one is reported; a warning is emitted.
   */
  type?: SampleType
  /**
   * Also sample the line of each allocation and call; from Node 22 on, inlined functions count for
   * themselves. This pauses the thread when sampling starts, for about 3 ms per MB of its heap.
   * Lines are exact in code that was compiled with the V8 flags that `shap-flame --version --verbose`
   * lists. `meta.lines` says what is missing. Default: false.
   */
  lines?: boolean
  /**
   * Labels without a line of code: `http` is the method and the route of the request, `test` the file
   * and the name of the test, `worker` the name of the thread, `trace` OpenTelemetry's ids. `shap-flame help labels` has the details.
   */
  label?: LabelSource | readonly LabelSource[]
}

export type LabelSource = 'http' | 'test' | 'worker' | 'trace'

export interface CaptureOptions {
  /**
   * Force a garbage collection first, so that garbage does not count as in use. Blocks the
   * thread for the time of a full collection. Default: false.
   */
  gc?: boolean
  /**
   * Also find out what each live sample is: the label `type` of what is in use has its constructor's
   * name, such as `Session` or `Map`, or what V8 made it for: `(string)`, `(array)`, `(closure)`,
   * `(properties)`, `(Map table)`, `(code)`, `(internal)`. Takes up to 0.15 µs for each live sample.
   * `meta.limit_types` says why types are not known. Default: false.
   */
  types?: boolean
  /**
   * As in ReadOptions, but false by default, because a large map blocks this thread. read() can
   * map a profile that was written without.
   */
  sourceMaps?: boolean | string
}

export interface ReadOptions extends TypeOption {
  /**
   * Whether frames of generated files are mapped to their sources, by source maps that are inline
   * or beside the files. A string also names a folder of maps. A map that cannot be used emits a
   * process warning with the code SHAP_FLAME_SOURCE_MAP. Default: true.
   */
  sourceMaps?: boolean | string
  /**
   * Folders in which generated files, their maps and sources may be read; links are followed. Set
   * it for profiles from untrusted sources. Nothing in /proc, /sys and /dev is read. Default:
   * any path that the profile names.
   */
  sourceRoot?: string | readonly string[]
  /**
   * Maximum memory in bytes for this reading, all others that are under way, and the profiles that
   * were read: a file of a few kilobytes can expand to gigabytes. Above it the promise rejects with
   * SHF_E_LIMIT. Default: a quarter of the memory of the machine or control group, at most 2 GiB,
   * and for a small input at most 128 MiB plus 64 times its unzipped size.
   */
  maxMemory?: number
}

export interface TypeOption {
  /** Default: `Profile.defaultType`. */
  type?: SampleType
}

export interface PprofOptions extends TypeOption {
  /** gzip level, 1 (fast) to 9 (small). */
  level?: number
}

export interface TableOptions extends TypeOption {
  /** Maximum number of functions; 0: all. Default: 0. */
  rows?: number
  /**
   * Lines of source shown under each callsite: those that allocate most, with their bytes, if lines
   * were sampled; otherwise its first ones. Default: 0.
   */
  sourceLines?: number
  /** Paths below this folder are shortened. Default: the profiled process's own. */
  cwd?: string
  /** 1.23 MB instead of 1,234,567. Default: false. */
  human?: boolean
}

export interface ListingOptions extends TableOptions {
  /** Maximum columns of a line; 0: unlimited. Default: 0. */
  width?: number
  /** ANSI bold and dim. Default: false. */
  color?: boolean
}

export interface MarkdownOptions extends TableOptions {
  /** Maximum bytes; the table ends before the row that would exceed it. 0: unlimited. Default: 0. */
  maxBytes?: number
}

export interface SvgOptions extends TypeOption {
  /** Default: the command line of the profiled process. */
  title?: string
  /** Default: none. */
  subtitle?: string
  /** Width of the image in pixels, 200 to 100000. Default: 1200. */
  width?: number
  /** Height of one frame in pixels, 2 to 200. Default: 16. */
  frameHeight?: number
  /** Frames narrower than this, in pixels, become one grey block. Default: 0.1. */
  minWidth?: number
  /** Maximum size of the file in bytes. Default: 1000000. */
  maxBytes?: number
  /** Root on top (icicle). Default: false. */
  inverted?: boolean
  /** Start stacks at the function that allocated. Default: false. */
  reverse?: boolean
  /** Text for the image's description; not drawn. */
  notes?: string
  /** A palette instead of colours by category. */
  colors?: 'hot' | 'mem' | 'io' | 'js' | 'red' | 'orange' | 'yellow' | 'green' | 'aqua' | 'blue' | 'purple'
  /** CSS font-family of all text. */
  fontType?: string
  /** Size of the frames' text in pixels. Default: depends on frameHeight. */
  fontSize?: number
  /** Name of the unit. Default: bytes or objects. */
  countName?: string
  /** Name of a frame. Default: Function. */
  nameType?: string
  /** Paths below this folder are shortened in titles. Default: the profiled process's own. */
  cwd?: string
}

export interface OutputLimit {
  /**
   * Maximum size of an output in bytes, before gzip: folded stacks of a deep tree can be a million
   * times larger than the input. Above it the promise rejects with SHF_E_LIMIT. Default: half of the
   * machine's memory, at most 4 GiB.
   */
  maxMemory?: number
}

export interface WriteOptions extends OutputLimit, PprofOptions, ListingOptions, MarkdownOptions, SvgOptions {
  /** Default: by the path's extension. */
  format?: Format
}

export interface FilterOptions {
  /** Keep only stacks with a frame whose text matches. A frame's text is `name (file:line:column)`. */
  focus?: RegExp | string
  /** Remove stacks with a frame that matches. */
  ignore?: RegExp | string
  /** Remove the frames that match; their callees join their caller. A stack of only such frames becomes `(hidden)`. */
  hide?: RegExp | string
  /** Keep only memory with these labels. */
  where?: LabelFilter
  /** Keep only memory in use that is at least so many seconds old. What was allocated is not known any more then. */
  olderThan?: number
}

/** One of the values of each key. An empty text: without that label. */
export type LabelFilter = Record<string, string | number | readonly (string | number)[]>

/** What has one value of a label. */
export interface LabelRow {
  /** Of a number with its unit; empty: without the label. */
  value: string
  /** Rounded estimates. */
  total: Figures
  /** Their standard errors. */
  error: Figures
}

/** Where a function begins. */
export interface Place {
  name: string
  file: string
  /** 1-based; 0: not known. */
  line: number
  column: number
}

/** Seconds since memory was allocated. A tenth of the bytes is younger than `low`, and a tenth is older than `high`. */
export interface Age {
  min: number
  low: number
  median: number
  high: number
  max: number
}

/** One function over the whole profile. */
export interface TopRow {
  /** `(anonymous)` for a function without a name. */
  name: string
  /** A path (also for a `file:` URL), `node:…`, or empty. */
  file: string
  /** Where the function begins, 1-based; 0: not known. */
  line: number
  /** 1-based, in UTF-16 units; 0: not known. */
  column: number
  category: Category
  /** The npm package's name with its scope; empty outside node_modules. */
  package: string
  /** What the function itself allocated. */
  self: Figures
  /** Including everything that it called; a recursive function counts once per stack. */
  total: Figures
  selfError: Figures
  totalError: Figures
  /** Of what the function itself has in use; absent if it is not known. */
  age?: Age
  /**
   * Of profiles of 30 s or more: `leak` for a likely leak; `filled` if nearly all of its memory is from before the last
   * third of the run, as in a cache that filled; `young` if nearly all is from the last tenth, and perhaps garbage.
   */
  stays?: 'leak' | 'filled' | 'young'
  /**
   * With `callers`, for a function outside of the app and its packages: the nearest caller inside of
   * them, through which most of its self came; absent if there is none.
   */
  caller?: Place
  /**
   * With `callers`: the app's nearest callers, nearest first, at most three, through which most of
   * its self came. Empty if no function of the app was on the stack.
   */
  path?: Place[]
}

/** One sampled thread, and how it was sampled. */
export interface Source {
  kind: 'heap' | 'offheap'
  /** Mean bytes between samples; 0: exact or unknown. */
  interval: number
  /** Memory in use counts blocks allocated since then; milliseconds since 1970. */
  since: number
  /** Whether a collection was forced before the capture; `none`: memory in use may include garbage; `unknown`: a profile of another tool. */
  gc: 'forced' | 'none' | 'unknown'
  pid: number
  /** Node's threadId; 0 is the main thread. */
  thread: number
  /** The types that it reports. */
  types: SampleType[]
  /** Frames kept of each stack; 0: not known. */
  depth: number
  /** In a difference: the side that it is from. */
  side?: 'before' | 'after'
  /** With several runs of one program: the run, counted from 1. */
  run?: number
}

/**
 * A value before and after, the standard error of its change, and whether the change is more than
 * noise (99 % confidence). A side without samples has the error of its own interval.
 */
export interface Change {
  before: number
  after: number
  error: number
  verdict: 'grew' | 'shrank' | 'within noise'
}

/** One function of a difference. */
export interface ChangeRow extends Place {
  self: Change
  total: Change
  /** With `callers`: as in TopRow, but through which most of the growth of self came. */
  caller?: Place
  path?: Place[]
}

/** A total; with several runs, their mean. */
export interface Figure {
  value: number
  /** One standard error. With several runs it includes their spread, where that exceeds the sampling error. */
  error: number
  /** Sampled blocks in all runs together. */
  samples: number
  runs: number
}

/** A limit for check(): either `max` or `maxGrowth`. */
export interface Limit {
  /** Default: `Profile.defaultType`. */
  type?: SampleType
  /** Count only stacks with a frame whose text, `name (file:line:column)`, matches; or only memory with these labels. */
  where?: RegExp | string | LabelFilter
  /** Bytes or blocks. */
  max?: number
  /** Percent of the baseline. */
  maxGrowth?: number
}

export interface LimitResult extends Limit {
  type: SampleType
  where?: string
  /**
   * `exceeded`: with 99 % confidence. `unsure`: too few samples to decide, or nothing matches
   * `where`.
   */
  judgement: 'holds' | 'exceeded' | 'unsure'
  /** Whether anything matches `where`. */
  matched: boolean
  after: Figure
  /** Where there is a baseline. */
  before?: Figure
  /**
   * At most five functions: those whose self grew most, or without a baseline those with the largest
   * self. `caller` and `path` as in TopRow and ChangeRow.
   */
  growers: Array<Place & { value: number, error: number, caller?: Place, path?: Place[] }>
}

export interface CheckOptions {
  /** Several profiles are runs of one program. */
  baseline?: Profile | readonly Profile[]
  /** Whether a limit that cannot be judged fails. Default: false. */
  strict?: boolean
}

export interface CheckResult {
  passed: boolean
  /** In the order of the limits. */
  results: LimitResult[]
}

/**
 * A profile of heap allocations, held in native memory that is released by free() or on garbage
 * collection. After free() every other call throws or rejects with ERR_SHAP_FLAME_FREED.
 */
export class Profile {
  private constructor ()

  /** Command line, versions, pid, and the limits that applied. */
  readonly meta: Readonly<Record<string, string>>
  readonly sources: readonly Source[]
  /** The types in the profile; asking for another one is an ERR_SHAP_FLAME_UNKNOWN_TYPE. */
  readonly types: readonly SampleType[]
  /** The keys of the labels that its memory has, sorted. */
  readonly labels: readonly string[]
  readonly counts: { readonly nodes: number, readonly frames: number, readonly samples: number, readonly sources: number }
  /** Used where no type is given: inuse_space for a running process, alloc_space for one that ended. */
  readonly defaultType: SampleType

  /** The sum over the whole profile, in bytes or blocks. */
  total (type?: SampleType): number
  /** One standard error of total(type), in the same unit. */
  error (type?: SampleType): number
  /** The functions with the largest self. Default: 10 rows; 0: all. */
  top (rows?: number, type?: SampleType, options?: { callers?: boolean }): TopRow[]
  /** Whether diff() made it. */
  readonly isDifference: boolean
  /** In a difference: the functions with the largest changes of self. Default: 10 rows; 0: all. */
  changes (rows?: number, type?: SampleType, options?: { callers?: boolean }): ChangeRow[]

  /** Folded stacks, one `frame;frame;frame NUMBER` per line. */
  toFolded (options?: TypeOption): Promise<Buffer>
  /** Gzipped profile.proto with all types in the profile. */
  toPprof (options?: PprofOptions): Promise<Buffer>
  /** A table of callsites as text. */
  toListing (options?: ListingOptions): Promise<Buffer>
  /** The same table as GitHub's Markdown. */
  toMarkdown (options?: MarkdownOptions): Promise<Buffer>
  /** The same table as JSON. There is no toJSON(): JSON.stringify(profile) is `{}`, and cheap. */
  toJson (options?: TableOptions): Promise<Buffer>
  /** A flamegraph as SVG that also works with JavaScript disabled. */
  toSVG (options?: SvgOptions): Promise<Buffer>
  /** V8's .heapprofile, as Chrome DevTools opens it. */
  toHeapprofile (options?: TypeOption): Promise<Buffer>
  /** The bytes that write() puts into a file of that format. */
  encode (format: Format, options?: Omit<WriteOptions, 'format'>): Promise<Buffer>
  /**
   * Writes a file, which appears once it is complete. The extension selects the format:
   * .svg, .pb.gz or .pprof, .folded, .txt, .md, .json, .heapprofile, .speedscope.json.
   * The path `-` is stdout and needs `format`.
   */
  write (path: string, options?: WriteOptions): Promise<void>

  /** A new profile with the frames and stacks that remain. */
  filter (options: FilterOptions): Promise<Profile>
  /** A new profile with frames `KEY: value` of labels above (`root`) and below (`leaf`) each stack, outermost first. */
  labelFrames (keys: { root?: string | readonly string[], leaf?: string | readonly string[] }): Promise<Profile>
  /** The values of a label and what has each of them, the largest of `type` first. */
  by (key: string, type?: SampleType): LabelRow[]
  /** A new profile whose frames are lines, files, packages or the values of a label. */
  group (by: Grouping): Promise<Profile>
  /** A new profile in which subtrees below `percent` (0 to 100) of the total are merged into one frame. */
  prune (percent: number, type?: SampleType): Promise<Profile>

  /**
   * Maps generated files in this profile to their sources, as read() does by default. `folder`
   * contains maps, and is searched before the maps beside the files. Resolves to a line for each
   * map that could not be used, at most four.
   */
  mapSources (folder?: string): Promise<string[]>

  /** Releases the memory; calling it twice is allowed. */
  free (): void
}

/**
 * Starts sampling this thread's allocations. Rejects with ERR_SHAP_FLAME_RUNNING if any heap
 * sampler is already running in this thread.
 */
export function start (options?: StartOptions): Promise<void>
/** Stops sampling and drops the samples; does nothing if sampling is not running. */
export function stop (): Promise<void>
/** Whether shap-flame samples this thread. */
export function running (): boolean
/**
 * The samples since start(). Blocks the calling thread while V8's samples are copied; everything
 * else runs on another thread. Rejects with ERR_SHAP_FLAME_NOT_RUNNING.
 */
export function capture (options?: CaptureOptions): Promise<Profile>

/**
 * Takes a snapshot of every thread of this process, which must run under `shap-flame` or with
 * `shap-flame/register`. Resolves to the path of a new numbered file: under `shap-flame` a pprof in
 * the output folder, `<name>.<pid>.<number>.pb.gz`; otherwise a capture of the calling thread, with
 * those of the other threads beside it. read() reads both. No garbage collection is forced: memory
 * in use is as of the last one. Rejects with ERR_SHAP_FLAME_NOT_RUNNING.
 */
export function snapshot (): Promise<string>

/** Each key and value is cut at 128 bytes. */
export type Labels = Record<string, string | number | boolean>

/**
 * Calls `fn` and returns what it returns. What is allocated meanwhile, and by what follows from it
 * through promises, timers and callbacks, has these labels, added to those of the caller. Messages
 * to workers do not carry labels. At most 1,000 different sets are told apart in a process; the
 * values of further ones count as `(other)`. Where nothing is profiled, it only calls `fn`.
 *
 * Node 20 has no async contexts, and Node 22 only with `--experimental-async-context-frame`:
 * there async_hooks are used from the first call on, which slow down promises. A warning says so, or
 * why there are no labels; `meta.limit_labels` has what a profile lacks.
 */
export function withLabels<T> (labels: Labels, fn: () => T): T
/** Adds labels for the rest of this async context, as withLabels() does. */
export function setLabels (labels: Labels): void

export interface PprofHandlerOptions extends StartOptions {
  /** The path that the pages are below. Default: `/debug/pprof`. */
  prefix?: string
  /**
   * Whether a request may read profiles. Default: only programs on this machine, by its address, its
   * Host header, and without the headers of a proxy.
   */
  authorize?: (request: any) => boolean | Promise<boolean>
  /** Limit for captures; further requests are answered with 429. Default: 60. */
  capturesPerMinute?: number
}

/** Answers requests below its prefix; calls `next` for others, or answers 404 without it. */
export interface PprofHandler {
  (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void): void
  /** For servers whose handlers take a Request: it needs `authorize`. */
  fetch (request: Request): Promise<Response>
}

/**
 * Profiles of this thread by HTTP, as Go programs serve them: `heap`, `allocs` (pprof), `flamegraph`,
 * `folded`, `cmdline` and an index, with `gc=1`, `debug=1`, `seconds=N` and `type=`. Starts sampling
 * unless it runs already. `shap-flame help service` has the recipes.
 */
export function pprofHandler (options?: PprofHandlerOptions): PprofHandler

/**
 * Reads a profile; the format is detected: pprof, .heapprofile, folded stacks or a capture, gzipped
 * or not. `type` is what the numbers mean in formats that do not say it: folded stacks (default
 * alloc_space) and .heapprofile (default inuse_space).
 */
export function read (input: string | URL | Uint8Array, options?: ReadOptions): Promise<Profile>
/** Merges profiles by adding up their stacks; at least one. The inputs stay unchanged. */
export function merge (profiles: readonly Profile[]): Promise<Profile>

/**
 * Compares two profiles in one tree; functions whose lines moved are matched. Several profiles of
 * one side are runs of one program and count as their mean. The outputs show what grew, what shrank
 * and what is noise: SVG, listing, Markdown, JSON, pprof (as with `-diff_base`) and folded (two
 * columns), but not .heapprofile. `normalize` scales `before` to the total of `type` of `after`.
 * Off-heap memory is omitted if only one side sampled it.
 */
export function diff (before: Profile | readonly Profile[], after: Profile | readonly Profile[], options?: TypeOption & { normalize?: boolean }): Promise<Profile>

/** Checks a profile, or several runs of one program, against limits. Growth within noise does not exceed a limit. */
export function check (profile: Profile | readonly Profile[], limits: readonly Limit[], options?: CheckOptions): Promise<CheckResult>

/** @see visitAllocationProfile */
export interface Callsite {
  /** Distance from V8's root, the outermost callsite. */
  depth: number
  /** Empty for an anonymous function. */
  name: string
  script: string
  script_id: number
  /** Where the function begins, in UTF-16 units from the start of the script. */
  start_position: number
  /** 1-based. */
  line_number: number
  /** 1-based. */
  column_number: number
  /** Blocks still live: `count` of them, `size` bytes each. */
  allocations: Array<{ size: number, count: number }>
  /** Added by addFormat(). */
  formatted?: {
    /** `script:line:column` */
    location: string
    /** `count x size` each */
    allocations: string[]
    /** The function's first lines; absent if its script is not a file on disk. */
    source?: string[]
  }
}

/** A stack with allocations, its outermost callsite first. */
export interface Stack {
  callsites: Callsite[]
}

/**
 * Starts sampling live memory, as in sample-heap-allocations.
 * @param interval mean number of bytes between two samples, at least 1; default: 32
 * @param stack_depth frames kept of each stack, at least 1, without V8's root; default: 6
 */
export function startSampling (interval?: number, stack_depth?: number): void
/** Stops sampling and drops the samples. */
export function stopSampling (): void
/** Calls `cb` with each callsite that allocated memory, outer ones first. */
export function visitAllocationProfile (cb: (callsite: Callsite) => void): void
/** One entry for each stack with allocations. */
export function collectAllocations (): Stack[]
/**
 * Adds `formatted` to each callsite and calls `cb` once.
 * `includeSourceLines`: lines of source of each function on disk; 0 leaves the source out; default: 5.
 */
export function addFormat (
  options: { allocations: Stack[], includeSourceLines?: number },
  cb: (error: Error | null, allocations?: Stack[]) => void
): void
