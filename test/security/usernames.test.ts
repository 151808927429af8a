import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Failure } from '../../daemon/domain/failure.ts'
import { canonicalUsername, usernameKey } from '../../daemon/domain/username.ts'
import { createFamily, PASSWORD } from '../support/accounts.ts'
import { startTestDaemon } from '../support/in-process.ts'
import { insist } from '../support/races.ts'
import { readStored } from '../support/test-store.ts'

describe('H9: usernames have one canonical form', () => {
  test('the key of a key is that key, for every code point', () => {
    for (let point = 0; point <= 0x10ffff; point++) {
      if (point >= 0xd800 && point <= 0xdfff) continue
      const key = usernameKey(String.fromCodePoint(point))
      if (usernameKey(key) !== key) expect.fail(`U+${point.toString(16)}`)
    }
  })

  test('the key of a key is that key, for strings', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 40 }),
        (text) => usernameKey(usernameKey(text)) === usernameKey(text),
      ),
      { numRuns: 20_000 },
    )
  })

  test.each([
    'a\u200Bb',
    'ad\u202Emin',
    'a\u00ADdmin',
    'admin\u0000',
    'a\uFEFFb',
    'a b',
    '.admin',
    'a/b',
    '<b>',
    'аdmin',
    'pаypal',
    'ab',
    'a'.repeat(65),
    'a\nb',
    'x\u034F y',
  ])('refused: %j', (username) => {
    expect(() => canonicalUsername(username)).toThrow(Failure)
  })

  test.each([
    ['ＡＤＭＩＮ', 'admin'],
    ['ᴮᴵᴳᴮᴵᴿᴰ', 'bigbird'],
    ['Straße', 'strasse'],
    ['ADMIN', 'admin'],
    ['ﬁnch', 'finch'],
  ])('%s is compared as %s', (username, key) => {
    expect(usernameKey(username)).toBe(key)
  })

  test('a name that looks like a taken one is answered like the taken one, in any script and any role', async () => {
    const daemon = await startTestDaemon()
    const { root, admin } = await createFamily(daemon)
    const create = (username: string) =>
      daemon.api.post('/auth/admin/create', { name: 'x', username, password: PASSWORD }, root.access)
    for (const username of ['paypal', 'google', 'modem', 'vovo'])
      expect((await create(username)).status).toBe(201)
    const taken = await create('paypal')
    const { request_id: _request, instance: _instance, ...problem } = taken.body as Record<string, unknown>
    expect(taken.status).toBe(409)
    for (const username of [
      'раураӏ',
      'paypaI',
      'paypa1',
      'PAYPA1',
      'g00gle',
      'gооglе'.normalize('NFC'),
      'rnodem',
      'νονο',
      'аѕһа',
    ]) {
      const answer = await create(username)
      if (answer.status === 400) continue
      expect(answer, username).toMatchObject({ status: 409, body: problem })
    }
    expect((await create('раураӏ')).status).toBe(409)
    const client = { name: 'x', username: 'раураӏ', password: PASSWORD }
    expect((await daemon.api.post('/auth/client/create', client, admin.access)).status).toBe(409)
    for (const username of ['ali', 'all', 'владимир', 'asha2'])
      expect((await create(username)).status, username).toBe(201)
    await daemon.stop()
  })

  test('of 40 parallel creations of names that look alike one succeeds, and its deletion frees the look', async () => {
    const daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
    const { root } = await createFamily(daemon)
    const names = ['scope', 'ѕсоре', 'SCOPE', 'sc0pe']
    const create = (username: string) =>
      daemon.api.post('/auth/admin/create', { name: 'x', username, password: PASSWORD }, root.access)
    await Promise.all(Array.from({ length: 40 }, (_, n) => insist(() => create(names[n % 4] ?? ''))))
    // By what is stored: on a slow MongoDB the answer that it was made may have come too late.
    const stored = await readStored(daemon.dataDir, 'accounts')
    const made = stored.filter(({ username }) => names.includes(String(username)))
    expect(made).toHaveLength(1)
    const id = String(made[0]?.['id'])
    expect((await daemon.api.del(`/accounts/${id}`, root.access)).status).toBe(200)
    expect((await create('ѕсоре')).status).toBe(201)
    await daemon.stop()
  })

  test('other spellings of a taken name make no second account, in any role', async () => {
    const daemon = await startTestDaemon()
    const { root } = await createFamily(daemon)
    for (const username of ['ASHA', 'Asha', 'ａｓｈａ', 'ᵃsha', 'asha']) {
      const answer = await daemon.api.post(
        '/auth/admin/create',
        { name: 'x', username, password: PASSWORD },
        root.access,
      )
      expect(answer, username).toMatchObject({ status: 409, body: { code: 'account_exists' } })
    }
    const signedIn = await daemon.api.post('/auth/admin/login', { username: 'ＡＳＨＡ', password: PASSWORD })
    expect(signedIn.status).toBe(200)
    await daemon.stop()
  })
})
