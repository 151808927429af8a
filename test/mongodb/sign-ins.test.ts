import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { collectionsOf } from '../../daemon/adapters/mongodb/collections.ts'
import { Connection } from '../../daemon/adapters/mongodb/connection.ts'
import { createSignInStore } from '../../daemon/adapters/mongodb/sign-ins.ts'
import { openMongoStore } from '../../daemon/adapters/mongodb/store.ts'
import type { Account, Phone } from '../../daemon/domain/account.ts'
import type { CodeProof, NewOtp, Store } from '../../daemon/ports/stores/index.ts'
import { dropDatabase, freshDatabase, testMongoUri } from '../support/mongo.ts'
import { anOtp, aUser, MANY, aSession, signInAt, T0 } from '../stores/samples.ts'
import { numberOf } from '../support/outbox.ts'

let uri: string
let store: Store
let connection: Connection
beforeAll(async () => {
  uri = freshDatabase(testMongoUri() ?? '')
  store = await openMongoStore(uri)
  connection = new Connection(uri)
})
afterAll(async () => {
  await Promise.all([store.close(), connection.close()])
  await dropDatabase(uri)
})

let users = 0
let user: Account
let otp: NewOtp
beforeEach(async () => {
  const phone = numberOf(users++) as Phone
  user = aUser(phone)
  otp = anOtp({ phone })
  await store.accounts.insert(user)
  await store.otps.save(otp)
})

/**
 * A sign-in during which something happens to the account, after it was found and before it is read again.
 */
const signInWhile = async (happens: () => Promise<unknown>): Promise<CodeProof> => {
  const accounts: Store['accounts'] = {
    ...store.accounts,
    findByPhone: async (...names) => {
      const found = await store.accounts.findByPhone(...names)
      await happens()
      return found
    },
  }
  const signIns = createSignInStore(connection, collectionsOf(connection.db), { ...store, accounts })
  const outcome = await signIns.byCode(signInAt(otp))
  if (outcome.kind !== 'proved') throw new Error(`the code was refused: ${outcome.kind}`)
  return outcome
}

const setStatus = (status: Account['status']) => store.accounts.setStatus({ id: user.id, status, now: T0 })

describe('the account of a right code is found while the code is used, and counts as it is after that', () => {
  test('C13: one that is disabled meanwhile gets no session, and none is left', async () => {
    const { account, session } = await signInWhile(() => setStatus('disabled'))
    expect([account?.status, session]).toEqual(['disabled', undefined])
    expect(await store.sessions.list(user.id, T0)).toEqual([])
  })

  test('C13: one that is deleted meanwhile is none', async () => {
    const outcome = await signInWhile(() => store.accounts.delete({ id: user.id, now: T0 }))
    expect(outcome).toMatchObject({ account: undefined, lineage: [], session: undefined })
    expect(await store.sessions.list(user.id, T0)).toEqual([])
  })

  test('one whose epoch is raised meanwhile gets a session of the present one', async () => {
    await store.sessions.insert(aSession({ accountId: user.id }), MANY)
    const { account, session } = await signInWhile(async () => {
      await setStatus('disabled')
      await setStatus('active')
    })
    expect([account?.epoch, session?.epoch]).toEqual([2, 2])
    const epochs = (await store.sessions.list(user.id, T0)).map(({ epoch }) => epoch)
    expect(new Set(epochs)).toEqual(new Set([1, 2]))
  })
})
