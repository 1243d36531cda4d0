'use strict'
/**
 * A server as fastify's users write them: a plugin, a schema, two routes.
 * With the argument `close` it closes on SIGTERM and exits with 0.
 */
const fastify = require('fastify')

const app = fastify({ forceCloseConnections: true })
/** @type {Map<string, { id: number, tags: string[] }>} */
const notes = new Map()

const schema = {
  body: { type: 'object', required: ['id'], properties: { id: { type: 'integer' }, tags: { type: 'array', items: { type: 'string' } } } },
  response: { 200: { type: 'object', properties: { stored: { type: 'integer' } } } },
}

app.register(async function notesPlugin(scope) {
  scope.post('/notes', { schema }, async function storeNote(request) {
    const note = /** @type {{ id: number, tags: string[] }} */ (request.body)
    notes.set(`note ${note.id}`, { ...note, tags: note.tags.map((tag) => tag.toUpperCase()) })
    return { stored: notes.size }
  })
  scope.get('/notes', async function listNotes() {
    return [...notes.values()].slice(-20)
  })
})

if (process.argv[2] === 'close') {
  process.once('SIGTERM', async () => {
    await app.close()
    console.log(`closed with ${notes.size} notes`)
  })
}

app.listen({ port: 0, host: '127.0.0.1' }).then((address) => console.log(`listening ${new URL(address).port}`))
