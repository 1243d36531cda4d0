/**
 * shap-flame: which functions allocate this memory?
 *
 * All sizes are bytes. Figures are estimates from samples, rounded to whole
 * numbers; an error is one standard error of such an estimate, in its unit.
 *
 * What is thrown or rejected with has a `code`. Of a wrong call it is ERR_SHAP_FLAME_ARGUMENT;
 * of what cannot be read or written SHF_E_FORMAT (with `offset` or `line`), SHF_E_LIMIT or
 * SHF_E_IO (with `errno`, as ENOENT); where the binary is missing ERR_SHAP_FLAME_NO_BINARY.
 * What is sampled with less than was asked for is a process warning with the code
 * SHAP_FLAME_ENGINE, SHAP_FLAME_LIVENESS or SHAP_FLAME_OFFHEAP.
 */

/** Blocks or bytes; allocated ever, or in use at the capture. */
export type SampleType = 'alloc_objects' | 'alloc_space' | 'inuse_objects' | 'inuse_space'

export type Format = 'svg' | 'pprof' | 'folded' | 'listing' | 'markdown' | 'json' | 'heapprofile' | 'speedscope'

/** What one frame is. */
export type Grouping = 'function' | 'file' | 'package'

/** What a place belongs to. */
export type Category = 'app' | 'package' | 'node' | 'v8' | 'offheap' | 'other'

/** A number for each type; bytes for the `_space` ones, blocks for the others. */
export type Figures = Record<SampleType, number>

export interface StartOptions {
  /** Mean number of bytes between two samples, at least 1. Default: 524288 (512 KiB). */
  interval?: number
  /** Frames kept of each stack, 1 to 100000. Default: 128. */
  depth?: number
  /** Cap in bytes of what sampling keeps in memory. Default: 33554432 (32 MiB). */
  maxProfilerMemory?: number
  /**
   * Who samples: `native`, or `inspector` (node:inspector), which needs no binary of
   * ours, is slower at a capture, and knows what was allocated or what is in use, not
   * both: `type` decides. Default: native where its binary loads; else inspector, and
   * a warning says so.
   */
  engine?: 'native' | 'inspector'
  /**
   * Sample the memory of Buffers and ArrayBuffers too, which is outside of V8's heap: below the
   * stack of each call stands a frame `(off-heap)`. Its interval doubles above 500 samples a
   * second. Where that is not possible a warning says so. Default: true.
   */
  offheap?: boolean
  /**
   * The type that matters most. Where allocated and in-use memory cannot both be
   * told on this platform, it decides which one is; a warning says so.
   */
  type?: SampleType
}

export interface CaptureOptions {
  /**
   * Force a garbage collection first, so that garbage does not count as in use.
   * It blocks the thread for as long as a full collection takes. Default: false.
   */
  gc?: boolean
  /**
   * As in ReadOptions, but by default false: a large map takes this thread's time, which a
   * server has better uses for. `read` maps a profile that was written without.
   */
  sourceMaps?: boolean | string
}

export interface ReadOptions extends TypeOption {
  /**
   * Whether frames of generated files become those of their sources: by the maps inline, beside
   * the files, or, where it is a string, in a folder of maps too. A map that cannot be used is a
   * process warning with the code SHAP_FLAME_SOURCE_MAP. Default: true.
   */
  sourceMaps?: boolean | string
  /**
   * Folders below which generated files, their maps and sources may be read, links followed; of a
   * profile that may be anybody's it should be given. Nothing in /proc, /sys and /dev is
   * read. Default: wherever the profile says that they are.
   */
  sourceRoot?: string | readonly string[]
  /**
   * Most bytes of memory that reading may take, with what other readings take and the profiles that
   * were read hold: a file of a few kilobytes may stand for gigabytes. Beyond it the promise rejects
   * with the code SHF_E_LIMIT. Default: a quarter of the machine's, or of the control group's limit, 2
   * GiB at most, and for an input of few bytes no more than such a one can need: 128 MiB and 64 for
   * each of its bytes, unzipped.
   */
  maxMemory?: number
}

export interface TypeOption {
  /** Default: `Profile.defaultType`. */
  type?: SampleType
}

export interface PprofOptions extends TypeOption {
  /** Of gzip, 1 (fast) to 9 (small). */
  level?: number
}

