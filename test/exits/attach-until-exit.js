'use strict'
/** An app that somebody attaches to when it is ready: he stays until its end, or leaves before. */
const assert = require('node:assert')
const { execFileSync } = require('node:child_process')
const { once } = require('node:events')
// It tells which binaries are read here: before all of ours.
require('../support/profiled-process.js')
const { Attachment } = require('../../lib/cli/commands/attach.js')
const { findProcess } = require('../../lib/attach/proc-info.js')

const WHEN = /** @type {const} */ (['while attached', 'after'])
const VALUES = { interval: 16384, depth: 128, type: 'alloc_space', maxProfilerMemory: 32 << 20, noGc: true, quiet: false }

/** @param {import('../../lib/api/profile.js').Profile} profile */
function namesOf (profile) {
  const names = profile.top(0, 'alloc_space').map(row => row.name)
  profile.free()
  return names
}

/** @param {import('node:child_process').ChildProcess} child */
async function allocateMore (child) {
  child.stdin?.write('more\n')
  await once(/** @type {NodeJS.ReadableStream} */ (child.stdout), 'data')
}

/**
 * @param {import('../../csrc/tools/node_lines.js').NodeLine} node
 * @param {typeof WHEN[number]} when
 * @param {string} ends the state that the app ends in, where it is profiled
 * @param {boolean} inspector there is no sampler for it
 */
function attachTo (node, when, ends, inspector) {
  /** @type {string[]} */
  const messages = []
  /** @type {Promise<void> | undefined} */
  let left
  const abi = inspector ? '' : execFileSync(node.bin, ['-p', 'process.versions.modules'], { encoding: 'utf8' }).trim()

  /** @param {import('node:child_process').ChildProcess} child */
  const onReady = async child => {
    const values = /** @type {import('../../lib/options.js').Values} */ (/** @type {unknown} */ (VALUES))
    const attachment = new Attachment(findProcess(Number(child.pid)), values, text => messages.push(text), inspector ? [] : [{ abi, file: node.sampler }])
    await attachment.start()
    await allocateMore(child)
    if (when === 'after') return leave(attachment, 'attached')
    left = attachment.done.then(() => leave(attachment, ends))
    left.catch(() => {}) // check() tells
  }

  /** @param {Attachment} own @param {string} state */
  const leave = async (own, state) => {
    const kept = inspector ? /^(attached|ended)$/ : /^(attached|ended|heap limit)$/
    try {
      const { profile, warnings } = await own.finish()
      const ended = state === 'ended' ? /ended while it was sampled/ : state === 'heap limit' ? /reached its heap limit/ : state === 'signal' ? /was killed|ended while it was sampled/ : /was killed/
      if (state !== 'attached') assert.match(warnings.join(), ended)
      // The last checkpoint of one that is killed may be from before it allocated.
      if (kept.test(state)) assert.ok(namesOf(profile).includes('mainKeeps'), 'what it allocated is missing')
    } catch (error) {
      // Nobody was there to write it: what came before the first checkpoint is lost.
      const expected = inspector ? /has ended, or its inspector was closed/ : /ended before the first checkpoint/
      if (!expected.test(String(error)) || kept.test(state)) throw error
    } finally {
      await own.end()
      assert.ok(inspector ? messages.length === 1 && /using V8's inspector instead/.test(messages[0]) : messages.length === 0, messages.join('\n'))
    }
  }

  return { onReady, check: async () => left }
}

module.exports = { WHEN, allocateMore, attachTo }
