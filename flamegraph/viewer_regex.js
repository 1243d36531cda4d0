'use strict'

/**
 * Regular expressions in linear time. With some patterns a browser's own engine backtracks nearly
 * for ever, and a page cannot stop it.
 */

/** A state: matches a character, an assertion, or nothing; `to`: next states. @typedef {{ to: number[], char?: RegExp, is?: string }} State */
/** A set of states, the character before, and the next set by character; null: a match. @typedef {{ all: number[], was: string, onto: Map<string, Places | null> }} Places */

const MAX_STATES = 1000 // states of a pattern
const TOO_LONG = 'The pattern takes too long'

/** @param {string} pattern @param {string} flags @returns {(text: string) => boolean} a test for texts */
function finder (pattern, flags) {
  // throws if it is invalid
  RegExp(pattern, flags)
  /** @type {State[]} */
  const states = [{ to: [] }]
  let at = 0
  let made = 0
  /** @param {State} state */
  const add = state => {
    if (states.length > MAX_STATES) throw Error(TOO_LONG)
    return states.push(state) - 1
  }
  /** @param {string} like @returns {RegExpExecArray | null} what matches here, consumed */
  const eat = like => {
    const re = RegExp(like, 'uys')
    re.lastIndex = at
    const found = re.exec(pattern)
    if (found) at = re.lastIndex
    return found
  }

  /** Parts are built from their successor on. @typedef {(next: number) => number} Part */
  /** @returns {Part} */
  function choice () {
    const ways = [row()]
    while (eat('\\|')) ways.push(row())
    return next => ways[1] ? add({ to: ways.map(way => way(next)) }) : ways[0](next)
  }
  /** @returns {Part} */
  function row () {
    /** @type {Part[]} */
    const items = []
    while (at < pattern.length && !/[|)]/.test(pattern[at])) items.push(repeated(atom()))
    return next => items.reduceRight((to, item) => item(to), next)
  }
  /** @returns {Part} */
  function atom () {
    if (eat('\\(\\?:|\\(\\?<[^=!>]+>|\\((?!\\?)')) {
      const inner = choice()
      eat('\\)')
      return inner
    }
    const sign = eat('\\^|\\$|\\\\[bB]')
    if (sign) return next => add({ is: sign[0].slice(-1), to: [next] })
    if (eat('\\(|\\\\[k1-9]')) throw Error('Not supported: look-around, references')
    const [one] = eat('\\[(\\\\.|[^\\]\\\\])*\\]|\\\\u[dD][89abAB]..\\\\u[dD][c-fC-F]..|\\\\[pPu]\\{[^}]*\\}|\\\\u....|\\\\x..|\\\\c.|\\\\.|.') || ['']
    const char = RegExp(`^${one}$`, flags)
    return next => add({ char, to: [next] })
  }
  /** @param {Part} part @returns {Part} */
  function repeated (part) {
    const found = eat('([*+?]|\\{(\\d+)(,?)(\\d*)\\})\\??')
    if (!found) return part
    const [, sign, n, comma, m] = found
    const min = n ? +n : sign === '+' ? 1 : 0
    const max = n ? +(m || (comma ? Infinity : n)) : sign === '?' ? 1 : Infinity
    return next => {
      let first = next
      if (++made > MAX_STATES || min > MAX_STATES || (max > MAX_STATES && max < Infinity)) throw Error(TOO_LONG)
      if (max === Infinity) {
        /** @type {State} */
        const again = { to: [] }
        first = add(again)
        again.to = [part(first), next]
      } else for (let i = min; i < max; i++) first = add({ to: [part(first), next] })
      for (let i = 0; i < min; i++) first = part(first)
      return first
    }
  }

  const start = choice()(0)
  /** @type {Map<string, Places>} */
  const seen = new Map()
  const isWord = (/** @type {string} */ c) => /\w/.test(c)
  const until = Date.now() + 500
  /** @param {number[]} all @param {string} was the character before; '' at the start */
  const placesOf = (all, was) => {
    const key = all + (was && (isWord(was) ? 'w' : '-'))
    const places = seen.get(key) || { all, was, onto: new Map() }
    seen.set(key, places)
    return places
  }
  /** @param {Places} places @param {string} c '' at the end @returns {Places | null} */
  function onward ({ all, was }, c) {
    if (Date.now() > until) throw Error(TOO_LONG)
    const now = new Set(all)
    const then = new Set([start])
    for (const i of now) {
      const { char, is, to } = states[i]
      if (!i) return null
      if (char) {
        if (c && char.test(c)) then.add(to[0])
      } else if (!is || (is === '^' ? !was : is === '$' ? !c : (isWord(was) !== isWord(c)) === (is === 'b'))) to.forEach(n => now.add(n))
    }
    return placesOf([...then].sort((a, b) => a - b), c)
  }
  return text => {
    let places = placesOf([start], '')
    for (const c of [...text, '']) {
      /** @type {Places | null | undefined} */
      const last = places.onto.get(c)
      /** @type {Places | null} */
      const next = last === undefined ? onward(places, c) : last
      places.onto.set(c, next)
      if (!next) return true
      places = next
    }
    return false
  }
}
