'use strict'
/** An app that somebody attaches to when it is ready: he stays until its end, or leaves before. */
const assert = require('node:assert')
const { execFileSync } = require('node:child_process')
const { once } = require('node:events')
// It tells which binaries are read here: before all of ours.
require('./runs')
const { Attachment } = require('../../lib/cli/attach.js')
const { findProcess } = require('../../lib/attach/process.js')

const WHEN = /** @type {const} */ (['while attached', 'after'])
const VALUES = { interval: 16384, depth: 128, type: 'alloc_space', maxProfilerMemory: 32 << 20, noGc: true, quiet: true }

/** @param {import('../../lib/profile.js').Profile} profile */
function namesOf(profile) {
  const names = profile.top(0, 'alloc_space').map((row) => row.name)
  profile.free()
  return names
}

/** @param {import('node:child_process').ChildProcess} child */
async function allocateMore(child) {
  child.stdin?.write('more\n')
  await once(/** @type {NodeJS.ReadableStream} */ (child.stdout), 'data')
}

/**
 * @param {import('../nodes').NodeLine} node
 * @param {typeof WHEN[number]} when
 */
function attachTo(node, when) {
  /** @type {string[]} */
  const said = []
  /** @type {Attachment | undefined} */
  let attachment
  const abi = execFileSync(node.bin, ['-p', 'process.versions.modules'], { encoding: 'utf8' }).trim()

  /** @param {import('node:child_process').ChildProcess} child */
  const onReady = async (child) => {
    const values = /** @type {import('../../lib/options.js').Values} */ (/** @type {unknown} */ (VALUES))
    attachment = new Attachment(findProcess(Number(child.pid)), values, (text) => said.push(text), [{ abi, file: node.sampler }])
    await attachment.start()
    await allocateMore(child)
    if (when === 'after') await leave('attached')
  }

  /** @param {string} state */
  const leave = async (state) => {
    const own = /** @type {Attachment} */ (attachment)
    try {
      const { profile, warnings } = await own.finish()
      const ended = state === 'ended' ? /ended while it was sampled/ : state === 'heap limit' ? /came to its heap's limit/ : /was killed/
      if (state !== 'attached') assert.match(warnings.join(), ended)
      assert.ok(namesOf(profile).includes('mainKeeps'), 'what it allocated is missing')
    } catch (error) {
      // Nobody was there to write it: what came before the first checkpoint is lost.
      if (!/ended, and there is no checkpoint yet/.test(String(error)) || /^(attached|ended|heap limit)$/.test(state)) throw error
    } finally {
      await own.end()
      assert.deepStrictEqual(said, [])
    }
  }

  /** @param {string} state that the app ends in, where it is profiled */
  const check = async (state) => {
    if (when === 'after') return
    await attachment?.over
    await leave(state)
  }
  return { onReady, check }
}

module.exports = { WHEN, allocateMore, attachTo }
