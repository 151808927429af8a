import { randomUUID } from 'node:crypto'
import type { AccountId } from '../../domain/account.ts'
import type { ApplicationId } from '../../domain/application.ts'
import type { SessionId } from '../../domain/session.ts'
import { FOR_EVER, StoreFailure, type Change, type ChangeStore } from '../../ports/stores/index.ts'
import { RecentMap } from '../recent-map.ts'
import { MARKED, type Happened } from './change-events.ts'
import { ChangeTail, type TailEntry } from './change-tail.ts'
import type { Collections } from './collections.ts'
import type { Connection } from './connection.ts'

const POSITION = /^[0-9A-Fa-f]{20,1000}$/
const MOST_PATHS = 20_000
const SETTLE_MS = 2200
const MARK_MS = 500

type AccountPath = { readonly path: string }

/** Whose the sessions and applications are of which something is told. */
interface Owners {
  readonly owners: ReadonlyMap<SessionId, AccountId>
  readonly ownerPaths: ReadonlyMap<ApplicationId, string>
}

/**
 * The log of changes on MongoDB is the database's own: a change stream, which tells what a majority has, in
 * order. That it has told everything is found out by a mark: what was written before the mark comes before
 * it.
 */
export const createChangeStore = (
  connection: Connection,
  { accounts, applications, sessions, guards }: Collections,
): ChangeStore => {
  const watchers = new Set<() => void>()
  const tail = new ChangeTail(connection, () => {
    for (const changed of watchers) changed()
  })
  connection.beforeClose(() => tail.stop())

  const paths = new RecentMap<AccountId, AccountPath>(MOST_PATHS)
  const changes = new WeakMap<TailEntry, readonly Change[]>()

  const begin = async (): Promise<void> => {
    if (!connection.isReplicated)
      throw new StoreFailure(
        'unavailable',
        'a standalone MongoDB server tells of no changes: use a replica set',
      )
    await tail.begin()
  }

  /** Where accounts stand never changes: what is known of it stays true, also of those that are gone. */
  const learnPaths = async (ids: readonly AccountId[]): Promise<void> => {
    const unknown = [...new Set(ids)].filter((id) => paths.get(id) === undefined)
    if (unknown.length === 0) return
    const found = accounts.find({ _id: { $in: unknown } }, { projection: { path: 1 } })
    for (const { _id, path } of await found.toArray()) paths.set(_id, { path })
  }

  const ownersOf = async (ids: readonly SessionId[]): Promise<Map<SessionId, AccountId>> => {
    if (ids.length === 0) return new Map()
    const found = sessions.find({ _id: { $in: [...ids] } }, { projection: { accountId: 1 } })
    return new Map((await found.toArray()).map(({ _id, accountId }) => [_id, accountId]))
  }

  /** Where the owners of applications stand. One that is gone is told of with its path when it goes. */
  const ownerPathsOf = async (ids: readonly ApplicationId[]): Promise<Map<ApplicationId, string>> => {
    if (ids.length === 0) return new Map()
    const found = applications.find({ _id: { $in: [...ids] } }, { projection: { ownerPath: 1 } })
    return new Map((await found.toArray()).map(({ _id, ownerPath }) => [_id, ownerPath]))
  }

  const changeOf = (happened: TailEntry['happened'], { owners, ownerPaths }: Owners): readonly Change[] => {
    if (happened.kind === 'head' || happened.kind === 'spent') return [happened]
    if (happened.kind === 'application') {
      const path = happened.path ?? ownerPaths.get(happened.id)
      return path === undefined ? [] : [{ ...happened, path }]
    }
    if (happened.kind === 'session') {
      const owner = owners.get(happened.id)
      const path = owner === undefined ? undefined : paths.get(owner)?.path
      // One whose account is gone ended with it.
      return path === undefined ? [] : [{ ...happened, path }]
    }
    const { id, isDeleted } = happened
    const path = happened.path ?? paths.get(id)?.path
    if (path === undefined) return [{ kind: 'unknown' }]
    return [{ kind: 'account', id, path, endedAt: isDeleted ? FOR_EVER : happened.endedAt }]
  }

  const resolve = async (entries: readonly TailEntry[]): Promise<Change[]> => {
    const fresh = entries.filter((entry) => !changes.has(entry)).map(({ happened }) => happened)
    const of = <K extends Happened['kind']>(kind: K) =>
      fresh.filter((each): each is Extract<TailEntry['happened'], { kind: K }> => each.kind === kind)
    const owners = await ownersOf(of('session').map(({ id }) => id))
    const ownerPaths = await ownerPathsOf(of('application').map(({ id }) => id))
    for (const { id, path } of of('account')) if (path !== undefined) paths.set(id, { path })
    const needed = of('account').flatMap(({ id, path }) => (path === undefined ? [id] : []))
    await learnPaths([...needed, ...owners.values()])
    return entries.flatMap((entry) => {
      const told = changes.get(entry) ?? changeOf(entry.happened, { owners, ownerPaths })
      changes.set(entry, told)
      return told
    })
  }

  /** Marks, until the event of a mark has come: one that was written while the stream began again is lost. */
  const settle = async (): Promise<void> => {
    await begin()
    const giveUpAt = performance.now() + SETTLE_MS
    while (performance.now() < giveUpAt) {
      const mark = randomUUID()
      const isSeen = tail.seen(mark, MARK_MS)
      await guards.updateOne({ _id: MARKED }, { $set: { mark } }, { upsert: true })
      if (await isSeen) return
    }
    throw new StoreFailure('unavailable', 'MongoDB told of no changes in time')
  }

  return {
    read: (after) =>
      connection.run(async () => {
        await begin()
        if (after !== undefined && !POSITION.test(after)) return undefined
        if (after === undefined || tail.after(after) === undefined) await settle()
        const { position } = tail
        if (position === undefined) throw new StoreFailure('unavailable', 'MongoDB told of no changes yet')
        if (after === undefined) return { changes: [], position }
        const entries = tail.after(after)
        return entries && { changes: await resolve(entries), position }
      }),
    settle: () => connection.run(settle),
    watch: (changed) => {
      watchers.add(changed)
      return () => {
        watchers.delete(changed)
        return Promise.resolve()
      }
    },
  }
}
