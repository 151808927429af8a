import type { Filter } from 'mongodb'
import { ACCOUNT_STATUSES, ROLE_NAMES, type AccountId, type AccountStatus } from '../../domain/account.ts'
import { lineageIds } from '../../domain/tree.ts'
import { StoreFailure, type AccountQuery, type AccountStore } from '../../ports/stores/index.ts'
import { attachedOf, LIVE, orderOf, toAccount, TREE, USERS } from './account-documents.ts'
import { createInsertion, FIRST_SUPER_ADMIN, namesOf, phoneName, usernameName } from './account-insertion.ts'
import type { AccountDoc, Collections } from './collections.ts'
import { settling, type Connection } from './connection.ts'
import { createHolders } from './holders.ts'
import type { Lineages } from './lineages.ts'
import { createSuperAdminGuard } from './super-admins.ts'

/** A list as the ranges of one index, merged in order: every field before `order` is bound to few values. */
const listFilter = (query: AccountQuery): Filter<AccountDoc> => {
  const tree = query.below === null ? TREE : (lineageIds(query.below).at(-1) ?? '')
  return {
    ...LIVE,
    scopes: { $in: query.includeUsers ? [tree, USERS] : [tree] },
    role: { $in: query.role === undefined ? ROLE_NAMES : [query.role] },
    status: { $in: query.status === undefined ? ACCOUNT_STATUSES : [query.status] },
    ...(query.parentId === undefined ? {} : { parentId: query.parentId }),
    ...(query.after === undefined ? {} : { order: { $gt: orderOf(query.after) } }),
  }
}

