'use strict'
/**
 * Every benchmark whose figures the README quotes, one after the other.
 *
 *   npm run bench [-- --quick] [NAME…]
 *
 * --quick takes minutes instead of the better part of an hour, and its figures are
 * for looking only. Names choose among all: also those of diff, noise, coverage, run,
 * paint and click. Ends with 1 when one of them failed, which is told at the end.
 */
const { spawnSync } = require('node:child_process')
const path = require('node:path')

/** Arguments that make it quick. @type {Record<string, string[]>} */
const QUOTED = {
  capture: ['--runs', '1', '--paths', '2000'],
  overhead: ['--runs', '1', '--scale', '0.3'],
  folded: ['--stacks', '20000', '--runs', '1'],
  rounding: ['--samples', '300'],
  soak: ['--seconds', '20', '--beside', '10', '--segment', '10'],
}

/** @type {Record<string, string[]>} */
const OTHERS = {
  run: ['--runs', '1', '--requests', '1000'],
  diff: ['--nodes', '50000', '--runs', '1'],
  noise: ['--pairs', '2', '--scale', '0.2'],
  coverage: ['--samplings', '50'],
  paint: ['--stacks', '2000', '--runs', '1'],
  click: ['2000'],
}

const ALL = { ...QUOTED, ...OTHERS }

function main() {
  const args = process.argv.slice(2)
  const quick = args.includes('--quick')
  const asked = args.filter((arg) => arg !== '--quick')
  const unknown = asked.find((name) => !(name in ALL))
  if (unknown) {
    console.error(`bench: no benchmark is called ${unknown}; there are ${Object.keys(ALL).join(', ')}, and --quick`)
    process.exit(64)
  }
  const failed = []
  for (const name of asked.length ? asked : Object.keys(QUOTED)) {
    const command = [path.join('test', 'bench', `${name}.js`), ...(quick ? ALL[name] : [])]
    console.log(`$ node ${command.join(' ')}\n`)
    const { status } = spawnSync(process.execPath, command, { cwd: path.join(__dirname, '..', '..'), stdio: 'inherit' })
    if (status !== 0) failed.push(name)
    console.log()
  }
  if (failed.length) console.error(`bench: failed: ${failed.join(', ')}`)
  process.exitCode = failed.length ? 1 : 0
}

main()
