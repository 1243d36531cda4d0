'use strict'
/**
 * What run.js and overhead.js measure: requests of a small service, one after the
 * other, in one thread and with nothing random. `node work.js [REQUESTS]`
 */
/** @type {Map<string, object>} */
const store = new Map()

/** @param {number} i */
function makeBody (i) {
  const lines = Array.from({ length: 40 }, (_, n) => ({ id: `${i}-${n}`, price: n * 1.5, tags: ['a', 'b', String(n % 7)], nested: { n, i } }))
  return JSON.stringify({ user: `user ${i % 500}`, lines })
}

/** @param {string} body */
function parseOrder (body) {
  return JSON.parse(body)
}

/** @param {any} order */
function summarize (order) {
  const byTag = new Map()
  for (const line of order.lines) {
    for (const tag of line.tags) byTag.set(tag, (byTag.get(tag) || 0) + line.price)
  }
  return { user: order.user, sums: Object.fromEntries([...byTag].sort()) }
}

/** @param {any} summary @param {number} i */
function remember (summary, i) {
  store.set(`${summary.user}/${i % 2000}`, summary)
  return store.size
}

/** @param {any} order */
function render (order) {
  return order.lines.map((/** @type {any} */ line) => `<li>${line.id.toUpperCase()}: ${line.price.toFixed(2)}</li>`).join('\n')
}

/** @param {number} requests @returns {number} characters that were answered */
function serve (requests) {
  let length = 0
  for (let i = 0; i < requests; i++) {
    const order = parseOrder(makeBody(i))
    length += remember(summarize(order), i) + render(order).length
  }
  return length
}

if (require.main === module) console.log(serve(Number(process.argv[2] || 3000)))

module.exports = { serve }
