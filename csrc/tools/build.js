'use strict'

/**
 * Builds both addons with node-gyp. Uses the headers that are installed beside Node;
 * if there are none, node-gyp downloads them. Arguments are passed to node-gyp.
 */

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

/** @returns {string | undefined} the folder above include/node of this very Node */
function installedHeaders () {
  const prefix = path.resolve(path.dirname(fs.realpathSync(process.execPath)), '..')
  try {
    const text = fs.readFileSync(path.join(prefix, 'include', 'node', 'node_version.h'), 'utf8')
    const [major, minor, patch] = ['MAJOR', 'MINOR', 'PATCH'].map(part =>
      new RegExp(`define NODE_${part}_VERSION (\\d+)`).exec(text)?.[1])
    return `v${major}.${minor}.${patch}` === process.version ? prefix : undefined
  } catch {
    return undefined
  }
}

const gyp = require.resolve('node-gyp/bin/node-gyp.js')
const args = [gyp, 'rebuild', '--loglevel=warn', ...process.argv.slice(2)]
const headers = installedHeaders()
if (headers && !args.some(arg => arg.startsWith('--nodedir'))) args.push(`--nodedir=${headers}`)
const done = spawnSync(process.execPath, args, { stdio: 'inherit', cwd: path.join(__dirname, '..', '..') })
process.exitCode = done.status ?? 1
