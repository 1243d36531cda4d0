'use strict'

const UNITS = Object.freeze(['', 'k', 'M', 'G', 'T', 'P', 'E'])

/** @param {string} type */
function isSpace (type) {
  return type.endsWith('_space')
}

/**
 * Formats with at least three digits and powers of 1000: 1.23 MB, 45.2 kB, 678 B.
 * @param {number} value
 * @param {string} type the value's type, which has a unit
 * @param {number} [like] a value whose power of 1000 is used, so that both have the same unit
 * @returns {{ digits: string, unit: string }}
 */
function formatHuman (value, type, like = value) {
  let step = 0
  for (let rest = Math.abs(like); rest >= 999.5 && step < UNITS.length - 1; rest /= 1000) step++
  const scaled = value / 1000 ** step
  const digits = step === 0 ? String(Math.round(scaled)) : scaled.toFixed(Math.abs(scaled) < 9.995 ? 2 : Math.abs(scaled) < 99.95 ? 1 : 0)
  return { digits, unit: UNITS[step] + (isSpace(type) ? 'B' : '') }
}

/**
 * @param {number} value
 * @param {string} type
 * @returns {string} `1.23 MB`, or `1.23 M` for objects
 */
function formatValue (value, type) {
  const { digits, unit } = formatHuman(value, type)
  return unit ? `${digits} ${unit}` : digits
}

/**
 * @param {number} value
 * @param {number} error one standard error
 * @param {string} type
 * @returns {string} `1.23 ± 0.04 MB`
 */
function formatWithError (value, error, type) {
  if (!(error > 0)) return formatValue(value, type)
  const { digits, unit } = formatHuman(value, type)
  const spread = formatHuman(error, type, value).digits
  return `${digits} ± ${spread}${unit ? ` ${unit}` : ''}`
}

/**
 * @param {number} value
 * @returns {string} `1,234,567`
 */
function formatInteger (value) {
  return value.toLocaleString('en-US')
}

module.exports = { formatInteger, formatHuman, formatValue, formatWithError }
