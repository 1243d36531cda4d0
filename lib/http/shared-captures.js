'use strict'

const { capture } = require('../api/sampling.js')

/** A capture this young answers a further request too. */
const SHARED_MS = 1000
const MINUTE_MS = 60_000

/** @typedef {import('../api/profile.js').Profile} Profile */
/** @typedef {{ at: number, gc: boolean, profile: Promise<Profile>, users: number }} Shared */

/** There were too many captures in the last minute. */
class TooManyCaptures extends Error {
  /** @param {number} seconds until the next one is allowed */
  constructor (seconds) {
    super(`too many captures in the last minute; the next one is allowed in ${seconds} s`)
    this.seconds = seconds
  }
}

/** Captures of this thread, each for all requests that come together. */
class SharedCaptures {
  /** @param {number} perMinute */
  constructor (perMinute) {
    this.perMinute = perMinute
    /** Times of captures in the last minute. @type {number[]} */
    this.times = []
    /** @type {Shared | undefined} */
    this.last = undefined
  }

  /**
   * @template T
   * @param {boolean} gc whether a collection is forced first
   * @param {(profile: Profile) => Promise<T> | T} use the profile is freed when it settles
   * @returns {Promise<T>} rejects with TooManyCaptures
   */
  async with (gc, use) {
    const shared = this.#get(gc)
    shared.users++
    try {
      return await use(await shared.profile)
    } finally {
      this.#leave(shared)
    }
  }

  /** @param {boolean} gc @returns {Shared} */
  #get (gc) {
    const now = performance.now()
    if (this.last && this.last.gc === gc && now - this.last.at < SHARED_MS) return this.last
    this.times = this.times.filter(time => now - time < MINUTE_MS)
    if (this.times.length >= this.perMinute) throw new TooManyCaptures(Math.ceil((this.times[0] + MINUTE_MS - now) / 1000))
    this.times.push(now)
    const shared = { at: now, gc, profile: capture({ gc, types: true }), users: 1 }
    this.last = shared
    // nobody may be there to see that it failed
    shared.profile.catch(() => {})
    setTimeout(() => this.#leave(shared), SHARED_MS).unref()
    return shared
  }

  /** @param {Shared} shared */
  #leave (shared) {
    if (--shared.users > 0) return
    if (this.last === shared) this.last = undefined
    shared.profile.then(profile => profile.free(), () => {})
  }
}

module.exports = { SharedCaptures, TooManyCaptures }
