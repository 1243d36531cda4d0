'use strict'
/** A preload that samples the heap: it comes before shap-flame's. */
const { Session } = require('node:inspector')

const session = new Session()
session.connect()
session.post('HeapProfiler.enable')
session.post('HeapProfiler.startSampling')
