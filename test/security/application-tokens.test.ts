import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createRandom } from '../../daemon/adapters/crypto/random.ts'
import { hs256Ring } from '../../daemon/adapters/crypto/signing-keys.ts'
import { createTokenSigner } from '../../daemon/adapters/crypto/token-signer.ts'
import type { ApplicationSubject } from '../../daemon/domain/access-token.ts'
import type { Account, AccountId } from '../../daemon/domain/account.ts'
import type { Application, ApplicationId, ServiceKeyId } from '../../daemon/domain/application.ts'
import type { Store } from '../../daemon/ports/stores/index.ts'
import { createAuthenticate } from '../../daemon/usecases/access/authenticate.ts'
import { anAccount, anApplication, aServiceKey, newId, T0 } from '../stores/samples.ts'
import { dropTestStore, openTestStore } from '../support/test-store.ts'

const SECRET = 'a secret of this test that has more than 32 bytes'
const ring = hs256Ring(SECRET)
const signer = createTokenSigner(() => ring, {
  issuer: 'https://auth.example.org',
  audience: 'api',
  leewaySeconds: 30,
  random: createRandom(),
  unknownKey: () => Promise.resolve(),
})
const times = { issuedAt: T0 / 1000, expiresAt: T0 / 1000 + 900 }

const directory = mkdtempSync(join(tmpdir(), 'authctl-applications-'))
let store: Store
/** Another daemon's. */
let other: Store
let admin: Account
let client: Account
let application: Application
beforeAll(async () => {
  store = await openTestStore(directory)
  other = await openTestStore(directory)
})
afterAll(async () => {
  await store.close()
  await other.close()
  await dropTestStore(directory)
  rmSync(directory, { recursive: true, force: true })
})
beforeEach(async () => {
  admin = anAccount()
  const id = newId('cli') as AccountId
  client = anAccount({ id, role: 'client', parentId: admin.id, path: `${admin.path}/${id}` })
  application = anApplication(client, {
    policies: ['root/a', 'root/b'],
    keys: [aServiceKey(), aServiceKey({ expiresAt: T0 + 60_000 })],
  })
  for (const account of [admin, client]) await store.accounts.insert(account)
  await store.applications.insert(application, 1)
})

const subjectOf = (fields: Partial<ApplicationSubject> = {}): ApplicationSubject => ({
  sub: application.id,
  role: 'application',
  ownerId: client.id,
  keyId: application.keys[0]?.id as ServiceKeyId,
  scope: undefined,
  ...fields,
})

const ask = (subject: ApplicationSubject, now = T0) => {
  const authenticate = createAuthenticate({
    store,
    signer,
    clock: { now: () => now },
    vault: { digest: (token) => token },
  })
  return authenticate(signer.sign({ ...subject, ...times }), { ignoreExpiry: false })
}

const reasonOf = (subject: ApplicationSubject, now?: number): Promise<string> =>
  ask(subject, now).then(
    () => 'let in',
    (error: { code: string; reason: string }) => `${error.code}: ${error.reason}`,
  )

describe('C13: the token of an application names it, and everything else is read at each request', () => {
  test('the caller is its owner with those above, narrowed to the policies of the application and then to the scope', async () => {
    expect(await ask(subjectOf())).toMatchObject({
      account: { id: client.id },
      ancestors: [{ id: admin.id }],
      session: null,
      application: { id: application.id },
      sessionPolicies: [['root/a', 'root/b']],
    })
    expect((await ask(subjectOf({ scope: 'root/b' }))).sessionPolicies).toEqual([
      ['root/a', 'root/b'],
      ['root/b'],
    ])
    const free = { policies: null }
    await other.applications.update({ id: application.id, version: 1, fields: free, now: T0 })
    expect((await ask(subjectOf())).sessionPolicies).toEqual([])
    expect((await ask(subjectOf({ scope: 'root/a' }))).sessionPolicies).toEqual([['root/a']])
  })

  const update = (fields: Parameters<Store['applications']['update']>[0]['fields']) =>
    other.applications.update({ id: application.id, version: 1, fields, now: T0 })
  const disable = (id: AccountId) => other.accounts.setStatus({ id, status: 'disabled', now: T0 })
  const ENDINGS: readonly [string, () => Promise<unknown>, string][] = [
    ['it is disabled', () => update({ status: 'disabled' }), 'disabled_application'],
    ['its key is gone', () => update({ keys: [aServiceKey()] }), 'ended_key'],
    [
      'its key has ended',
      () => update({ keys: application.keys.map((key) => ({ ...key, expiresAt: T0 })) }),
      'ended_key',
    ],
    ['it is deleted', () => other.applications.delete(application.id), 'unknown_application'],
    ['its owner is disabled', () => disable(client.id), 'not_active'],
    ['one above is disabled', () => disable(admin.id), 'not_active'],
    ['its owner is deleted', () => other.accounts.delete({ id: client.id, now: T0 }), 'unknown_application'],
  ]
  test.for(ENDINGS)(
    'the very next request is refused when another daemon has seen to it that %s',
    async ([, end, why]) => {
      expect(await reasonOf(subjectOf())).toBe('let in')
      await end()
      expect(await reasonOf(subjectOf())).toBe(`invalid_token: ${why}`)
    },
  )

  test('a key that ends takes its own tokens along, and leaves those of the other key', async () => {
    const ending = subjectOf({ keyId: application.keys[1]?.id as ServiceKeyId })
    expect(await reasonOf(ending, T0 + 59_999)).toBe('let in')
    expect(await reasonOf(ending, T0 + 60_000)).toBe('invalid_token: ended_key')
    expect(await reasonOf(subjectOf(), T0 + 60_000)).toBe('let in')
  })

  test('C7: claims that do not belong together are refused, also under the right signature', async () => {
    const WRONG: readonly [object, string][] = [
      [{ ownerId: admin.id }, 'unknown_application'],
      [{ sub: newId('app') as ApplicationId }, 'unknown_application'],
      [{ sub: client.id }, 'unknown_application'],
      [{ keyId: newId('key') }, 'ended_key'],
      [{ keyId: '' }, 'not_verified'],
      [{ ownerId: 7 }, 'not_verified'],
      [{ scope: '' }, 'not_verified'],
      [{ scope: 'a  b' }, 'not_verified'],
      [{ scope: ['root/a'] }, 'not_verified'],
      [{ role: 'client' }, 'not_verified'],
      [{ role: 'client', sid: 'ses_x', applicationId: application.id }, 'unknown_session'],
    ]
    for (const [fields, why] of WRONG)
      expect(await reasonOf({ ...subjectOf(), ...fields }), JSON.stringify(fields)).toBe(
        `invalid_token: ${why}`,
      )
  })
})
