'use strict'
// Becomes another user, whom its parent may not send signals to, and ends when its stdin does.
process.setgid?.(65534)
process.setuid?.(65534)
process.stdin.on('end', () => process.exit(6)).resume()
console.log('ready')
