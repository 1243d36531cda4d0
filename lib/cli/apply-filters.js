'use strict'

/** Filters, groups and maps a profile between reading and writing. */

const fs = require('node:fs')
const path = require('node:path')
const { STATUS, CliError, reason } = require('../common/errors.js')
const { labelOfGroup } = require('../common/option-parsers.js')

/** @typedef {(message: string) => void} Log */

/**
 * @param {{ key: string, value: string }[]} labels
 * @returns {Record<string, string[]>} the values of each key
 */
function valuesOf (labels) {
  /** @type {Map<string, string[]>} */
  const values = new Map()
  for (const { key, value } of labels) values.set(key, [...values.get(key) ?? [], value])
  return Object.fromEntries(values)
}

/**
 * @param {import('../api/profile.js').Profile} profile
 * @param {Pick<import('../options.js').Values, 'where' | 'rootLabel' | 'leafLabel' | 'group'>} values
 * @returns {string[]} a message for each option that names a label which the profile does not have
 */
function missingLabels (profile, { where = [], rootLabel = [], leafLabel = [], group }) {
  const grouped = labelOfGroup(group)
  const named = [
    ...where.map(({ key }) => ({ option: '--where', key })),
    ...rootLabel.map(key => ({ option: '--root-label', key })),
    ...leafLabel.map(key => ({ option: '--leaf-label', key })),
    ...grouped === undefined ? [] : [{ option: '--group', key: grouped }]
  ]
  if (named.length === 0) return []
  const known = profile.labels
  const has = known.length > 0 ? `it has ${known.join(', ')}` : 'it has none'
  return named.filter(({ key }) => !known.includes(key)).map(({ option, key }) => `${option}: the profile has no label ${key}; ${has}`)
}

/**
 * @param {import('../api/profile.js').Profile} profile freed here if it is replaced
 * @param {import('../options.js').Values} values
 * @param {Log} log
 * @returns {Promise<import('../api/profile.js').Profile>}
 */
async function applyFilters (profile, { focus, ignore, hide, where, olderThan, rootLabel, leafLabel, group, min, type, quiet }, log) {
  if (!quiet) missingLabels(profile, { where, rootLabel, leafLabel, group }).forEach(log)
  if (olderThan !== undefined && !quiet && !profile.labels.includes('age')) log('--older-than: the profile does not know when memory in use was allocated')
  let result = profile
  /** @param {Promise<import('../api/profile.js').Profile>} next */
  const replace = async next => {
    const made = await next
    result.free()
    result = made
  }
  const hadStacks = Boolean(focus || ignore || where || olderThan) && profile.counts.nodes > 1
  if (focus || ignore || hide || where || olderThan) await replace(result.filter({ focus, ignore, hide, where: where && valuesOf(where), olderThan }))
  if (hadStacks && !quiet && result.counts.nodes === 1 && result.total(type) === 0) {
    const filters = [olderThan && `--older-than ${olderThan}s`, focus && `--focus ${focus.source}`, ignore && `--ignore ${ignore.source}`, ...(where ?? []).map(({ key, value }) => `--where ${key}=${value}`)]
    log(`${filters.filter(Boolean).join(' and ')}: no stack is left`)
  }
  if (group !== 'function') await replace(result.group(group))
  if (rootLabel || leafLabel) await replace(result.labelFrames({ root: rootLabel, leaf: leafLabel }))
  if (min > 0) await replace(result.prune(min, type))
  return result
}

/**
 * Checks that the folder of source maps exists, before anything else is done.
 * @param {import('../options.js').Values} values
 */
function checkMaps ({ noSourceMaps, sourceMaps }) {
  if (noSourceMaps || sourceMaps === undefined) return
  if (fs.statSync(sourceMaps, { throwIfNoEntry: false })?.isDirectory()) return
  throw new CliError(STATUS.NO_INPUT, `--source-maps ${sourceMaps}: no such folder`)
}

/**
 * @param {import('../api/profile.js').Profile} profile its generated positions are mapped to sources
 * @param {import('../options.js').Values} values
 * @param {Log} log
 */
async function mapSources (profile, { noSourceMaps, sourceMaps, quiet }, log) {
  if (noSourceMaps) return
  const warnings = await profile.mapSources(sourceMaps)
  if (!quiet) warnings.forEach(log)
}

/**
 * @param {string} type
 * @param {import('../api/profile.js').Profile} profile
 * @param {string} [what] the profile's name in the message
 * @returns {string | undefined} a message if the profile does not have the type
 */
function unknownType (type, profile, what = 'the profile') {
  if (profile.types.includes(type)) return undefined
  return `--type ${type}: not in ${what}, which has ${profile.types.join(', ') || 'no types'}`
}

/**
 * @param {string} file
 * @param {Log} log
 */
function openFile (file, log) {
  const { spawn } = require('node:child_process')
  const command = process.platform === 'darwin' ? 'open' : 'xdg-open'
  const opener = spawn(command, [path.resolve(file)], { stdio: 'ignore', detached: true })
  opener.on('error', error => log(`--open: cannot start ${command}: ${reason(error)}`))
  opener.unref()
}

module.exports = { applyFilters, checkMaps, mapSources, unknownType, openFile }
