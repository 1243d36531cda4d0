'use strict'

/**
 * Node's own clock, timers, file functions and methods, saved when this is loaded: test runners
 * replace some by mocks, which stand still or report files that do not exist, and an app may replace
 * any of them.
 */

const { setTimeout, clearTimeout, setImmediate, Date, Int32Array, Map, Object, Promise, Proxy, Reflect, String, WeakMap } = globalThis
const { stringify } = JSON
const { hrtime, memoryUsage } = process
const { existsSync, readlinkSync, writeSync } = require('node:fs')
const { basename } = require('node:path')
const { AsyncLocalStorage, createHook, executionAsyncId } = require('node:async_hooks')

/**
 * @param {Function} method
 * @returns {(self: unknown, ...args: any[]) => any} the method, with its object as first argument
 */
function uncurry (method) {
  return Function.prototype.call.bind(method)
}

const { prototype: text } = String
const endsWith = uncurry(text.endsWith)
const includes = uncurry(text.includes)
const indexOf = uncurry(text.indexOf)
const replaceAll = uncurry(text.replaceAll)
const slice = uncurry(text.slice)
const startsWith = uncurry(text.startsWith)
const trimStart = uncurry(text.trimStart)
const exec = uncurry(RegExp.prototype.exec)
const { keys, setPrototypeOf } = Object
const mapGet = uncurry(Map.prototype.get)
const mapSet = uncurry(Map.prototype.set)
const weakGet = uncurry(WeakMap.prototype.get)
const weakSet = uncurry(WeakMap.prototype.set)
const weakDelete = uncurry(WeakMap.prototype.delete)
const enterWith = uncurry(AsyncLocalStorage.prototype.enterWith)
const disableStorage = uncurry(AsyncLocalStorage.prototype.disable)
const getStore = uncurry(AsyncLocalStorage.prototype.getStore)
const { prototype: arrays } = Array

/**
 * A list that can be extended although the app has put accessors into Array.prototype.
 * @template T
 * @returns {T[]}
 */
function newList () {
  return setPrototypeOf([], null)
}

/**
 * @template T
 * @param {T[]} list of newList(), complete
 * @returns {T[]} the same, as an ordinary array
 */
function toArray (list) {
  return setPrototypeOf(list, arrays)
}

/** @returns {number} milliseconds since an arbitrary moment */
function monotonic () {
  const time = hrtime() // seconds and nanoseconds; the app may have replaced the iterator of arrays
  return time[0] * 1000 + time[1] / 1e6
}

module.exports = {
  setTimeout, clearTimeout, setImmediate, Date, monotonic, existsSync, readlinkSync, writeSync, memoryUsage, basename,
  Object, Promise, Proxy, Reflect, String, stringify, endsWith, includes, indexOf, replaceAll, slice, startsWith, trimStart, exec,
  newList, toArray, keys, Map, mapGet, mapSet, WeakMap, weakGet, weakSet, weakDelete, Int32Array, AsyncLocalStorage, createHook, executionAsyncId, disableStorage, enterWith, getStore
}