export interface TableOptions extends TypeOption {
  /** At most so many functions; 0: all. Default: 0. */
  rows?: number
  /** Lines of source shown under each callsite. Default: 0. */
  sourceLines?: number
  /** Paths below this folder are shortened. Default: the profiled process's own. */
  cwd?: string
  /** 1.23 MB in place of 1,234,567. Default: false. */
  human?: boolean
}

export interface ListingOptions extends TableOptions {
  /** Columns that a line may have; 0: any number. Default: 0. */
  width?: number
  /** ANSI bold and dim. Default: false. */
  color?: boolean
}

export interface MarkdownOptions extends TableOptions {
  /** The table ends before a row that would exceed so many bytes; 0: any number. Default: 0. */
  maxBytes?: number
}

export interface SvgOptions extends TypeOption {
  /** Default: the command line of the profiled process. */
  title?: string
  /** Default: none. */
  subtitle?: string
  /** Of the picture, in pixels, 200 to 100000. Default: 1200. */
  width?: number
  /** Of one frame, in pixels, 2 to 200. Default: 16. */
  frameHeight?: number
  /** Narrower frames, in pixels, become one grey block. Default: 0.1. */
  minWidth?: number
  /** Size that the file may have, in bytes. Default: 1000000. */
  maxBytes?: number
  /** Root on top (icicle). Default: false. */
  inverted?: boolean
  /** Stacks begin at the function that allocated. Default: false. */
  reverse?: boolean
  /** For the picture's description; not drawn. */
  notes?: string
  /** A palette in place of the colours by category. */
  colors?: 'hot' | 'mem' | 'io' | 'js' | 'red' | 'orange' | 'yellow' | 'green' | 'aqua' | 'blue' | 'purple'
  /** A CSS font-family for all texts. */
  fontType?: string
  /** Of the frames' text, in pixels. Default: by the frames' height. */
  fontSize?: number
  /** What is counted. Default: bytes or objects. */
  countName?: string
  /** What frames are. Default: Function. */
  nameType?: string
  /** Paths below this folder are shortened in titles. Default: the profiled process's own. */
  cwd?: string
}

export interface OutputLimit {
  /**
   * Most bytes that an output may have, before it is packed: stacks are written out one by one, and
   * those of a deep tree can be a million times as large as the input. Beyond it the promise rejects
   * with the code SHF_E_LIMIT. Default: half of the machine's memory, 4 GiB at most.
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
  /** Leave out stacks with a frame that matches. */
  ignore?: RegExp | string
  /** Leave out the frames that match; their callees join their caller. A stack of such frames alone is `(hidden)`. */
  hide?: RegExp | string
}

/** Where a function begins. */
export interface Place {
  name: string
  file: string
  /** 1-based; 0: not known. */
  line: number
  column: number
}

/** One function over the whole profile. */
export interface TopRow {
  /** `(anonymous)` for a function without a name. */
  name: string
  /** A path (of a `file:` URL too), `node:…`, or empty where there is none. */
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
  /** With all that it called; a recursive function is counted once a stack. */
  total: Figures
  selfError: Figures
  totalError: Figures
  /**
   * Where callers were asked for: the nearest function of the app or of a package above a
   * function that is neither, through which most of its self came; absent where there is none.
   */
  caller?: Place
  /**
   * Where callers were asked for: the nearest functions of the app above it, nearest first, three at
   * most, through which most of its self came. Empty where none of the app's was on the stack.
   */
  path?: Place[]
}

/** Where figures were drawn from. */
export interface Source {
  kind: 'heap' | 'offheap'
  /** Mean bytes between samples; 0: exact, or not known. */
  interval: number
  /** In use covers blocks allocated since then; milliseconds since 1970. */
  since: number
  /** Whether a collection was forced before the capture; `none`: in use may hold garbage; `unknown`: a profile of another tool. */
  gc: 'forced' | 'none' | 'unknown'
  pid: number
  /** Node's threadId; 0 is the main thread. */
  thread: number
  /** What it knows. */
  types: SampleType[]
  /** Frames kept of each stack; 0: not known. */
  depth: number
  /** Of a difference: which of the two it is from. */
  side?: 'before' | 'after'
  /** Of several runs of one program: which one, from 1 on. */
  run?: number
}

