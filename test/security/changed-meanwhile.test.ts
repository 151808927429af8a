import { beforeAll, describe, expect, test } from 'vitest'
import type { PasswordHasher } from '../../daemon/ports/crypto.ts'
import { PASSWORD, signedIn, type Family } from '../support/accounts.ts'
import { refusal, type Answer } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'

const nothing = (): Promise<unknown> => Promise.resolve()
/** What happens while the next password is hashed. */
let meanwhile = nothing

const hasher: PasswordHasher = {
  hash: (password) => Promise.resolve(`hash of ${password}`),
  verify: async (password, hash) => {
    const happens = meanwhile
    meanwhile = nothing
    await happens()
    return hash === `hash of ${password}`
  },
  needsRehash: () => false,
}

let daemon: TestDaemon
let family: Family
useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, family } = home), { hasher })

const post = async (path: string, token = family.root.access, body: object = {}): Promise<void> => {
  const { status, text } = await daemon.api.post(path, body, token)
  if (status >= 300) throw new Error(`${path}: ${text}`)
}
const login = (password = PASSWORD): Promise<Answer> =>
  daemon.api.post('/auth/subclient/login', { username: 'sita', password })

let access: string
beforeAll(async () => void ({ access } = signedIn(await login())))

describe('C13: an account that changes while its password is hashed is not signed in', () => {
  const NEW = `${PASSWORD}, and another`
  const changes: Readonly<Record<string, () => Promise<unknown>>> = {
    'is disabled and enabled again': async () => {
      await post(`/accounts/${family.subClient.id}/disable`)
      await post(`/accounts/${family.subClient.id}/enable`)
      ;({ access } = signedIn(await login()))
    },
    'gets another password': () =>
      post('/auth/password/change', access, { current_password: PASSWORD, new_password: NEW }),
    'gets its old password back': () =>
      post('/auth/password/change', access, { current_password: NEW, new_password: PASSWORD }),
    'stands under one that is disabled': () => post(`/accounts/${family.client.id}/disable`),
  }
  const typed: Readonly<Record<string, string>> = { 'gets its old password back': NEW }

  test.each(Object.entries(changes))('it %s', async (name, change) => {
    meanwhile = change
    expect(refusal(await login(typed[name]))).toBe('401 invalid_credentials')
  })

  test('and one that was deleted is none', async () => {
    await post(`/accounts/${family.client.id}/enable`)
    meanwhile = () => daemon.api.del(`/accounts/${family.subClient.id}`, family.root.access)
    expect(refusal(await login())).toBe('401 invalid_credentials')
  })
})
