/** A pool of rows,
 * with a comment that moves lines.
 */
export interface Row { id: number; words: string[] }

export class Pool<T extends Row> {
  private kept: T[] = []
  static shared = Array.from({ length: 100 }, (_, i) => ({ id: i, words: ['static'] }))

  constructor(private readonly label: string, readonly size: number = 10) {
    this.kept = new Array(size * 100)
  }

  keep(row: T): T {
    this.kept.push({ ...row, words: row.words.slice() })
    return row
  }

  get all(): T[] {
    return this.kept.map((row) => ({ ...row }))
  }

  async later(count: number): Promise<T[]> {
    const rows: T[] = []
    for (let i = 0; i < count; i++) rows.push(await this.one(i))
    return rows
  }

  private one = async (id: number): Promise<T> => {
    return { id, words: new Array(50).fill('w' + id) } as unknown as T
  }
}

export enum Color { Red, Green = 'green' as any }
