'use strict'

const { formatValue, formatWithError, formatHuman } = require('../common/format-number.js')
const { oneLine } = require('../common/errors.js')
const { below } = require('../common/metadata.js')

const COLUMNS = 80
const NAME = 'shap-flame: '
const MIN_COLUMNS = 56
const MIN_PLACE = 14
const MIN_INDENT = 6
const ROWS = 10
/** Rows of the second table, with memory in use. */
const ROWS_BELOW = 5
/** Labels that have a table, and rows in it. */
const LABEL_TABLES = 3
const LABEL_ROWS = 5
/** Columns of ages. They are shown if one is at least so many seconds: in a shorter run all is young. */
const AGE_COLUMNS = 7
const NOTABLE_AGE = 10

/** @type {Record<string, string>} */
const LABELS = {
  alloc_objects: 'objects allocated',
  alloc_space: 'allocated',
  inuse_objects: 'objects in use',
  inuse_space: 'in use'
}

/**
 * @param {string} text
 * @param {number} columns
 * @returns {string} cut in the middle: the name at the start and the line at the end matter most
 */
function fit (text, columns) {
  const letters = Array.from(text)
  if (letters.length <= columns) return text
  const head = Math.ceil((columns - 1) / 3)
  return `${letters.slice(0, head).join('')}…${letters.slice(letters.length - (columns - 1 - head)).join('')}`
}

/**
 * Keeps the name whole if the end of the place, with file and line, still fits.
 * @param {string} name
 * @param {string} place
 * @param {number} columns
 * @returns {{ name: string, place: string }}
 */
function fitCallsite (name, place, columns) {
  const free = columns - Array.from(name).length - 1
  const letters = Array.from(place)
  if (letters.length <= free) return { name, place }
  if (!place || free < MIN_PLACE) return { name: fit(place ? `${name} ${place}` : name, columns), place: '' }
  return { name, place: `(…${letters.slice(letters.length - (free - 2)).join('')}` }
}

/**
 * @param {string} file a path, or another name
 * @param {string} cwd
 * @returns {string} relative if it is below `cwd`
 */
function shorten (file, cwd) {
  const relative = cwd ? below(file, cwd) : file
  const inModules = relative.lastIndexOf('node_modules/')
  return inModules > 0 ? relative.slice(inModules) : relative
}

/**
 * Library code is shown with its nearest caller in the app.
 * @param {import('../common/native.js').Row} row
 * @param {string} cwd
 * @returns {{ name: string, place: string }}
 */
function callsite ({ caller, ...row }, cwd) {
  const name = oneLine(row.name)
  if (caller) {
    const above = callsite({ ...row, ...caller }, cwd)
    return { ...above, name: `${name} ← ${above.name}` }
  }
  if (!row.file) return { name, place: '' }
  const line = row.line > 0 ? `:${row.line}` : ''
  const column = line && row.column > 0 ? `:${row.column}` : ''
  return { name, place: `(${oneLine(shorten(row.file, cwd))}${line}${column})` }
}

/** @typedef {import('../common/native.js').Place} Place */

/** @param {Place | undefined} a @param {Place | undefined} b */
function same (a, b) {
  return a !== undefined && b !== undefined && a.file === b.file && a.line === b.line && a.column === b.column && a.name === b.name
}

/**
 * The path from the app to a row's function. A file is shown where it differs from the one before.
 * @param {import('../common/native.js').Row} row
 * @param {string} cwd
 * @returns {string} `← timer (server.js:40) ← load (:12)`; empty if there is no path
 */
function pathText (row, cwd) {
  const { path: callPath = [], caller } = row
  if (callPath.length === 0) {
    const external = caller ? /(^|[\\/])node_modules[\\/]/.test(caller.file) : row.category === 'package' || row.category === 'offheap'
    return external ? '← no function of the app' : ''
  }
  let { file } = caller ?? row
  return callPath.slice(same(callPath[0], caller) ? 1 : 0).map(place => {
    const line = place.line > 0 ? `:${place.line}` : ''
    const at = place.file === file && line ? line : `${oneLine(shorten(place.file, cwd))}${line}`
    file = place.file
    return `← ${oneLine(place.name)} (${at})`
  }).join(' ')
}

/**
 * Placed below the function if it fits, else further to the left.
 * @param {string} callPath
 * @param {number} preferredIndent columns before it
 * @param {number} columns
 */
