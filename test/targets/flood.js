'use strict'
/** Prints a lot and exits at once: `node flood.js [LINES]`, 200,000 lines of 64 bytes. */
const lines = Number(process.argv[2] || 200000)
let text = ''
for (let i = 0; i < lines; i++) text += String(i).padStart(63, '.') + '\n'
process.stdout.write(text, () => process.exit(7))
