'use strict'

const { coded } = require('../common/errors.js')
const { asExpression, checkFlag, checkObject, checkWord } = require('./validate.js')
const { asOneProfile, diff } = require('./combine.js')
const { judgeTotal, judgeGrowth } = require('./queries.js')
const { TYPES } = require('../options.js')

/** @typedef {import('./profile.js').Profile} Profile */

/** Functions listed for each limit. */
const GROWERS = 5

/**
 * See Limit in index.d.ts.
 * @typedef {{ type?: string, where?: RegExp | string | LabelFilter, max?: number, maxGrowth?: number }} Limit
 * @typedef {Record<string, string | number | readonly (string | number)[]>} LabelFilter
 * @typedef {{ value: number, error: number, samples: number, runs: number }} Figure
 * @typedef {{ name: string, file: string, line: number, column: number, value: number, error: number, caller?: Place, path?: Place[] }} Grower
 * @typedef {{ name: string, file: string, line: number, column: number }} Place
 *
 * @typedef {object} LimitResult
 * @property {string} type
 * @property {string} [where]
 * @property {number} [max]
 * @property {number} [maxGrowth]
 * @property {'holds' | 'exceeded' | 'unsure'} judgement
 * @property {boolean} matched whether any frame matches `where`; true without `where`
 * @property {Figure} after
 * @property {Figure} [before]
 * @property {Grower[]} growers
 *
 * @typedef {{ passed: boolean, results: LimitResult[] }} CheckResult
 */

/**
 * @param {RegExp | string | LabelFilter} where
 * @returns {where is LabelFilter}
 */
function areLabels (where) {
  return typeof where === 'object' && where !== null && !(where instanceof RegExp)
}

/**
 * @param {RegExp | string | LabelFilter} where
 * @returns {string} `http.route=/login` for labels
 */
function whereText (where) {
  if (areLabels(where)) return Object.entries(where).map(([key, value]) => `${key}=${[value].flat().join('|')}`).join(', ')
  // RegExp#source escapes slashes; outside of a literal they need no escape.
  return where instanceof RegExp ? where.source.replace(/\\\//g, '/') : where
}

/**
 * @param {Limit} limit
 * @param {boolean} compared whether there is a baseline
 */
function checkLimit (limit, compared) {
  checkObject('a limit', limit)
  const { type, where, max, maxGrowth } = limit
  const given = [max, maxGrowth].filter(one => one !== undefined)
  if (given.length !== 1 || typeof given[0] !== 'number' || !(given[0] >= 0)) {
    throw coded('ARGUMENT', 'a limit needs either max or maxGrowth, a number of at least 0')
  }
  if (type !== undefined) checkWord('type', type, TYPES)
  if (where !== undefined && !areLabels(where)) asExpression('where', where)
  if (maxGrowth !== undefined && !compared) throw coded('ARGUMENT', 'maxGrowth needs a baseline')
}

/**
 * @param {Place & { caller?: Place, path?: Place[] }} row
 * @param {number} value
 * @param {number} error
 * @returns {Grower}
 */
function growerOf ({ name, file, line, column, caller, path }, value, error) {
  return { name, file, line, column, value, error, ...(caller ? { caller } : {}), ...(path ? { path } : {}) }
}

/**
 * With a baseline, the functions that grew most, certain ones first; otherwise those with the largest self.
 * @param {Profile} profile
 * @param {string} type
 * @param {number} runs that the profile sums up: a limit is on their mean
 * @returns {Grower[]}
 */
function growersOf (profile, type, runs) {
  if (!profile.isDifference) {
    const rows = profile.top(GROWERS, type, { callers: true }).filter(row => row.self[type] > 0)
    return rows.map(row => growerOf(row, row.self[type] / runs, row.selfError[type] / runs))
  }
  const grown = profile.changes(0, type, { callers: true }).filter(({ self }) => self.after > self.before)
  const certain = grown.filter(({ self }) => self.verdict === 'grew')
  return (certain.length > 0 ? certain : grown).slice(0, GROWERS).map(row => growerOf(row, row.self.after - row.self.before, row.self.error))
}

/**
 * @param {Profile} profile a difference where there is a baseline
 * @param {Limit} limit
 * @returns {Promise<LimitResult>}
 */
async function judge (profile, { type = profile.defaultType, where, max, maxGrowth }) {
  const part = where === undefined ? profile : await profile.filter(areLabels(where) ? { where } : { focus: where })
  try {
    const matched = part.counts.nodes > 1 || where === undefined
    const judged = max === undefined ? judgeGrowth(part, type, Number(maxGrowth)) : judgeTotal(part, type, max)
    const sides = part.isDifference ? judgeGrowth(part, type, 0) : judged
    return {
      type,
      ...(where === undefined ? {} : { where: whereText(where) }),
      ...(max === undefined ? { maxGrowth } : { max }),
      judgement: matched ? judged.judgement : 'unsure',
      matched,
      after: judged.after,
      ...(sides.before ? { before: sides.before } : {}),
      growers: growersOf(part, type, Math.max(1, judged.after.runs))
    }
  } finally {
    if (part !== profile) part.free()
  }
}

/**
 * Checks a profile against limits.
 *
 * @param {Profile | readonly Profile[]} given several are runs of one program
 * @param {readonly Limit[]} limits at least one
 * @param {{ baseline?: Profile | readonly Profile[], strict?: boolean }} [options]
 * @returns {Promise<CheckResult>}
 */
async function check (given, limits, options = {}) {
  checkObject('options', options)
  const { baseline, strict = false } = options
  checkFlag('strict', strict)
  if (!Array.isArray(limits) || limits.length === 0) throw coded('ARGUMENT', 'check() takes an array of at least one limit')
  for (const limit of limits) checkLimit(limit, baseline !== undefined)
  const one = await asOneProfile(given, 'profile')
  const judged = baseline === undefined ? one : { profile: await diff(baseline, one.profile), made: true }
  try {
    /** @type {LimitResult[]} */
    const results = []
    for (const limit of limits) results.push(await judge(judged.profile, limit))
    const passed = results.every(({ judgement }) => judgement === 'holds' || (judgement === 'unsure' && !strict))
    return { passed, results }
  } finally {
    if (judged.made) judged.profile.free()
    if (one.made && one !== judged) one.profile.free()
  }
}

module.exports = { check, judge }
