import { describe, expect, test } from 'vitest'
import { createFamily, PASSWORD } from '../support/accounts.ts'
import { startTestDaemon } from '../support/in-process.ts'
import { insist } from '../support/races.ts'
import { readStored } from '../support/test-store.ts'

describe('H9: usernames have one canonical form', () => {
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
