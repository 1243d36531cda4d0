'use strict'

/**
 * Prints the help of a command: its page in lib/help, in simple Markdown, with the table of options
 * below the heading `Options`.
 */

const fs = require('node:fs')
const path = require('node:path')
const { STATUS, CliError } = require('../../common/errors.js')
const { COMMANDS, optionsOf } = require('../../options.js')
const { nearest } = require('../arguments.js')

const WIDTH = 80
const INDENT = 31
const PAGES = path.join(__dirname, '..', '..', 'help')
/** Pages that are not about a command. */
const TOPICS = Object.freeze(['accuracy', 'limits', 'ci', 'service', 'labels'])

/** @typedef {(text: string) => string} Style */

/**
 * @param {string} text
 * @param {number} width
 * @returns {string[]} lines of at most `width` columns, broken at spaces
 */
function wrap (text, width) {
  /** @type {string[]} */
  const lines = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line ? `${line} ${word}` : word
    }
  }
  return [...lines, line]
}

/**
 * @param {import('../../options.js').Option} option
 * @param {Style} bold
 * @returns {string}
 */
function row (option, bold) {
  const names = `${option.short ? `-${option.short}, ` : ''}--${option.name}`
  const flag = `${names}${option.arg ? ` ${option.arg}` : ''}`
  const shown = option.shown ?? (option.def === '0' ? undefined : option.def)
  // No-break spaces keep the default on one line.
  const text = shown === undefined ? option.help : `${option.help} ${`(default: ${shown})`.replace(/ /g, '\u00a0')}`
  const [first, ...more] = wrap(text, WIDTH - INDENT).map(line => line.replace(/\u00a0/g, ' '))
  const head = bold(names) + `${flag.slice(names.length)} `.padEnd(INDENT - 2 - names.length)
  return [`  ${head}${first}`, ...more.map(line => ' '.repeat(INDENT) + line)].join('\n')
}

/**
 * @param {string} command
 * @param {Style} bold
 * @returns {string[]} a block for each group of options
 */
function optionBlocks (command, bold) {
  /** @type {Map<string, string[]>} */
  const groups = new Map()
  for (const option of optionsOf(command)) {
    groups.set(option.group, [...(groups.get(option.group) ?? []), row(option, bold)])
  }
  return [...groups].map(([title, rows]) => `${bold(title)}\n${rows.join('\n')}`)
}

/**
 * Wraps a paragraph; text indented by four is kept, indented by two.
 * @param {string} block
 * @param {Style} bold
 */
function renderBlock (block, bold) {
  if (block.startsWith('    ')) return block.replace(/^ {4}/gm, '  ')
  // No-break spaces keep code on one line.
  const joined = block.replace(/`[^`]*`/g, code => code.slice(1, -1).replace(/ /g, '\u00a0')).replace(/\n/g, ' ')
  const lines = wrap(joined, WIDTH).join('\n').replace(/\u00a0/g, ' ')
  return lines.replace(/(?<![\w-])--?[a-z][a-z0-9-]*/g, bold)
}

/**
 * @param {string} command
 * @param {{ color?: boolean }} [options]
 * @returns {string} the help text, 80 columns wide
 */
function helpText (command, { color = false } = {}) {
  const bold = color ? (/** @type {string} */ text) => `\u001b[1m${text}\u001b[22m` : (/** @type {string} */ text) => text
  /** @type {string[]} */
  const blocks = []
  let heading = ''
  for (const block of fs.readFileSync(path.join(PAGES, `${command}.md`), 'utf8').trim().split(/\n{2,}/)) {
    const title = /^##? (.*)$/.exec(block)?.[1]
    if (title === 'Options') blocks.push(...optionBlocks(command, bold))
    else if (title !== undefined && block.startsWith('## ')) heading = `${bold(title)}\n`
    else {
      blocks.push(heading + (title === undefined ? renderBlock(block, bold) : bold(title)))
      heading = ''
    }
  }
  return `${blocks.join('\n\n')}\n`
}

/**
 * @param {string[]} words after `shap-flame help`
 * @returns {string} the command or topic
 */
function helpTopic ([name = 'run', more]) {
  const pages = [...COMMANDS, ...TOPICS]
  if (more !== undefined) throw new CliError(STATUS.USAGE, 'help takes one command or topic: shap-flame help COMMAND')
  if (pages.includes(name)) return name
  if (['help', '--help', '-h'].includes(name)) return 'run'
  const meant = nearest(name, pages)
  throw new CliError(STATUS.USAGE, `${name}: no such command or topic; ${meant ? `did you mean ${meant}?` : `choose from ${pages.join(', ')}`}`)
}

module.exports = { COMMANDS, TOPICS, helpText, helpTopic }