/**
 * A figure before and after, its change's standard error, and whether that is more than noise
 * (99 %). A side that saw nothing has the error of its own interval.
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
  /** Where callers were asked for: as in TopRow, but through which most of the growth of self came. */
  caller?: Place
  path?: Place[]
}

/** A total, of several runs their mean. */
export interface Figure {
  value: number
  /** One standard error of it; of several runs their spread counts where it is more than sampling explains. */
  error: number
  /** Blocks sampled, in all runs together. */
  samples: number
  runs: number
}

/** What check() holds a profile against: either `max` or `maxGrowth`. */
export interface Limit {
  /** Default: `Profile.defaultType`. */
  type?: SampleType
  /** Count only stacks with a frame whose text, `name (file:line:column)`, matches. */
  where?: RegExp | string
  /** Bytes or blocks. */
  max?: number
  /** Percent of the baseline. */
  maxGrowth?: number
}

export interface LimitResult extends Limit {
  type: SampleType
  where?: string
  /**
   * `exceeded`: by more than 2.576 standard errors. `unsure`: the samples are too few to tell, or nothing
   * matches `where`.
   */
  judgement: 'holds' | 'exceeded' | 'unsure'
  /** Whether any stack matches `where`. */
  matched: boolean
  after: Figure
  /** Where there is a baseline. */
  before?: Figure
  /**
   * At most five functions: that grew most by themselves, or without a baseline that allocated most.
   * `caller` and `path` as in TopRow and ChangeRow.
   */
  growers: Array<Place & { value: number, error: number, caller?: Place, path?: Place[] }>
}

export interface CheckOptions {
  /** Several are runs of one program. */
  baseline?: Profile | readonly Profile[]
  /** Whether what cannot be judged fails. Default: false. */
  strict?: boolean
}

export interface CheckResult {
  passed: boolean
  /** In the order of the limits. */
  results: LimitResult[]
}

/**
 * A profile of heap allocations. It is held by native memory that free() gives
 * back, and so does garbage collection. After free() every other use throws, or
 * rejects, with the code ERR_SHAP_FLAME_FREED.
 */
export class Profile {
  private constructor ()

  /** Command line, versions, pid, limits that applied. */
  readonly meta: Readonly<Record<string, string>>
  readonly sources: readonly Source[]
  /** What the profile knows; asking for another type is an ERR_SHAP_FLAME_UNKNOWN_TYPE. */
  readonly types: readonly SampleType[]
  readonly counts: { readonly nodes: number, readonly frames: number, readonly samples: number, readonly sources: number }
  /** Where no type is given: inuse_space of a process that goes on, alloc_space of one that ended. */
  readonly defaultType: SampleType

  /** The sum over the whole profile, in bytes or blocks. */
  total (type?: SampleType): number
  /** One standard error of total(type), in its unit. */
  error (type?: SampleType): number
  /** The functions with most of a type of their own. Default: 10 rows; 0: all. */
  top (rows?: number, type?: SampleType, options?: { callers?: boolean }): TopRow[]
  /** Whether diff() made it. */
  readonly isDifference: boolean
  /** Of a difference: the functions with the largest changes of self. Default: 10 rows; 0: all. */
  changes (rows?: number, type?: SampleType, options?: { callers?: boolean }): ChangeRow[]

  /** Folded stacks, `frame;frame;frame NUMBER` a line. */
  toFolded (options?: TypeOption): Promise<Buffer>
  /** Gzipped profile.proto with all types that the profile knows. */
  toPprof (options?: PprofOptions): Promise<Buffer>
  /** A table of callsites as text. */
  toListing (options?: ListingOptions): Promise<Buffer>
  /** The same table as GitHub's Markdown. */
  toMarkdown (options?: MarkdownOptions): Promise<Buffer>
  /** The same table for programs. There is no toJSON(): JSON.stringify(profile) is `{}`, and costs nothing. */
  toJson (options?: TableOptions): Promise<Buffer>
  /** A flamegraph that is right without scripts. */
  toSVG (options?: SvgOptions): Promise<Buffer>
  /** V8's .heapprofile, as Chrome DevTools opens it. */
  toHeapprofile (options?: TypeOption): Promise<Buffer>
  /** What write() puts into a file of that format. */
  encode (format: Format, options?: Omit<WriteOptions, 'format'>): Promise<Buffer>
  /**
   * Writes a file that appears when it is complete. The extension tells the format:
   * .svg, .pb.gz or .pprof, .folded, .txt, .md, .json, .heapprofile, .speedscope.json.
   * The path `-` is stdout and needs `format`.
   */
  write (path: string, options?: WriteOptions): Promise<void>

