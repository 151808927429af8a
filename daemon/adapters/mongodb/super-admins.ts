import type { AccountId } from '../../domain/account.ts'
import { StoreFailure } from '../../ports/stores/index.ts'
import { LIVE, TREE } from './account-documents.ts'
import type { AccountDoc, Collections, Disablement, GuardDoc } from './collections.ts'
import { insertedFirst, settling } from './connection.ts'

const GUARD = 'super-admins'
/**
 * A disablement whose daemon has been silent for this long is called off instead of finished: its caller was
 * told that it failed.
 */
const STALE_AFTER_MS = 10_000

type Guard = Extract<GuardDoc, { _id: typeof GUARD }>

/**
 * Disables super-admins one after the other, so that one active one remains whatever runs in parallel,
 * without a transaction: a disablement is written down in the guard document (by a compare-and-set on its
 * revision, while no other is written there), applied to the account only if that has not changed since, and
 * crossed out. A daemon that finds one left behind by another first finishes it, or calls it off when it is
 * old. Enabling and creating can only add to the active ones and pass it by.
 */
export const createSuperAdminGuard = ({ accounts, guards }: Collections) => {
  const read = async (): Promise<Guard> => {
    const present = await guards.findOne({ _id: GUARD })
    if (present !== null) return present as Guard
    const first: Guard = { _id: GUARD, revision: 0, disabling: null }
    await insertedFirst(() => guards.insertOne(first))
    return first
  }

  /** Replaces what is written down, if nobody else has meanwhile. */
  const write = async ({ revision }: Guard, disabling: Disablement | null): Promise<boolean> => {
    const change = { $set: { disabling }, $inc: { revision: 1 } }
    return (await guards.updateOne({ _id: GUARD, revision }, change)).matchedCount === 1
  }

  /** Effective once: the second time the account has another version. */
  const apply = async ({ id, version, fence, now }: Disablement): Promise<boolean> => {
    const { matchedCount } = await accounts.updateOne(
      { _id: id, ...LIVE, version, fence, status: 'active' },
      { $set: { status: 'disabled', updatedAt: now }, $inc: { epoch: 1, version: 1 } },
    )
    return matchedCount === 1
  }

  /**
   * Another active super-admin, seen by a write, so that only the true primary can answer; and no disablement
   * written down before hits it.
   */
  const hasOther = async (id: AccountId): Promise<boolean> => {
    const active = { ...LIVE, scopes: TREE, role: 'super-admin', status: 'active' } as const
    const { found } = await settling(async () => {
      const other = await accounts.findOne({ ...active, _id: { $ne: id } }, { projection: { _id: 1 } })
      if (other === null) return { found: false }
      const seen = await accounts.updateOne({ ...active, _id: other._id }, { $inc: { witness: 1 } })
      return seen.matchedCount === 1 ? { found: true } : undefined
    })
    return found
  }

  const settleFound = async (guard: Guard, found: Disablement, now: number): Promise<void> => {
    if (now - found.now > STALE_AFTER_MS) {
      const { id, version, fence } = found
      await accounts.updateOne({ _id: id, version, fence }, { $inc: { fence: 1 } })
    } else {
      await apply(found)
    }
    await write(guard, null)
  }

  const disable = async (account: AccountDoc, now: number): Promise<boolean> => {
    const { applied } = await settling(async () => {
      const guard = await read()
      if (guard.disabling !== null) {
        await settleFound(guard, guard.disabling, now)
        return undefined
      }
      const isSame = await accounts.findOne(
        { _id: account._id, version: account.version },
        { projection: { _id: 1 } },
      )
      if (isSame === null) return { applied: false }
      if (!(await hasOther(account._id))) throw new StoreFailure('conflict', 'the last active super-admin')
      const { _id: id, version, fence } = account
      const disabling = { id, version, fence, now }
      if (!(await write(guard, disabling))) return undefined
      const done = await apply(disabling)
      await write({ ...guard, revision: guard.revision + 1 }, null)
      return { applied: done }
    })
    return applied
  }

  let last: Promise<unknown> = Promise.resolve()

  /**
   * Disables an active super-admin. `conflict`: it is the last. False: it has changed meanwhile. Those of one
   * daemon wait for one another, so that only daemons compete.
   */
  return (account: AccountDoc, now: number): Promise<boolean> => {
    const turn = last.then(() => disable(account, now))
    last = turn.catch(() => undefined)
    return turn
  }
}
