import { Ajv2020 } from 'ajv/dist/2020.js'
import express from 'express'
import type { AddressInfo } from 'node:net'

/**
 * The floor that ratios are taken to: one bare Express route that parses JSON and validates it with ajv.
 * Sends its URL to the parent.
 */
const validate = new Ajv2020().compile({
  type: 'object',
  properties: { number: { type: 'string', minLength: 4, maxLength: 40 } },
  required: ['number'],
  additionalProperties: false,
})

const app = express()
app.post('/floor', express.json(), (request, response) => {
  if (validate(request.body)) response.json({ detail: 'ok', expires_in: 300 })
  else response.status(400).json({ detail: 'invalid' })
})

const server = app.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.({ url: `http://127.0.0.1:${port}` })
})
process.on('disconnect', () => process.exit(0))
