import { setTimeout as sleep } from 'node:timers/promises'
import type { AnyBulkWriteOperation } from 'mongodb'
import type { Account, AccountId, Phone, Role, UsernameKey } from '../../domain/account.ts'
import { usernameSkeletons } from '../../domain/confusables.ts'
import { StoreFailure } from '../../ports/stores/index.ts'
import { LIVE, toPending } from './account-documents.ts'
import type { AccountDoc, Collections, ReservationDoc } from './collections.ts'
import { insertedFirst, settling } from './connection.ts'
import { createConditionalWriter, createWriter } from './writer.ts'

/**
 * An insertion that takes longer than this was left behind; the next caller that wants its names voids it.
 */
const ABANDONED_AFTER_MS = 5000
/** How long a rival waits for an insertion under way to end one way or the other. */
const WAIT_MS = 1500
const POLL_MS = 25

/** The name under which a username is reserved. */
export const usernameName = (key: UsernameKey): string => `username:${key}`
/** The name under which a phone is reserved, once for each role. */
export const phoneName = (role: Role, phone: Phone): string => `phone:${role}:${phone}`

const SKELETON = 'skeleton:'
/** The names that keep others from looking like an account. */
export const skeletonNamesOf = ({ username, usernameKey }: Account): string[] =>
  usernameKey === null
    ? []
    : usernameSkeletons(username ?? usernameKey, usernameKey).map((skeleton) => `${SKELETON}${skeleton}`)
/**
 * Reserves a name in bulk; what a username looks like stays with the first of accounts that look alike
 * already.
 */
export const reservation = (name: string, accountId: AccountId): AnyBulkWriteOperation<ReservationDoc> =>
  name.startsWith(SKELETON)
    ? { updateOne: { filter: { _id: name }, update: { $setOnInsert: { accountId } }, upsert: true } }
    : { replaceOne: { filter: { _id: name }, replacement: { accountId }, upsert: true } }

/** Held by the super-admin of the bootstrap, so that there is one such. */
export const FIRST_SUPER_ADMIN = 'first-super-admin'

/** What an account must be the only one to hold. */
export const namesOf = (account: Account): string[] => {
  const { role, usernameKey, phone } = account
  return [
    ...(usernameKey === null ? [] : [usernameName(usernameKey), ...skeletonNamesOf(account)]),
    ...(phone === null ? [] : [phoneName(role, phone)]),
  ]
}

/**
 * Inserts accounts whose names are unique on any deployment, with no transaction and no unique index but that
 * of `_id`:
 *
 * 1. the account is inserted as `pending`, which nobody sees;
 * 2. each of its names is reserved by inserting a document whose `_id` is the name;
 * 3. the account is made `live` if it still is pending.
 *
 * 4. its parent is looked at by a write; where that is no longer live, the account is made void again.
 *
 * A name is taken from its holder only when the holder can never become live any more: it does not exist (it
 * is inserted before its names are, under an id that is never used again), or it was made `void` in one
 * conditional write, after which step 3 finds nothing. So at most one of the accounts that want a
 * name is ever live, also when daemons crash or stall.
 */
export const createInsertion = ({ accounts, reservations }: Collections) => {
  const write = createWriter(accounts)
  const update = createConditionalWriter(accounts)
  const take = createWriter(reservations)

  /**
   * The state of a holder, read by a write, so that only the true primary can answer. An abandoned insertion
   * is made void by it.
   */
  const stateOf = async (holder: AccountId, now: number): Promise<AccountDoc['state'] | undefined> => {
    const abandoned = { state: 'pending', createdAt: { $lte: now - ABANDONED_AFTER_MS } } as const
    await accounts.updateOne({ _id: holder, ...abandoned }, { $set: { state: 'void' } })
    const witnessed = await accounts.findOneAndUpdate({ _id: holder }, { $inc: { witness: 1 } })
    return witnessed?.state
  }

  /** Reserves a name; false when a live account has it. */
  const reserve = async (name: string, { id, createdAt }: Account): Promise<boolean> => {
    const giveUpAt = performance.now() + WAIT_MS
    const { reserved } = await settling(async () => {
      const document = { _id: name, accountId: id }
      if (await insertedFirst(() => take({ insertOne: { document } }))) return { reserved: true }
      const held = await reservations.findOne({ _id: name })
      if (held === null) return undefined
      const { accountId } = held
      const state = await stateOf(accountId, createdAt)
      if (state === 'live') return { reserved: false }
      if (state === 'pending') {
        if (performance.now() > giveUpAt) throw new StoreFailure('unavailable', 'the name is being taken')
        await sleep(POLL_MS)
        return undefined
      }
      const taken = await reservations.updateOne({ _id: name, accountId }, { $set: { accountId: id } })
      return taken.matchedCount === 1 ? { reserved: true } : undefined
    })
    return reserved
  }

  /**
   * Whether the parent is live, read by a write that its deletion notices: the deletion looks for children
   * first, and fails if a child has witnessed it since. So of both exactly one succeeds.
   */
  const isWitnessedByParent = async ({ parentId }: Account): Promise<boolean> => {
    if (parentId === null) return true
    const { matchedCount } = await accounts.updateOne({ _id: parentId, ...LIVE }, { $inc: { witness: 1 } })
    return matchedCount === 1
  }

  /** Gives an insertion up: first it is made impossible, then its names are free. */
  const giveUp = async (id: AccountId, reserved: readonly string[]): Promise<void> => {
    const { deletedCount } = await accounts.deleteOne({ _id: id, state: { $ne: 'live' } })
    if (deletedCount === 1 && reserved.length > 0)
      await reservations.deleteMany({ _id: { $in: [...reserved] }, accountId: id })
  }

  /** Inserts an account under its names and the given ones. `conflict`: one of them is taken. */
  return async (account: Account, moreNames: readonly string[] = []): Promise<void> => {
    const { id } = account
    const names = [...moreNames, ...namesOf(account)]
    await write({ insertOne: { document: toPending(account) } })
    try {
      for (const name of names) {
        if (!(await reserve(name, account))) throw new StoreFailure('conflict', 'a unique key is taken')
      }
      const isConfirmed = await update({
        filter: { _id: id, state: 'pending' },
        change: { $set: LIVE, $unset: { pendingSince: true } },
      })
      if (!isConfirmed) throw new StoreFailure('unavailable', 'the insertion took too long')
      if (!(await isWitnessedByParent(account))) {
        await accounts.updateOne({ _id: id, ...LIVE }, { $set: { state: 'void' } })
        throw new StoreFailure('not_found', 'the parent is gone')
      }
    } catch (error) {
      // Best effort: what cannot be undone now is void to everybody after a few seconds.
      await giveUp(id, names).catch(() => undefined)
      throw error
    }
  }
}