function pathLine (callPath, preferredIndent, columns) {
  const indent = Math.max(MIN_INDENT, Math.min(preferredIndent, columns - Array.from(callPath).length))
  return ' '.repeat(indent) + fit(callPath, columns - indent)
}

/** Seconds of the units of ages. */
const AGE_UNITS = /** @type {const} */ ([[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']])

/**
 * @param {import('../common/native.js').Age | undefined} age
 * @returns {string} `2-58 s`: the middle of what a function has in use, in the largest unit of which it has two
 */
function ageText (age) {
  if (age === undefined) return '-'
  const [seconds, unit] = AGE_UNITS.find(([one]) => age.high >= 2 * one) ?? [1, 's']
  const low = Math.round(age.low / seconds), high = Math.round(age.high / seconds)
  return `${low < high ? `${low}-` : ''}${high} ${unit}`
}

/**
 * @param {import('../common/native.js').Row} row
 * @param {string} type
 * @param {{ sum: number, ages: boolean }} of the table: its total, and whether it has a column of ages
 * @param {string} cwd
 * @param {number} columns
 * @param {(text: string) => string} dim
 * @returns {string[]}
 */
function lines (row, type, { sum, ages }, cwd, columns, dim) {
  const self = formatHuman(row.self[type], type)
  const error = formatHuman(row.selfError[type], type, row.self[type]).digits
  const share = sum > 0 ? (100 * row.self[type] / sum).toFixed(1) : '0.0'
  const figures = `${self.digits.padStart(6)} ${`±${error}`.padStart(6)} ${self.unit.padEnd(2)} ${share.padStart(5)}% ${formatValue(row.total[type], type).padStart(8)}  ${ages ? `${ageText(row.age).padStart(AGE_COLUMNS)}  ` : ''}`
  const whole = callsite(row, cwd)
  const { name, place } = fitCallsite(whole.name, whole.place, columns - figures.length)
  const callPath = type.startsWith('inuse') ? pathText(row, cwd) : ''
  return [figures + name + (place && dim(` ${place}`)), ...(callPath ? [dim(pathLine(callPath, figures.length, columns))] : [])]
}

/**
 * The top functions of a type in 80 columns; for memory in use with the app's code that keeps it.
 *
 * @param {import('../api/profile.js').Profile} profile
 * @param {string} type
 * @param {number} max lines of functions
 * @param {{ cwd: string, color?: boolean, columns?: number }} options
 * @returns {string[]} lines; empty if there is nothing to show
 */
function table (profile, type, max, { cwd, color = false, columns = COLUMNS }) {
  const sum = profile.total(type)
  const rows = profile.top(max, type, { callers: true }).filter(row => row.self[type] > 0)
  if (rows.length === 0) return []
  /** @param {string} text */
  const dim = text => color ? `\u001b[2m${text}\u001b[22m` : text
  const ages = type.startsWith('inuse') && rows.some(({ age }) => age !== undefined && age.max >= NOTABLE_AGE)
  const age = ages ? `${'age'.padStart(AGE_COLUMNS)}  ` : ''
  const head = `${'self'.padStart(6)} ${'±'.padStart(6)}    ${'share'.padStart(6)} ${'total'.padStart(8)}  ${age}function: ${LABELS[type]}`
  // 0 columns: the size of the terminal is unknown.
  const width = Math.max(MIN_COLUMNS, Math.min(COLUMNS, columns || COLUMNS))
  return [dim(head), ...rows.flatMap(row => lines(row, type, { sum, ages }, cwd, width, dim))]
}

/**
 * The values of a label with the largest totals.
 *
 * @param {import('../api/profile.js').Profile} profile
 * @param {string} key
 * @param {string} wanted the type; of the label `type` in use, since nothing else has it
 * @param {{ color?: boolean, columns?: number }} options
 * @returns {string[]} lines; empty if there is nothing to show
 */
function labelTable (profile, key, wanted, { color = false, columns = COLUMNS }) {
  const type = key === 'type' && profile.types.includes('inuse_space') ? wanted.replace('alloc', 'inuse') : wanted
  const sum = profile.total(type)
  const rows = profile.by(key, type).filter(({ total }) => total[type] > 0)
  const width = Math.max(MIN_COLUMNS, Math.min(COLUMNS, columns || COLUMNS))
  const head = `${'total'.padStart(6)} ${'±'.padStart(6)}    ${'share'.padStart(6)}  ${oneLine(key)}: ${LABELS[type]}`
  const shown = rows.slice(0, LABEL_ROWS).map(({ value, total, error }) => {
    const { digits, unit } = formatHuman(total[type], type)
    const noise = formatHuman(error[type], type, total[type]).digits
    const figures = `${digits.padStart(6)} ${`±${noise}`.padStart(6)} ${unit.padEnd(2)} ${(100 * total[type] / sum).toFixed(1).padStart(5)}%  `
    return figures + fit(value === '' ? '(none)' : oneLine(value), width - figures.length)
  })
  if (rows.length > LABEL_ROWS) shown.push(`${' '.repeat(MIN_INDENT)}and ${rows.length - LABEL_ROWS} more`)
  return rows.length === 0 ? [] : [color ? `\u001b[2m${head}\u001b[22m` : head, ...shown]
}

/**
 * The top functions by allocations and by memory in use, or only those of the requested type; then
 * the largest values of each label.
 *
 * @param {import('../api/profile.js').Profile} profile
 * @param {string | undefined} requestedType
 * @param {{ cwd: string, color?: boolean, columns?: number }} options
 * @returns {string[][]} tables of lines
 */
function topTables (profile, requestedType, options) {
  const type = requestedType ?? profile.defaultType
  const tables = [table(profile, type, ROWS, options)]
  if (!requestedType && type === 'alloc_space' && profile.types.includes('inuse_space')) tables.push(table(profile, 'inuse_space', ROWS_BELOW, options))
  for (const key of profile.labels.filter(key => key !== 'age').slice(0, LABEL_TABLES)) tables.push(labelTable(profile, key, type, options))
  return tables
}

/**
 * @param {import('../api/profile.js').Profile} profile
 * @param {string} type
 * @param {{ processes: number, threads: number }} counts
 * @returns {string[]} `12.3 ± 0.4 MB allocated; 4.5 ± 0.2 MB in use; 2 processes`, in lines that fit after the prefix
 */
function summary (profile, type, { processes, threads }) {
  const { types } = profile
  const other = type === 'inuse_space' ? 'alloc_space' : 'inuse_space'
  /** @param {string} one */
  const totalText = one => `${formatWithError(profile.total(one), profile.error(one), one)} ${LABELS[one]}`
  const parts = [totalText(type)]
  if (types.includes(other)) parts.push(totalText(other) + (other === 'inuse_space' ? afterGc(profile) : ''))
  else if (other === 'inuse_space') parts.push('in use not known')
  if (type.startsWith('inuse')) parts[0] += afterGc(profile)
  const from = [
    processes > 1 ? `${processes} processes` : '',
    threads > processes ? `${threads - processes} worker${threads - processes > 1 ? 's' : ''}` : ''
  ].filter(Boolean)
  if (from.length > 0) parts.push(from.join(', '))
  const whole = parts.join('; ')
  if (NAME.length + whole.length <= COLUMNS || from.length === 0) return [whole]
  const where = `in ${parts.pop()}`
  const figures = parts.join('; ')
  return [...(NAME.length + figures.length <= COLUMNS ? [figures] : parts), where]
}

/** Minimum bytes of off-heap memory for a line. */
const NOTABLE = 1e6

/**
 * Compares the estimate of off-heap memory with Node's own count.
 * @param {import('../api/profile.js').Profile} profile of whole processes, before filters
 * @returns {string | undefined}
 */
function offheapLine (profile) {
  const type = 'inuse_space'
  if (!profile.types.includes(type) || !profile.sources.some(source => source.kind === 'offheap')) return undefined
  const rows = profile.top(0, type).filter(row => row.category === 'offheap')
  const sum = rows.reduce((all, row) => all + row.self[type], 0)
  const error = Math.hypot(...rows.map(row => row.selfError[type]))
  const counted = Number(profile.meta.array_buffers_bytes ?? 0)
  if (Math.max(sum, counted) < NOTABLE) return undefined
  const before = Number(profile.meta.array_buffers_before_bytes ?? 0)
  const then = before < NOTABLE ? '' : `, ${formatValue(before, type)} when sampling began`
  return `off-heap: ${formatWithError(sum, error, type)} in use; Node counts ${formatValue(counted, type)} of ArrayBuffers${then}`
}

/** @param {import('../api/profile.js').Profile} profile */
function afterGc (profile) {
  const { sources } = profile
  if (sources.every(source => source.gc === 'forced')) return ' after a GC'
  if (sources.some(source => source.gc === 'forced')) return ', garbage included in part'
  return sources.every(source => source.gc === 'unknown') ? '' : ', garbage included'
}

module.exports = { topTables, labelTable, summary, offheapLine, shorten }
