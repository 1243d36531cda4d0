'use strict'
/**
 * Run in a numbering of processes of its own, as root: a process is looked at, ends, and
 * another one, which would die of SIGUSR1, has its number. `pid-again.js [no-descriptors]`.
 */
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const binding = require('../../lib/common/native.js')
const { TargetProcess } = require('../../lib/attach/proc-info.js')

async function main() {
  if (process.argv[2] === 'no-descriptors') binding.core().openProcess = () => -38
  const first = spawn('sleep', ['60'])
  await once(first, 'spawn')
  const pid = Number(first.pid)
  const target = new TargetProcess(pid)
  console.log('the first one is the same', target.isSame())
  first.kill('SIGKILL')
  await once(first, 'exit')
  fs.writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 1))
  const second = spawn('sleep', ['60'])
  await once(second, 'spawn')
  console.log('its number is used again', second.pid === pid)
  console.log('the second one is the same', target.isSame())
  console.log(target.signal('SIGUSR1')?.replace(String(pid), 'N'))
  await new Promise((resolve) => setTimeout(resolve, 200))
  console.log('the second one lives', second.exitCode === null && second.signalCode === null)
  second.kill('SIGKILL')
}

main()
