'use strict'

const fs = require('node:fs')
const path = require('node:path')

/** Scripts that are package managers in any folder. */
const ALWAYS = new Map([
  ['npm-cli.js', 'npm'],
  ['npm-prefix.js', 'npm'],
  ['npx-cli.js', 'npx'],
  ['corepack.js', 'corepack'],
  ['pnpm.cjs', 'pnpm'],
  ['pnpm.mjs', 'pnpm'],
  ['pnpx.cjs', 'pnpm']
])

/** Scripts that are package managers only in a folder with the package's name. */
const INSIDE = /[/\\](npm|yarn|pnpm|corepack|cli-dist)[/\\](?:[^/\\]+[/\\])?(?:bin|dist|lib)[/\\](?:npm|npx|yarn|yarnpkg|pnpm|pnpx)\.[cm]?js$/
const YARN_RELEASE = /[/\\]yarn-\d[^/\\]*\.[cm]?js$/

/**
 * @param {string | undefined} script a process's argv[1]
 * @returns {string | undefined} the name of the package manager
 */
function packageManager (script) {
  if (!script) return undefined
  let real = script
  try {
    real = fs.realpathSync(script)
  } catch {
    // No such file: its name decides.
  }
  const known = ALWAYS.get(path.basename(real))
  if (known) return known
  if (YARN_RELEASE.test(real)) return 'yarn'
  const inside = INSIDE.exec(real)
  if (!inside) return undefined
  return inside[1] === 'cli-dist' ? 'yarn' : inside[1]
}

module.exports = { packageManager }
