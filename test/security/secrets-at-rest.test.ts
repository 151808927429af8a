import { createHash, getHashes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { backupDatabase } from '../../daemon/adapters/sqlite/backup.ts'
import { bootstrap, PASSWORD } from '../support/accounts.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'
import { dumpStored } from '../support/test-store.ts'

const FAST_HASHES = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha3-256', 'blake2b512']
const ENCODINGS = ['hex', 'base64', 'base64url', 'binary'] as const

const sorted = (body: object): string =>
  JSON.stringify(Object.fromEntries(Object.entries(body).sort(([a], [b]) => (a < b ? -1 : 1))))

/**
 * Every text of a request whose fast hash would be a way to guess the password, with what a daemon might join
 * it with.
 */
const textsOf = (body: Record<string, string>, key: string, callerId: string): string[] => {
  const raw = JSON.stringify(body)
  const operation = 'admins.create'
  return [
    raw,
    sorted(body),
    JSON.stringify({ body }),
    JSON.stringify({ params: {}, query: {}, body }),
    JSON.stringify({ params: {}, query: {}, body, text: raw }),
    JSON.stringify({ body, params: {}, query: {} }),
    key,
    `${callerId}\0${operation}\0${key}`,
    `${callerId}:${operation}:${key}`,
    ...Object.values(body),
    ...Object.values(body).map((value) => value.toLowerCase()),
  ]
}

const digestsOf = (texts: readonly string[]): string[] =>
  texts.flatMap((text) =>
    FAST_HASHES.filter((name) => getHashes().includes(name)).flatMap((name) =>
      ENCODINGS.map((encoding) => createHash(name).update(text).digest(encoding)),
    ),
  )

/** All that a thief of the disk or of a backup has, as text. */
const everythingAtRest = async ({ dataDir }: TestDaemon): Promise<string> => {
  const database = join(dataDir, 'authctl.db')
  const live = await dumpStored(dataDir)
  if (!existsSync(database)) return live
  const backup = join(dataDir, 'backup.db')
  await backupDatabase(database, backup, { force: true })
  return live + readFileSync(backup, 'latin1')
}

test('B1: no unkeyed digest of any text of a request is in the database, its log or a backup', async () => {
  const daemon = await startTestDaemon()
  const root = await bootstrap(daemon.api, daemon.dataDir)
  const body = { name: 'Asha', username: 'asha', password: `${PASSWORD} of asha`, number: '+919876500001' }
  const key = 'a key that was chosen badly'.replaceAll(' ', '-')
  const create = () =>
    daemon.api.call('POST', '/auth/admin/create', {
      body,
      token: root.access,
      headers: { 'idempotency-key': key },
    })
  const first = await create()
  expect(first.status).toBe(201)
  expect(await create()).toMatchObject({ status: 201, text: first.text })
  const login = { username: 'asha', password: 'a wrong password typed' }
  expect((await daemon.api.post('/auth/admin/login', login)).status).toBe(401)
  const mistyped = { username: 'my secret typed as a name', password: 'a wrong password typed' }
  expect((await daemon.api.post('/auth/admin/login', mistyped)).status).toBe(401)

  const atRest = await everythingAtRest(daemon)
  const digests = digestsOf([
    ...textsOf(body, key, root.id),
    ...textsOf(login, key, root.id),
    ...textsOf(mistyped, key, root.id),
  ])
  expect(digests.length).toBeGreaterThan(500)
  expect(digests.filter((digest) => atRest.includes(digest))).toEqual([])
  for (const secret of [body.password, login.password, mistyped.username, key])
    expect(atRest.includes(secret), secret).toBe(false)
  await daemon.stop()
})
