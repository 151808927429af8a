import type { MongoClient } from 'mongodb'
import { LIVE, toPending } from '../../daemon/adapters/mongodb/account-documents.ts'
import { collectionsOf } from '../../daemon/adapters/mongodb/collections.ts'
import { toSessionDoc } from '../../daemon/adapters/mongodb/sessions.ts'
import {
  newAccount,
  ROLES,
  type Account,
  type AccountId,
  type Phone,
  type Role,
  type UsernameKey,
} from '../../daemon/domain/account.ts'
import type { Session, SessionId } from '../../daemon/domain/session.ts'
import type { Store } from '../../daemon/ports/stores/index.ts'
import { MANY } from '../stores/samples.ts'

const BATCH = 2000
const ID_DIGITS = 26

/** When everybody was created, and how long their sessions live. */
export const POPULATED_AT = 1_790_000_000_000
const TEN_YEARS = 10 * 365 * 86_400_000

const rowKeyOf = (n: number): string => n.toString(36).padStart(ID_DIGITS, '0')

/** The id of the n-th account. */
export const idOf = (role: Role, n: number): AccountId =>
  `${ROLES[role].idPrefix}_${rowKeyOf(n)}` as AccountId

/** The phone of the n-th end user. */
export const phoneOf = (n: number): Phone => `+919${String(n).padStart(9, '0')}` as Phone

/**
 * In each hundred accounts one is an admin, ten are clients of it, nine are sub-clients of the first of
 * these, and the rest end users.
 */
export const roleOf = (n: number): Role => {
  const position = n % 100
  if (position === 0) return 'admin'
  if (position <= 10) return 'client'
  return position <= 19 ? 'sub-client' : 'user'
}

const parentOf = (n: number): Pick<Account, 'id' | 'path'> | null => {
  const hundred = n - (n % 100)
  const admin = idOf('admin', hundred)
  const client = idOf('client', hundred + 1)
  const role = roleOf(n)
  if (role === 'client') return { id: admin, path: admin }
  return role === 'sub-client' ? { id: client, path: `${admin}/${client}` } : null
}

/**
 * The n-th account: everybody but end users signs in with username `name<n>` and the given hash, end users by
 * phone.
 */
export const accountOf = (n: number, passwordHash: string): Account => {
  const role = roleOf(n)
  const fields =
    role === 'user'
      ? { phone: phoneOf(n) }
      : { name: `Name ${n}`, username: `name${n}`, usernameKey: `name${n}` as UsernameKey, passwordHash }
  const born = { role, rowKey: rowKeyOf(n), parent: parentOf(n), now: POPULATED_AT + n }
  return { ...newAccount(born, fields), status: n % 50 === 49 ? 'disabled' : 'active' }
}

/** One session of the n-th account. */
export const sessionOf = (n: number): Session => ({
  id: `ses_${rowKeyOf(n)}` as SessionId,
  accountId: idOf(roleOf(n), n),
  epoch: 1,
  applicationId: 'authctl',
  ip: '127.0.0.1',
  userAgent: 'population',
  createdAt: POPULATED_AT + n,
  lastUsedAt: POPULATED_AT + n,
  idleExpiresAt: POPULATED_AT + TEN_YEARS,
  absoluteExpiresAt: POPULATED_AT + TEN_YEARS,
  revokedAt: null,
  rotation: 0,
  rotatedAt: POPULATED_AT + n,
  tokenDigest: `digest-${n}`,
})

/** Calls `insert` with the numbers of one batch after the other. */
const inBatches = async (
  [from, to]: readonly [number, number],
  insert: (numbers: number[]) => Promise<unknown>,
): Promise<void> => {
  for (let start = from; start < to; start += BATCH) {
    await insert(Array.from({ length: Math.min(BATCH, to - start) }, (_, index) => start + index))
  }
}

/** Fills a store with accounts `from` to `to`, and a session of each, through the port. */
export const populateStore = (
  store: Store,
  range: readonly [number, number],
  passwordHash = '$argon2id$none',
): Promise<void> =>
  inBatches(range, (numbers) =>
    Promise.all(
      numbers.flatMap((n) => [
        store.accounts.insert(accountOf(n, passwordHash)),
        store.sessions.insert(sessionOf(n), MANY),
      ]),
    ),
  )

/** The same for MongoDB, as the adapter would have left it, but in bulk. */
export const populateMongo = (
  client: MongoClient,
  range: readonly [number, number],
  passwordHash = '$argon2id$none',
): Promise<void> => {
  const { accounts: inAccounts, reservations, sessions: inSessions } = collectionsOf(client.db())
  const options = { ordered: false, writeConcern: { w: 1 } } as const
  return inBatches(range, async (numbers) => {
    const accounts = numbers.map((n) => accountOf(n, passwordHash))
    const names = accounts.map(({ id, role, usernameKey, phone }) => ({
      _id: usernameKey === null ? `phone:${role}:${phone}` : `username:${usernameKey}`,
      accountId: id,
    }))
    const documents = accounts.map((account) => {
      const { pendingSince: _, ...document } = toPending(account)
      return { ...document, ...LIVE }
    })
    const sessions = numbers.map((n) => toSessionDoc(sessionOf(n)))
    await Promise.all([
      inAccounts.insertMany(documents, options),
      reservations.insertMany(names, options),
      inSessions.insertMany(sessions, options),
    ])
  })
}
