'use strict'
/** A preload that handles SIGUSR2: it comes before shap-flame's. */
process.on('SIGUSR2', () => require('node:fs').writeSync(1, 'handled\n'))
