'use strict'

/** The class Worker that an app gets: it reaches, and shows nowhere. */

const { EventEmitter } = require('node:events')

/** As a stack names this file. */
const OURS = `(${__filename}:`

/** @typedef {(call: Function, args: unknown[], edit: (error: unknown) => void) => any} CallEdited */

/**
 * So that a stack is as long without our frame as it would be without us.
 * @returns {{ limit: number, back: () => void }} `limit`: without that frame
 */
function oneFrameMore () {
  const property = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')
  const limit = property?.writable && property.value >= 1 ? property.value : 0
  if (!limit) return { limit, back () {} }
  Error.stackTraceLimit = limit + 1
  return { limit, back () { if (Error.stackTraceLimit === limit + 1) Error.stackTraceLimit = limit } }
}

/**
 * @param {unknown} stack
 * @param {number} limit frames that it may have; 0: not known
 * @returns {unknown} without our frame
 */
function withoutFrame (stack, limit) {
  if (typeof stack !== 'string') return stack
  const lines = stack.split('\n')
  const first = lines.findIndex(line => line.startsWith('    at '))
  const own = lines.findIndex(line => line.includes(OURS))
  if (own >= 0) lines.splice(own, 1)
  else if (first >= 0 && limit && lines.length - first > limit) lines.pop()
  return lines.join('\n')
}

/**
 * The stack is not read before somebody asks: then V8 forgets where the error was thrown,
 * which Node shows where nobody catches it. Before Node 22 there is no other way.
 *
 * @param {any} error
 * @param {number} limit frames that its stack may have; 0: not known
 */
function hideFrame (error, limit) {
  if (error === null || typeof error !== 'object') return
  const property = Object.getOwnPropertyDescriptor(error, 'stack')
  if (!property?.configurable) return
  const { get } = property
  if (!get) {
    error.stack = withoutFrame(property.value, limit)
    return
  }
  Object.defineProperty(error, 'stack', {
    ...property,
    get: function () { return withoutFrame(Reflect.apply(get, this, []), limit) }
  })
}

/**
 * A proxy would be printed as one. What is left to see is an own `toString`, and that
 * Function.prototype.toString tells this class's text.
 *
 * @param {any} NodesWorker
 * @param {(options: unknown) => unknown} withEnvironment
 * @param {CallEdited} [callEdited] absent: errors have a frame of ours
 * @returns {Function} its double
 */
function workerClass (NodesWorker, withEnvironment, callEdited) {
  const { constructor: _, ...methods } = Object.getOwnPropertyDescriptors(NodesWorker.prototype)
  const text = Function.prototype.toString.call(NodesWorker)
  const Double = class Worker {
    /** @param {unknown} filename @param {unknown[]} rest */
    constructor (filename, ...rest) {
      try {
        if (rest.length) rest[0] = withEnvironment(rest[0])
      } catch {
        // a getter of the app's: it throws again where Node asks
      }
      if (!callEdited) return Reflect.construct(NodesWorker, [filename, ...rest], new.target)
      const { limit, back } = oneFrameMore()
      try {
        const args = [NodesWorker, [filename, ...rest], new.target]
        return callEdited(Reflect.construct, args, error => hideFrame(error, limit))
      } finally {
        back()
      }
    }

    /** @this {Function} */
    static toString () { return this === Double ? text : Function.prototype.toString.call(this) }
  }
  Object.defineProperties(Double.prototype, methods)
  Object.setPrototypeOf(Double.prototype, EventEmitter.prototype)
  Object.setPrototypeOf(Double, EventEmitter)
  return Double
}

module.exports = { workerClass }
