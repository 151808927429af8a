import { Ajv2020 } from 'ajv/dist/2020.js'
import express from 'express'
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * The floors that ratios are taken to. `/floor` is one bare Express route that parses JSON and validates it
 * with ajv. `/signed` also does what a sign-in must do at least: it signs a token and commits one row, all
 * rows of one turn of the loop together. Sends its URL to the parent.
 */
const validate = new Ajv2020().compile({
  type: 'object',
  properties: { number: { type: 'string', minLength: 4, maxLength: 40 } },
  required: ['number'],
  additionalProperties: false,
})

const directory = mkdtempSync(join(tmpdir(), 'authctl-floor-'))
const db = new DatabaseSync(join(directory, 'floor.db'))
db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL')
db.exec('CREATE TABLE sessions (id TEXT PRIMARY KEY, number TEXT NOT NULL) WITHOUT ROWID')
const insert = db.prepare('INSERT INTO sessions VALUES (?, ?)')
const { privateKey } = generateKeyPairSync('ed25519')
const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
const HEAD = encode({ alg: 'EdDSA', typ: 'at+jwt', kid: 'floor' })

const tokenFor = (sub: string): string => {
  const iat = Math.floor(Date.now() / 1000)
  const payload = { iss: 'http://floor', sub, aud: 'floor', iat, exp: iat + 900, jti: randomUUID() }
  const signed = `${HEAD}.${encode(payload)}`
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`
}

let waiting: { number: string; done: () => void }[] = []
const commit = (): void => {
  const batch = waiting
  waiting = []
  db.exec('BEGIN IMMEDIATE')
  for (const { number } of batch) insert.run(randomUUID(), number)
  db.exec('COMMIT')
  for (const { done } of batch) done()
}
const commitRow = (number: string, done: () => void): void => {
  if (waiting.push({ number, done }) === 1) setImmediate(commit)
}

const app = express()
app.post('/floor', express.json(), (request, response) => {
  if (validate(request.body)) response.json({ detail: 'ok', expires_in: 300 })
  else response.status(400).json({ detail: 'invalid' })
})
app.post('/signed', express.json(), (request, response) => {
  if (!validate(request.body)) return void response.status(400).json({ detail: 'invalid' })
  const { number }: { number: string } = request.body
  commitRow(number, () => void response.json({ detail: 'ok', token: tokenFor(number) }))
})

const server = app.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.({ url: `http://127.0.0.1:${port}` })
})
process.on('disconnect', () => {
  db.close()
  rmSync(directory, { recursive: true, force: true })
  process.exit(0)
})
