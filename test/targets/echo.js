'use strict'
/** Copies stdin to stdout, then says on stderr how many bytes. */
let bytes = 0
process.stdin.on('data', (chunk) => {
  bytes += chunk.length
  process.stdout.write(chunk)
})
process.stdin.on('end', () => console.error(`${bytes} bytes`))
