import { Pool, type Row } from './pool'
import countWords, { makeWords, pages, table, Derived } from './words'
import { pad } from 'padder'

const held: unknown[] = []

async function main(): Promise<void> {
  const pool = new Pool<Row>('rows', 20)
  for (let i = 0; i < 50; i++) {
    const words = makeWords(i)
    held.push(countWords(words))
    for (const page of pages(words, 100)) pool.keep({ id: i, words: page })
    held.push(table.build(10), new Derived(), pool.all, pad(words))
  }
  held.push(await pool.later(200))
}

main().then(() => console.log('held', held.length))
