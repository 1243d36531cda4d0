'use strict'

/** Formats numbers and names. */

/** @param {any} text */
const esc = text => String(text).replace(/[&<>"]/g, c => `&#${c.charCodeAt(0)};`)
/** @param {number} n */
const tenth = n => Math.round(n * 10) / 10
const isBytes = () => /space$|^bytes$/.test(data.countName || types[type])
/** Without Intl, which is slow to start. @param {number | string} n */
const commas = n => String(n).replace(/\B(?=(\d{3})+$)/g, ',')
/** @param {number} n @param {string} word */
const plural = (n, word) => `<b>${commas(n)}</b> ${word}${n === 1 ? '' : 's'}`

/** Three digits and a unit: 1.23 GB, 12.3 M @param {number} n */
function formatHuman (n) {
  let i = 0
  for (; n >= 999.5 && i < 6; i++) n /= 1000
  const unit = ' kMGTPE'[i].trim() + (isBytes() ? 'B' : '')
  return (i === 0 || n >= 99.95 ? n.toFixed() : n.toFixed(n >= 9.995 ? 1 : 2)) + (unit && ' ' + unit)
}

/** @param {number} part @param {number} whole */
function share (part, whole) {
  const p = whole > 0 ? part / whole * 100 : 0
  return p > 0 && p < 0.05 ? '&lt;0.1 %' : p.toFixed(1) + ' %'
}

/** @param {number} n */
const signed = n => (n < 0 ? '-' : '+') + formatHuman(Math.abs(n))

/** +12%, new, gone @param {number} was @param {number} is */
function formatChange (was, is) {
  const percent = Math.abs(is / was - 1) * 100
  return was === is ? 'unchanged' : !was ? 'new' : !is ? 'gone' : (is < was ? '-' : '+') + commas(percent.toFixed(percent < 10 ? 1 : 0)) + '%'
}

/** @param {number} was @param {number} is */
const formatSides = (was, is) => `${formatHuman(was)} → ${formatHuman(is)}, ${formatChange(was, is)}`

/** @param {number} variance */
const deviation = variance => variance > 0 ? ' ± ' + formatHuman(Math.sqrt(variance)) : ''

/** The label, cut to a width in px; wide scripts take more. @param {string} label @param {number} px */
function fit (label, px) {
  let left = FONT && px / FONT / 0.62
  let out = ''
  for (const c of label) {
    const last = out.length + c.length === label.length
    left -= c < '\u0300' ? 1 : 2.3
    if (left < (last ? 0 : 1)) return out[1] ? out + '…' : last && left >= 0 ? label : ''
    out += c
  }
  return out
}
