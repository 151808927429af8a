import { getPriority } from 'node:os'
import argon2 from 'argon2'
import { describe, expect, test } from 'vitest'
import { poolThreads } from '../../daemon/adapters/crypto/hash-priority.ts'
import {
  ARGON2ID,
  createPasswordHasher,
  createPool,
  hashSlots,
} from '../../daemon/adapters/crypto/password-hasher.ts'
import { Failure } from '../../daemon/domain/failure.ts'
import { bootstrap, PASSWORD, signedIn, type Family } from '../support/accounts.ts'
import { useFamily } from '../support/family.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'
import { changeStored, readStored } from '../support/test-store.ts'

let daemon: TestDaemon
let family: Family
let next = 0

useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, family } = home), {
  hasher: createPasswordHasher(),
})

const create = (password: string, username = `person${next++}`) =>
  daemon.api.post(
    '/auth/admin/create',
    { name: 'x', username, password, issue_token: false },
    family.root.access,
  )
const login = (username: string, password: string) =>
  daemon.api.post('/auth/admin/login', { username, password })

describe('B1: argon2id', () => {
  test('stored hashes are argon2id with at least the floor of parameters, a 16-byte salt and a 32-byte tag', async () => {
    const stored = await readStored(daemon.dataDir, 'accounts')
    const hashes = stored.map(({ passwordHash }) => passwordHash).filter((hash) => typeof hash === 'string')
    expect(hashes.length).toBeGreaterThanOrEqual(4)
    for (const hash of hashes) {
      const [, m, t, p, salt = '', tag = ''] =
        /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(hash) ?? []
      expect([Number(m), Number(t), Number(p)]).toEqual([
        ARGON2ID.memoryCost,
        ARGON2ID.timeCost,
        ARGON2ID.parallelism,
      ])
      expect(Buffer.from(salt, 'base64').length).toBeGreaterThanOrEqual(16)
      expect(Buffer.from(tag, 'base64')).toHaveLength(32)
    }
    expect(ARGON2ID).toEqual({ memoryCost: 19_456, timeCost: 2, parallelism: 1 })
  })

  test('the library computes the vector of RFC 9106 section 5.3', async () => {
    const tag = await argon2.hash(Buffer.alloc(32, 1), {
      type: argon2.argon2id,
      salt: Buffer.alloc(16, 2),
      secret: Buffer.alloc(8, 3),
      associatedData: Buffer.alloc(12, 4),
      memoryCost: 32,
      timeCost: 3,
      parallelism: 4,
      hashLength: 32,
      raw: true,
    })
    expect(tag.toString('hex')).toBe('0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659')
  })

  test('hashes of the portable library verify in whichever one is loaded, and the reverse', async () => {
    const hasher = createPasswordHasher()
    const foreign = await argon2.hash(PASSWORD, { ...ARGON2ID, type: argon2.argon2id })
    expect(await hasher.verify(PASSWORD, foreign)).toBe(true)
    expect(await hasher.verify(`${PASSWORD}x`, foreign)).toBe(false)
    expect(await argon2.verify(await hasher.hash(PASSWORD), PASSWORD)).toBe(true)
    expect(await hasher.verify(PASSWORD, null)).toBe(false)
  })

  test('B2: an old hash is raised to today’s parameters by the next sign-in', async () => {
    const created = await create(PASSWORD, 'old-hash')
    const { id } = (created.body as unknown as { account: { id: string } }).account
    const weak = await argon2.hash(PASSWORD, {
      type: argon2.argon2id,
      memoryCost: 8192,
      timeCost: 2,
      parallelism: 1,
    })
    await changeStored(daemon.dataDir, 'accounts', id, ['passwordHash', weak])
    expect((await login('old-hash', PASSWORD)).status).toBe(200)
    const account = (await readStored(daemon.dataDir, 'accounts')).find((stored) => stored['id'] === id)
    expect(account?.['passwordHash']).toContain('m=19456,t=2,p=1')
    expect((await login('old-hash', PASSWORD)).status).toBe(200)
  })
})

describe('B3, B4: every character counts', () => {
  test.each([
    [7, 400],
    [14, 400],
    [15, 201],
    [64, 201],
    [72, 201],
    [73, 201],
    [1024, 201],
    [1025, 400],
  ])('a password of %i characters is %i', async (length, status) => {
    const answer = await create('nobody has this one, '.repeat(60).slice(0, length))
    expect(answer.status).toBe(status)
    if (status === 400)
      expect(answer.body).toMatchObject({ code: 'password_unacceptable', errors: [{ pointer: '/password' }] })
  })

  test('a password too long to be right is refused before hashing', async () => {
    const start = performance.now()
    for (let n = 0; n < 20; n++) expect((await login('asha', 'x'.repeat(1025))).status).toBe(401)
    const perRefusal = (performance.now() - start) / 20
    const hashing = performance.now()
    await login('asha', 'x'.repeat(1000))
    expect(perRefusal).toBeLessThan(performance.now() - hashing)
  })

  test.each([
    ['the last of 73 bytes', `${'a'.repeat(72)}b`, `${'a'.repeat(72)}c`],
    ['case', 'correct horse battery', 'Correct horse battery'],
    ['a space at the end', 'correct horse battery', 'correct horse battery '],
    ['a space in front', ' correct horse battery', 'correct horse battery'],
    ['what follows a NUL', 'correct horse\0battery', 'correct horse\0Battery'],
    ['a four-byte character', 'correct horse 🐎🐎🐎', 'correct horse 🐎🐎🐴'],
  ])('%s', async (_name, password, lookalike) => {
    const username = `pair${next++}`
    expect((await create(password, username)).status).toBe(201)
    expect((await login(username, password)).status).toBe(200)
    expect((await login(username, lookalike)).status).toBe(401)
  })

  test('B5: composed and decomposed spellings are one password (NFC), compatibility forms are not', async () => {
    const composed = 'café au lait à Paris'
    expect((await create(composed, 'nfc')).status).toBe(201)
    expect((await login('nfc', composed.normalize('NFD'))).status).toBe(200)
    expect((await create('ﬁne wine and cheese', 'nfkc')).status).toBe(201)
    expect((await login('nfkc', 'fine wine and cheese')).status).toBe(401)
  })
})

