'use strict'

/**
 * Which lines of a job's output GitHub's runner takes for commands: `::name key=value,…::text` at
 * the beginning of a line, and `##[name key=value;…]text` anywhere in it. So do others that run
 * jobs, with `##vso[…]` and `##teamcity[…]`.
 */

/**
 * @param {string} line
 * @returns {{ name: string, text: string } | undefined}
 */
function commandOf (line) {
  const begins = /^\s*::([\w-]+)([^:]*(?::(?!:)[^:]*)*)::(.*)$/.exec(line)
  if (begins) return { name: begins[1], text: begins[3] }
  const amid = /##([a-z]*)\[([\w-]+)[^\]]*\](.*)$/i.exec(line)
  return amid ? { name: amid[1] + amid[2], text: amid[3] } : undefined
}

/** @param {string} text */
function commandsIn (text) {
  return text.split(/[\r\n\u0085\u2028\u2029]/).map(commandOf).filter(one => one !== undefined)
}

module.exports = { commandsIn }

if (require.main === module) {
  const text = require('node:fs').readFileSync(0, 'utf8')
  for (const { name, text: rest } of commandsIn(text)) console.log(name, rest)
}
