'use strict'

/**
 * Scripts as V8's debugger reports them, and the metadata of a capture with them: for code compiled in
 * memory there is no other source of its name and map. csrc/v8/scripts.h does it for the native engine.
 */

/** Name in node:vm of code without a name. */
const NAMELESS = 'evalmachine.<anonymous>'
/** Maximum characters of one map, and of all maps of a thread. */
const MAX_MAP = 4 * 1024 * 1024
const MAX_MAPS = 8 * 1024 * 1024
/** Impossible length, for a name of several scripts. */
const SEVERAL = '-1\n'

/**
 * @typedef {object} ParsedScript as Debugger.scriptParsed has it
 * @property {string} scriptId
 * @property {string} url what the script calls itself, else its name
 * @property {number} [length] of its text, in UTF-16 units
 * @property {string} [sourceMapURL]
 */

/** The scripts of a thread, by id. */
class Scripts {
  /** @type {Map<string, string>} */
  #urls = new Map()
  /** @type {Map<string, string>} length and map, as a capture has them */
  #facts = new Map()
  #mapBudget = MAX_MAPS

  /** @param {ParsedScript} script */
  add ({ scriptId, url, length, sourceMapURL = '' }) {
    if (url) this.#urls.set(scriptId, url)
    if (length === undefined || url.startsWith('node:')) return
    const hasMap = sourceMapURL.startsWith('data:') && sourceMapURL.length <= Math.min(MAX_MAP, this.#mapBudget)
    if (hasMap) this.#mapBudget -= sourceMapURL.length
    this.#facts.set(scriptId, `${length}\n${hasMap ? sourceMapURL : ''}`)
  }

  /**
   * @param {string} scriptId
   * @param {string} name that it was given
   * @returns {string} the name, or what it calls itself where it was given none
   */
  nameOf (scriptId, name) {
    return name !== '' && name !== NAMELESS ? name : this.#urls.get(scriptId) ?? name
  }

  /**
   * @param {Iterable<{ script: string, scriptId: number }>} functions of a capture
   * @returns {Record<string, string>} lines for it
   */
  metaFor (functions) {
    /** @type {Map<string, string>} */
    const byName = new Map()
    for (const { script, scriptId } of functions) {
      const facts = this.#facts.get(String(scriptId))
      if (script === '' || facts === undefined) continue
      const known = byName.get(script)
      byName.set(script, known === undefined || known === facts ? facts : SEVERAL)
    }
    return Object.fromEntries([...byName].map(([script, facts]) => [`script:${script}`, facts]))
  }
}

module.exports = { Scripts }