test('B7: a change needs the current password and ends every other session and the refresh key', async () => {
  for (let round = 0; round < 5; round++) {
    const username = `changer${round}`
    await create(PASSWORD, username)
    const [other, own] = [
      signedIn(await login(username, PASSWORD)),
      signedIn(await login(username, PASSWORD)),
    ]
    await daemon.api.post('/user/access/refresh-key', { new_key: 'a-refresh-key' }, other.access)
    const change = (current_password: string, new_password: string) =>
      daemon.api.post('/auth/password/change', { current_password, new_password }, own.access)
    expect(await change('wrong password here', `${PASSWORD} new`)).toMatchObject({
      status: 401,
      body: { code: 'invalid_credentials' },
    })
    expect((await change(PASSWORD, 'too short')).status).toBe(400)
    expect((await change(PASSWORD, `${PASSWORD} new`)).status).toBe(200)
    expect((await daemon.api.get('/auth/me', own.access)).status).toBe(200)
    expect((await daemon.api.post('/auth/token/refresh', {}, own.refresh)).status).toBe(200)
    expect((await daemon.api.get('/auth/me', other.access)).status).toBe(401)
    expect((await daemon.api.post('/auth/token/refresh', {}, other.refresh)).status).toBe(401)
    expect(
      (await daemon.api.post('/user/access/regenerate-token', { refresh_key: 'a-refresh-key' }, own.access))
        .status,
    ).toBe(401)
    expect((await login(username, PASSWORD)).status).toBe(401)
    expect((await login(username, `${PASSWORD} new`)).status).toBe(200)
  }
})

describe('B9: hashing is bounded', () => {
  test('one hash more than cores at a time, and always a thread for others', () => {
    expect([1, 2, 3, 8].map((cores) => hashSlots(cores, cores + 3))).toEqual([2, 3, 4, 9])
    expect([1, 2, 8, 64].map((cores) => hashSlots(cores, 4))).toEqual([2, 3, 3, 3])
    expect(hashSlots(8, 1)).toBe(1)
  })

  test.runIf(process.platform === 'linux')('hashes come after the main thread', async () => {
    await createPasswordHasher().hash(PASSWORD)
    const priorities = poolThreads().map((id) => getPriority(id))
    expect(priorities.length).toBeGreaterThan(0)
    expect(new Set(priorities)).toEqual(new Set([Math.min(19, getPriority() + 10)]))
  })

  test('the slots belong to running work: never more at once, and a full line is refused', async () => {
    const inPool = createPool(2, 3)
    let running = 0
    let most = 0
    const finish: (() => void)[] = []
    const task = () =>
      inPool(async () => {
        most = Math.max(most, ++running)
        await new Promise<void>((resolve) => finish.push(resolve))
        running--
      })
    const outcomes = Array.from({ length: 8 }, () =>
      task().then(
        () => 'done',
        (error: unknown) => (error as Failure).code,
      ),
    )
    while (finish.length > 0) {
      finish.shift()?.()
      await new Promise((resolve) => setImmediate(resolve))
    }
    const settled = await Promise.all(outcomes)
    expect(settled.filter((outcome) => outcome === 'done')).toHaveLength(5)
    expect(settled.filter((outcome) => outcome === 'overloaded')).toHaveLength(3)
    expect(most).toBe(2)
  })

  test('a flood of logins is answered 401 or 503 with Retry-After, and everything else goes on', async () => {
    const flood = Promise.all(
      Array.from({ length: 300 }, (_, index) => login('asha', `wrong password ${index}`)),
    )
    const health = await daemon.api.get('/healthz')
    expect(health.status).toBe(200)
    const answers = await flood
    const refused = answers.filter((answer) => answer.status === 503)
    expect(refused.length).toBeGreaterThan(0)
    for (const answer of refused) {
      expect(answer.body).toMatchObject({ code: 'overloaded' })
      expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1)
    }
    expect(answers.every((answer) => answer.status === 401 || answer.status === 503)).toBe(true)
    expect((await login('asha', PASSWORD)).status).toBe(200)
  })
})

describe('B10: no default account', () => {
  test('a fresh daemon has none; of 100 parallel bootstraps one makes the super-admin, and the token is spent', async () => {
    const fresh = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
    for (const username of ['admin', 'root', 'authctl']) {
      expect((await fresh.api.post('/auth/superadmin/login', { username, password: PASSWORD })).status).toBe(
        401,
      )
    }
    const wrong = { setup_token: 'x'.repeat(32), name: 'x', username: 'mallory', password: PASSWORD }
    expect(await fresh.api.post('/auth/superadmin/bootstrap', wrong)).toMatchObject({
      status: 401,
      body: { code: 'invalid_setup_token' },
    })
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, (_, index) => bootstrap(fresh.api, fresh.dataDir, `root${index}`)),
    )
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
    const refusals = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [String(outcome.reason)] : [],
    )
    expect(refusals.every((text) => /: (409|503|401): |ENOENT/.test(text))).toBe(true)
    const again = { ...wrong, username: 'again' }
    expect((await fresh.api.post('/auth/superadmin/bootstrap', again)).status).toBe(409)
    await fresh.stop()
  })
})
