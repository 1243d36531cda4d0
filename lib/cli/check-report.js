'use strict'

const { formatValue, formatWithError } = require('../common/format-number.js')
const { oneLine } = require('../common/errors.js')
const { shorten } = require('./summary-table.js')

/** @typedef {import('../api/limits.js').LimitResult & { text: string }} Result `text`: the limit as written */

/** Maximum lines of a check, including annotations for GitHub. */
const LINES = 12
const RESULTS = 5
const RESULTS_ANNOTATED = 3
const GROWERS = 3

/** A change beyond this many standard errors is significant with 99 % confidence. */
const Z_99 = 2.576

/**
 * @param {number} change
 * @param {number} error
 * @param {string} type
 * @returns {string} `+1.23 ± 0.04 MB`
 */
function signed (change, error, type) {
  return `${change > 0 ? '+' : ''}${formatWithError(change, error, type)}`
}

/** @param {Result} result */
function subject ({ type, where }) {
  return where === undefined ? type : `${type} of ${oneLine(where)}`
}

/**
 * @param {number} before
 * @param {number} after
 * @returns {string} ` (+12.3%)`
 */
function percent (before, after) {
  if (before <= 0) return ''
  const change = 100 * (after - before) / before
  return ` (${change > 0 ? '+' : ''}${change.toFixed(1)}%)`
}

/** @param {Result} result */
function growthLine (result) {
  const { type, before, after, judgement, text, maxGrowth = 0 } = result
  if (!before) return ''
  const error = Math.hypot(before.error, after.error)
  const change = `${signed(after.value - before.value, error, type)}${percent(before.value, after.value)}`
  const line = `${subject(result)} ${change}: ${formatValue(before.value, type)} to ${formatValue(after.value, type)}, `
  if (judgement === 'holds') return `${line}the limit is +${text}`
  if (judgement === 'exceeded') return `${line}more than +${text}`
  const noise = before.value > 0 ? 100 * Z_99 * Math.hypot(after.error, (1 + maxGrowth / 100) * before.error) / before.value : 0
  const large = noise > 0 ? `: noise is ±${noise.toFixed(0)}%` : ''
  return `${line}too few samples to judge +${text}${large}; use a smaller --interval or more runs`
}

/** @param {Result} result */
function limitLine (result) {
  const { type, before, after, judgement, max = 0 } = result
  const line = `${subject(result)} ${formatWithError(after.value, after.error, type)}`
  const change = before && after.value - before.value
  const error = before ? Math.hypot(before.error, after.error) : 0
  const since = change ? `, ${signed(change, error, type)} since the baseline` : before ? ', as in the baseline' : ''
  const limit = formatValue(max, type)
  if (judgement === 'holds') return `${line}${since}, the limit is ${limit}`
  const above = formatValue(after.value - max, type)
  if (judgement === 'exceeded') return `${line}${since}, ${above} above the limit of ${limit}`
  return `${line}${since}, above the limit of ${limit}, but within noise`
}

/**
 * @param {Result} result
 * @returns {string} the result of a limit
 */
function resultLine (result) {
  if (!result.matched) return `${subject(result)}: nothing matches ${oneLine(result.where ?? '')}`
  return result.max === undefined ? growthLine(result) : limitLine(result)
}

/**
 * @param {import('../api/limits.js').Place & { caller?: import('../api/limits.js').Place }} place
 * @param {string} cwd
 * @returns {string} `name (file:line)`, or `name ← caller (file:line)` outside of the app
 */
function placeOf ({ name, file, line, caller }, cwd) {
  if (caller) return `${oneLine(name)} ← ${placeOf(caller, cwd)}`
  if (!file) return oneLine(name)
  return `${oneLine(name)} (${oneLine(shorten(file, cwd))}${line > 0 ? `:${line}` : ''})`
}

/**
 * @param {Result} result
 * @param {import('../api/limits.js').Grower} grower
 * @param {string} cwd
 */
function growerLine (result, grower, cwd) {
  const text = result.before ? signed(grower.value, grower.error, result.type) : formatWithError(grower.value, grower.error, result.type)
  return `${text.padStart(20)}  ${placeOf(grower, cwd)}`
}

/** @param {Result} result */
function rank ({ judgement }) {
  return judgement === 'exceeded' ? 0 : judgement === 'unsure' ? 1 : 2
}

/**
 * @param {readonly Result[]} results
 * @param {boolean} passed
 * @returns {string} the last line
 */
function verdictLine (results, passed) {
  const exceeded = results.filter(one => one.judgement === 'exceeded').length
  const unsure = results.filter(one => one.judgement === 'unsure').length
  const limits = `${results.length} limit${results.length > 1 ? 's' : ''}`
  if (exceeded > 0) return `check failed: ${exceeded} of ${limits} exceeded`
  if (!passed) return `check failed: ${unsure} of ${limits} cannot be judged, and --strict was given`
  return unsure > 0 ? `check passed with a warning: ${unsure} of ${limits} cannot be judged` : `check passed: ${limits} held`
}

/**
 * @param {readonly Result[]} results
 * @param {boolean} passed
 * @param {{ cwd: string, quiet: boolean, annotate?: (result: Result, message: string) => string }} options
 * @returns {{ text: string, raw: boolean }[]} at most twelve lines; `raw` ones are printed without a prefix
 */
function checkLines (results, passed, { cwd, quiet, annotate }) {
  const all = [...results].sort((a, b) => rank(a) - rank(b)).filter(one => !quiet || rank(one) < (passed ? 0 : 2))
  if (quiet && all.length === 0) return []
  const max = annotate ? RESULTS_ANNOTATED : RESULTS
  const shown = all.slice(0, max)
  const failed = shown.filter(one => one.judgement === 'exceeded')
  const notes = annotate ? shown.filter(one => rank(one) < 2) : []
  const hidden = all.length - shown.length
  const free = LINES - 1 - shown.length - notes.length - (hidden > 0 ? 1 : 0)
  const each = failed.length > 0 ? Math.min(GROWERS, Math.floor(free / failed.length)) : 0
  const lines = shown.flatMap(result => [
    { text: resultLine(result), raw: false },
    ...(result.judgement === 'exceeded' ? result.growers.slice(0, each) : []).map(one => ({ text: growerLine(result, one, cwd), raw: true }))
  ])
  if (hidden > 0) lines.push({ text: `and ${hidden} more limit${hidden > 1 ? 's' : ''}`, raw: false })
  lines.push({ text: verdictLine(results, passed), raw: false })
  for (const result of notes) if (annotate) lines.push({ text: annotate(result, resultLine(result)), raw: true })
  return lines
}

/**
 * @param {readonly Result[]} results
 * @param {boolean} passed
 * @returns {string} Markdown
 */
function checkMarkdown (results, passed) {
  /** @param {string} text */
  const escape = text => text.replace(/[\\`*_[\]<>|#&~]/g, '\\$&')
  const marks = { holds: '✅', exceeded: '❌', unsure: '⚠️' }
  const items = results.map(result => `- ${marks[result.judgement]} ${escape(resultLine(result))}`)
  const runs = Math.max(1, ...results.filter(result => !result.before).map(result => result.after.runs))
  const judged = runs > 1 ? `The mean of ${runs} runs is judged; the table below shows their sum.\n\n` : ''
  return `### ${escape(verdictLine(results, passed))}\n\n${items.join('\n')}\n\n${judged}`
}

module.exports = { checkLines, checkMarkdown }
