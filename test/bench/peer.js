'use strict'
/** A preload that profiles its process with another profiler, as SHF_BENCH_PEER says. */
const fs = require('node:fs')

const [peer, interval, folder] = (process.env.SHF_BENCH_PEER || '').split(',')
const file = `${folder}/${peer}.${process.pid}`
const STACK = 64

if (peer === 'datadog') {
  const { heap, encodeSync } = require(require('./tools.js').datadogFolder())
  heap.start(Number(interval), STACK)
  process.on('exit', () => fs.writeFileSync(`${file}.pb.gz`, encodeSync(heap.profile())))
}

if (peer === 'inspector') {
  const { Session } = require('node:inspector')
  const session = new Session()
  session.connect()
  session.post('HeapProfiler.startSampling', { samplingInterval: Number(interval), stackDepth: STACK })
  process.on('exit', () => {
    session.post('HeapProfiler.getSamplingProfile', (_, got) => {
      fs.writeFileSync(`${file}.heapprofile`, JSON.stringify(/** @type {any} */ (got).profile))
    })
  })
}
