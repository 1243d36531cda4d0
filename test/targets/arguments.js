'use strict'
/** Prints what it was started with: its arguments, its flags, its directory. */
const told = { argv: process.argv.slice(2), execArgv: process.execArgv, cwd: process.cwd(), main: require.main === module }
process.stdout.write(JSON.stringify(told) + '\n')
