import { readFile } from 'node:fs/promises'

const kept = globalThis.kept = []

function keepStrings (text) {
  for (let i = 0; i < 2000; i++) kept.push(text.split('').reverse())
}

const text = await readFile(new URL(import.meta.url), 'utf8')
keepStrings(text)
console.log('module', kept.length)
