'use strict'
/**
 * A process that does all it can to the folder that somebody who attaches to it makes:
 * `meddler.js PARENT VICTIM`. Prints `ready`, what it could rename, and `meddled`.
 */
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const [, , parent, victim] = process.argv

/** @param {() => void} action @returns {boolean} whether it could */
function tried(action) {
  try {
    action()
    return true
  } catch {
    return false
  }
}

/** @param {string} folder of ours */
function fill(folder) {
  const made = [
    tried(() => fs.symlinkSync(victim, path.join(folder, 'link'))),
    tried(() => fs.symlinkSync(path.join(victim, 'secret'), path.join(folder, `${process.pid}-1-0.shfc`))),
    tried(() => fs.mkdirSync(path.join(folder, 'below'))),
    tried(() => fs.symlinkSync(victim, path.join(folder, 'below', 'link'))),
    tried(() => execFileSync('mkfifo', [path.join(folder, `${process.pid}-2-0.shfc`)])),
  ]
  return made.every(Boolean)
}

const timer = setInterval(() => {
  for (const name of fs.readdirSync(parent).filter((one) => one.startsWith('shap-flame-'))) {
    const top = path.join(parent, name)
    // The socket is there for a moment only, the folder that is given to us until the end.
    if (!['attached', 'captures'].some((below) => tried(() => fs.accessSync(path.join(top, below), fs.constants.W_OK)))) continue
    if (tried(() => fs.renameSync(top, `${top}~`))) console.log('renamed the folder')
    if (tried(() => fs.renameSync(path.join(top, 'captures'), path.join(top, 'others')))) console.log('renamed the folder below')
    if (!fill(path.join(top, 'captures')) && !fill(top)) continue
    clearInterval(timer)
    console.log('meddled')
  }
}, 5)
setInterval(() => {}, 1000)
console.log('ready')