  /** A new profile with what is left. */
  filter (options: FilterOptions): Promise<Profile>
  /** A new profile whose frames are files or packages. */
  group (by: Grouping): Promise<Profile>
  /** A new profile whose subtrees below so many percent (0 to 100) of the total are summed up in one frame. */
  prune (percent: number, type?: SampleType): Promise<Profile>

  /**
   * Puts the sources of generated files in their place, in this profile, as read() does
   * by default. `folder`: of maps, looked at before those beside the files. Gives a line for
   * each map that could not be used, four at most.
   */
  mapSources (folder?: string): Promise<string[]>

  /** Gives the memory back; calling it twice is no error. */
  free (): void
}

/**
 * Starts sampling this thread's allocations. Rejects with ERR_SHAP_FLAME_RUNNING
 * when a sampler, ours or another's, runs in this thread already.
 */
export function start (options?: StartOptions): Promise<void>
/** Stops sampling and drops the samples; no error where nothing runs. */
export function stop (): Promise<void>
/** Whether shap-flame samples this thread. */
export function running (): boolean
/**
 * What was sampled since start(). The calling thread pays for a flat copy;
 * all else is done on another one. Rejects with ERR_SHAP_FLAME_NOT_RUNNING.
 */
export function capture (options?: CaptureOptions): Promise<Profile>

/**
 * A snapshot of every thread of this process, which runs under `shap-flame` or with
 * `shap-flame/register`. Resolves to the path of a new numbered file: a pprof in the run's
 * output folder, `<name>.<pid>.<number>.pb.gz`; without the command line, a capture of the
 * calling thread beside which those of the other threads lie. Both can be read(). No
 * collection is forced: in use is as of the last one. Rejects with ERR_SHAP_FLAME_NOT_RUNNING.
 */
export function snapshot (): Promise<string>

/**
 * Reads a profile of any format, told by its content and gzipped or not: pprof,
 * .heapprofile, folded stacks, a capture. `type` is what an input counts that does
 * not say it: folded stacks (default alloc_space) and .heapprofile (inuse_space).
 */
export function read (input: string | URL | Uint8Array, options?: ReadOptions): Promise<Profile>
/** One profile of several, their stacks added up; at least one. The inputs stay as they are. */
export function merge (profiles: readonly Profile[]): Promise<Profile>

/**
 * Both profiles in one tree, functions that only moved matched; several profiles of a side are runs
 * of one program, and stand for their mean. Its outputs tell what grew, what shrank and what is
 * noise: SVG, listing, Markdown, JSON, pprof (as `-diff_base` has it), folded (two columns). It has
 * no .heapprofile. `normalize` scales `before` to the total of `type` of `after`. Off-heap memory
 * that one side is known not to have sampled is left out.
 */
export function diff (before: Profile | readonly Profile[], after: Profile | readonly Profile[], options?: TypeOption & { normalize?: boolean }): Promise<Profile>

/** Holds a profile, or several runs of one program, against limits. A growth within noise does not exceed any. */
export function check (profile: Profile | readonly Profile[], limits: readonly Limit[], options?: CheckOptions): Promise<CheckResult>

/** @see visitAllocationProfile */
export interface Callsite {
  /** Distance from V8's root, which is the outermost callsite. */
  depth: number
  /** Empty for an anonymous function. */
  name: string
  script: string
  script_id: number
  /** Where the function begins, in UTF-16 units from the script's beginning. */
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
    /** The function's first lines; absent where its script is no file on disk. */
    source?: string[]
  }
}

/** A stack with allocations, its outermost callsite first. */
export interface Stack {
  callsites: Callsite[]
}

/**
 * Starts sampling what is live, as sample-heap-allocations has it.
 * @param interval mean number of bytes between two samples, at least 1; default: 32
 * @param stack_depth frames kept of each stack, at least 1, V8's root not counted; default: 6
 */
export function startSampling (interval?: number, stack_depth?: number): void
/** Stops sampling and drops the samples. */
export function stopSampling (): void
/** Calls `cb` with each callsite where memory was allocated, outer ones before inner. */
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
