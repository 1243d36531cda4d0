/** An ES module with top-level await. Prints what it kept. */
import { setTimeout as sleep } from 'node:timers/promises'
import { readFile } from 'node:fs/promises'

const kept = []
globalThis.keptByModule = kept

async function readTwice() {
  const text = await readFile(new URL(import.meta.url), 'utf8')
  kept.push(...splitWords(text + text))
}

function splitWords(text) {
  return text.split(/\s+/).map((word, at) => ({ word: `${word}.${at}`, at }))
}

function keepRows(rows) {
  for (let i = 0; i < rows; i++) kept.push(new Array(1000).fill(i))
}

await readTwice()
const before = await sleep(5, 'slept')
keepRows(1000)
await sleep(5)
console.log(before, kept.length > 1000)
