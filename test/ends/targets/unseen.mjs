// What a program can see of the functions that stand in for Node's.
import childProcess from 'node:child_process'
import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { inspect, types } from 'node:util'
import threads, { Worker } from 'node:worker_threads'

const seen = {}
const looks = value => ({
  text: inspect(value, { showProxy: true }),
  proxy: types.isProxy(value),
  source: value.toString(),
  name: value.name,
  length: value.length
})

const error = run => {
  try {
    run()
  } catch (thrown) {
    return [thrown.stack, Object.keys(thrown), Object.getOwnPropertyDescriptor(thrown, 'stack')?.enumerable, Error.stackTraceLimit]
  }
  return []
}

/** Of the constructor of Worker: its stack has a frame more, of its double. */
const refusal = run => {
  try {
    run()
  } catch (thrown) {
    return [String(thrown), Object.keys(thrown), Error.stackTraceLimit]
  }
  return []
}

class Own extends Worker {
  static extra = 1
  constructor (...args) {
    super(...args)
    seen.target = new.target === Own
  }
}
class Bare extends Worker {}

seen.worker = [inspect(Worker), Worker.name, Worker.length]
seen.own = looks(Own)
seen.abort = [looks(process.abort), Object.getOwnPropertyNames(process.abort), Object.getOwnPropertyDescriptor(process, 'abort'), Object.keys(process).indexOf('abort')]
seen.kill = ['_kill', 'kill', 'reallyExit'].map(name => [looks(process[name]), Object.getOwnPropertyNames(process[name]), Object.getOwnPropertyDescriptor(process, name), Object.keys(process).indexOf(name)])
seen.kills = [
  error(() => process.kill()),
  error(() => process.kill(process.pid, 'SIGNONE')),
  error(() => process.kill(process.pid, 12345)),
  error(() => process.kill(2 ** 30, 0)),
  error(() => process._kill()),
  error(() => process._kill(process.pid)),
  error(() => process._kill(Symbol('pid'), 0)),
  process._kill(process.pid, 0),
  process._kill.call(undefined, process.pid, 0, 1)
]
seen.inherits = [Object.getPrototypeOf(Worker) === EventEmitter, Object.getPrototypeOf(Worker.prototype) === EventEmitter.prototype]
seen.statics = [Object.keys(Worker), Own.extra, Worker.defaultMaxListeners, Object.getOwnPropertyDescriptor(Worker, 'prototype').writable]
seen.methods = Reflect.ownKeys(Worker.prototype).filter(key => key !== 'constructor').map(key =>
  [String(key), inspect(Object.getOwnPropertyDescriptor(Worker.prototype, key), { showHidden: true })])
seen.prototype = [inspect(Worker.prototype), Object.getOwnPropertyNames(Worker.prototype)[0]]
seen.same = [threads.Worker === Worker, createRequire(import.meta.url)('worker_threads').Worker === Worker, Worker.prototype.constructor === Worker]
seen.children = [
  inspect(childProcess.ChildProcess.prototype, { showProxy: true, showHidden: true }),
  looks(childProcess.ChildProcess.prototype.spawn),
  error(() => new childProcess.ChildProcess().spawn({ file: 5 })),
  error(() => childProcess.spawn('./absent', { cwd: 5 }))
]
seen.refusals = [
  refusal(() => new Worker(5)),
  refusal(() => new Worker()),
  refusal(() => new Worker('absent.js')),
  refusal(() => new Worker('./absent.js', { env: 5 })),
  refusal(() => new Worker('', { eval: true, env: {}, execArgv: ['--no-such-flag'] })),
  refusal(() => new Worker('', { get env () { throw new Error('no') } })),
  refusal(() => new Worker('', { eval: true, env: { get A () { throw new Error('no A') } } })),
  refusal(() => new Own(5)),
  refusal(() => new Bare(5)),
  refusal(() => Reflect.construct(Worker, [5], Own)),
  refusal(() => Worker())
]

const worker = new Own('', { eval: true, env: { A: '1' } })
seen.instance = [worker instanceof Worker, worker instanceof Own, worker instanceof EventEmitter, worker.constructor === Own]
const plain = new Worker('', { eval: true })
seen.plain = [Object.getPrototypeOf(plain) === Worker.prototype, plain.constructor === Worker, Object.keys(plain), plain.threadId]
console.log(JSON.stringify(seen, null, 1))
