'use strict'
/** A preload that handles SIGTERM: it comes before shap-flame's. */
process.on('SIGTERM', () => {
  require('node:fs').writeSync(1, 'handled\n')
  setTimeout(() => process.exit(8), 100)
})
