'use strict'

/** @param {string} text @returns {Map<string, number>} */
function countWords(text) {
  const counts = new Map()
  for (const word of text.toLowerCase().split(/\W+/)) counts.set(word, (counts.get(word) || 0) + 1)
  return counts
}

/** @param {number} n */
function makeText(n) {
  return Array.from({ length: n }, numberedWord).join(' ')
}

/** @param {unknown} _ @param {number} i */
function numberedWord(_, i) {
  return `word${i % 977} and ${i}`
}

module.exports = { countWords, makeText }
