'use strict'
function padOne (word) { return { padded: word.padEnd(20) } }
exports.pad = words => words.map(padOne)
