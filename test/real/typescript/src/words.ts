type Maker<T> = (seed: number) => T

export const makeWords: Maker<string[]> = (seed) => {
  const out: string[] = []
  for (let i = 0; i < 1000; i++) out.push(`word ${seed} ${i}`)
  return out
}

export function* pages(words: string[], size: number): Generator<string[]> {
  for (let i = 0; i < words.length; i += size) yield words.slice(i, i + size)
}

export default function countWords(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  words.forEach((word) => counts.set(word, (counts.get(word) ?? 0) + 1))
  return counts
}
export const table = {
  build(rows: number): number[][] {
    return Array.from({ length: rows }, function fill(_unused, row) { return new Array<number>(100).fill(row) })
  },
}
export class Base { items: number[] = new Array(1000).fill(0) }
export class Derived extends Base { more = this.items.map((x) => ({ x })) }
