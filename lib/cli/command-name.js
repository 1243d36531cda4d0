'use strict'

/** Names the files of `shap-flame -- command` after the program, not after what starts it. */

const path = require('node:path')

/** Programs that run the script after their flags. */
const RUNNERS = new Set(['node', 'nodejs', 'tsx', 'ts-node', 'ts-node-esm', 'ts-node-script', 'swc-node', 'babel-node', 'nodemon', 'bun', 'deno'])
const MANAGERS = new Set(['npm', 'pnpm', 'yarn', 'bun', 'corepack'])
/** Programs that run a command of a package. */
const STARTERS = new Set(['npx', 'pnpx', 'bunx'])
const STARTS = new Set(['exec', 'x', 'dlx'])
const RUNS = new Set(['run', 'run-script', 'rum', 'urn'])
/** Their flags that take a value. */
const WITH_VALUE = new Set(['-p', '--package', '-C', '--prefix', '--dir', '--cwd', '-w', '--workspace', '--filter', '-F', '-r', '--require', '--import', '--loader', '--tsconfig', '--project', '-P'])

/** @param {string} word @returns {string} a command's name without folder and version */
function baseName (word) {
  return path.basename(word).replace(/(?<=.)@[^/]*$/, '')
}

/** @param {readonly string[]} words @returns {string[]} without leading flags and their values */
function afterFlags (words) {
  let at = 0
  while (at < words.length && words[at].startsWith('-')) at += WITH_VALUE.has(words[at]) ? 2 : 1
  return words.slice(at)
}

/**
 * @param {readonly string[]} words the command and its arguments
 * @param {(word: string) => unknown} isScript whether such a file exists
 * @returns {string} a script's path, an npm script's name, or a command's
 */
function programOf (words, isScript) {
  let rest = [...words]
  for (;;) {
    const name = baseName(rest[0])
    const more = afterFlags(rest.slice(1))
    const [first] = more
    if (first === undefined) return name
    if (STARTERS.has(name)) rest = more
    else if (MANAGERS.has(name) && STARTS.has(first) && more.length > 1) rest = [name === 'npm' ? 'npx' : 'pnpx', ...more.slice(1)]
    else if (name === 'corepack') rest = more
    else if (MANAGERS.has(name) && RUNS.has(first)) return afterFlags(more.slice(1))[0] ?? name
    else if (RUNNERS.has(name)) return more.find((word, at) => !word.startsWith('-') && !WITH_VALUE.has(more[at - 1]) && isScript(word)) ?? (MANAGERS.has(name) ? first : name)
    else return MANAGERS.has(name) ? first : name
  }
}

module.exports = { programOf }