/** The store of accounts on MongoDB. */
export const createAccountStore = (
  connection: Connection,
  collections: Collections,
  lineages: Lineages,
): AccountStore => {
  const { accounts, applications, reservations, refreshKeys, policyHeads } = collections
  const insert = createInsertion(collections)
  const disableSuperAdmin = createSuperAdminGuard(collections)
  const holders = createHolders(collections)

  const get = async (id: AccountId): Promise<AccountDoc | undefined> =>
    (await accounts.findOne({ _id: id, ...LIVE })) ?? undefined

  const findForPassword: AccountStore['findForPassword'] = async (role, key) => {
    const { isHeld, account } = await holders.findNearest(usernameName(key))
    return { account: isHeld && account?.role === role ? account : undefined, path: account?.path ?? '' }
  }

  const hasSuperAdmin = async (): Promise<boolean> => {
    const any = { ...LIVE, scopes: TREE, role: 'super-admin', status: { $in: ACCOUNT_STATUSES } } as const
    return (await accounts.findOne(any, { projection: { _id: 1 } })) !== null
  }

  /** Inserts first: who asks has looked, so that only rivals come between. */
  const getOrInsertUser: AccountStore['getOrInsertUser'] = (candidate) => {
    if (candidate.phone === null)
      throw new TypeError('an end user is found by a phone, and this one has none')
    const name = phoneName('user', candidate.phone)
    return settling(async () => {
      try {
        await insert(candidate)
        return { account: candidate, created: true }
      } catch (error) {
        if (!(error instanceof StoreFailure && error.kind === 'conflict')) throw error
      }
      const account = await holders.find(name, 'user')
      return account && { account, created: false }
    })
  }

  const changeStatus = async (doc: AccountDoc, status: AccountStatus, now: number): Promise<boolean> => {
    if (status === 'disabled' && doc.role === 'super-admin') return disableSuperAdmin(doc, now)
    const { matchedCount } = await accounts.updateOne(
      { _id: doc._id, ...LIVE, version: doc.version },
      { $set: { status, updatedAt: now }, $inc: { version: 1, epoch: status === 'disabled' ? 1 : 0 } },
    )
    return matchedCount === 1
  }

  const setStatus: AccountStore['setStatus'] = ({ id, status, now }) =>
    settling(async () => {
      const doc = await get(id)
      if (doc === undefined) throw new StoreFailure('not_found', 'no such account')
      if (doc.status === status) return toAccount(doc)
      if (!(await changeStatus(doc, status, now))) return undefined
      const epoch = status === 'disabled' ? doc.epoch + 1 : doc.epoch
      return toAccount({ ...doc, status, epoch, updatedAt: now, version: doc.version + 1 })
    })

  const update: AccountStore['update'] = async ({ id, version, fields, now }) => {
    const doc = await get(id)
    if (doc === undefined) throw new StoreFailure('not_found', 'no such account')
    const attached = attachedOf({ ...toAccount(doc), ...fields })
    const changed = await accounts.findOneAndUpdate(
      { _id: id, ...LIVE, version },
      {
        $set: { ...fields, updatedAt: now, ...(attached.length === 0 ? {} : { attached }) },
        ...(attached.length === 0 ? { $unset: { attached: true } } : {}),
        $inc: { version: 1 },
      },
      { returnDocument: 'after' },
    )
    if (changed === null) throw new StoreFailure('stale', 'the account was changed meanwhile')
    return toAccount(changed)
  }

  const hasChildren = async (id: AccountId): Promise<boolean> => {
    const children = {
      ...LIVE,
      parentId: id,
      scopes: TREE,
      role: { $in: ROLE_NAMES },
      status: { $in: ACCOUNT_STATUSES },
    }
    return (await accounts.findOne(children, { projection: { _id: 1 } })) !== null
  }

  /**
   * First the account is made void, by one conditional write, from which on nobody sees it and its names may
   * be taken; that write fails if a child has looked at it since the children were looked for. Then what it
   * held is cleared away. What a crash leaves is removed by way of the index of abandoned insertions, and by
   * the next caller that wants the names.
   */
  const remove: AccountStore['delete'] = async ({ id, now }) => {
    const { outcome, doc } = await settling(async () => {
      const found = await get(id)
      if (found === undefined) throw new StoreFailure('not_found', 'no such account')
      if (await hasChildren(id)) return { outcome: 'has_children' as const, doc: found }
      // A super-admin is disabled first: that is where the last active one is kept.
      if (found.role === 'super-admin' && found.status === 'active') {
        await disableSuperAdmin(found, now)
        return undefined
      }
      const { matchedCount } = await accounts.updateOne(
        { _id: id, ...LIVE, version: found.version, witness: found.witness },
        { $set: { state: 'void', endedPath: found.path, pendingSince: new Date(now) }, $inc: { version: 1 } },
      )
      return matchedCount === 1 ? { outcome: 'deleted' as const, doc: found } : undefined
    })
    if (outcome === 'has_children') return outcome
    await reservations.deleteMany({
      _id: { $in: [FIRST_SUPER_ADMIN, ...namesOf(toAccount(doc))] },
      accountId: id,
    })
    await refreshKeys.deleteOne({ _id: id })
    await policyHeads.deleteOne({ _id: id })
    await applications.deleteMany({ ownerId: id, scopes: id })
    await accounts.deleteOne({ _id: id, state: 'void' })
    return outcome
  }

  return {
    insert: (account) => connection.run(() => insert(account)),

    insertFirstSuperAdmin: (account) =>
      connection.run(async () => {
        if (await hasSuperAdmin()) throw new StoreFailure('conflict', 'a super-admin exists')
        await insert(account, [FIRST_SUPER_ADMIN])
      }),

    getOrInsertUser: (candidate) => connection.run(() => getOrInsertUser(candidate)),

    get: (id) => connection.run(() => lineages.load(id)),
    getLineage: (path) => connection.run(() => lineages.onPath(path)),
    getLineageOf: (id) => connection.run(() => lineages.of(id)),

    findByUsername: (role, key) => connection.run(() => holders.find(usernameName(key), role)),
    findForPassword: (role, key) => connection.run(() => findForPassword(role, key)),
    findByPhone: (role, phone) => connection.run(() => holders.find(phoneName(role, phone), role)),
    hasSuperAdmin: () => connection.run(hasSuperAdmin),

    list: (query) =>
      connection.run(async () => {
        const docs = await accounts.find(listFilter(query)).sort({ order: 1 }).limit(query.limit).toArray()
        return docs.map(toAccount)
      }),

    setStatus: (change) => connection.run(() => setStatus(change)),

    setPasswordHash: ({ id, from, to, keepEpoch, now }) =>
      connection.run(async () => {
        const doc = await accounts.findOneAndUpdate(
          { _id: id, ...LIVE, passwordHash: from },
          { $set: { passwordHash: to, updatedAt: now }, $inc: { version: 1, epoch: keepEpoch ? 0 : 1 } },
          { returnDocument: 'after' },
        )
        if (doc === null) throw new StoreFailure('stale', 'the password was changed meanwhile')
        return toAccount(doc)
      }),

    update: (change) => connection.run(() => update(change)),
    delete: (target) => connection.run(() => remove(target)),

    findAttached: (policy) =>
      connection.run(async () => {
        const found = await accounts.findOne({ attached: policy, ...LIVE }, { projection: { _id: 1 } })
        return found?._id
      }),
  }
}
