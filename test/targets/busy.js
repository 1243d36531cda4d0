'use strict'
/** Never leaves its loop: only a signal ends it. Prints `busy` at the start. */
const fs = require('node:fs')
let last = /** @type {any} */ (null)
function spin() {
  for (let i = 0; ; i++) last = { i, before: last === null ? 0 : 1 }
}
fs.writeSync(1, 'busy\n')
spin()
