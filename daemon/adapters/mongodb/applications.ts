import type { Filter } from 'mongodb'
import type { AccountId } from '../../domain/account.ts'
import { isOfPublicKey, scopesOf, type Application, type ApplicationId } from '../../domain/application.ts'
import {
  StoreFailure,
  type ApplicationQuery,
  type ApplicationStore,
  type OwnedApplication,
} from '../../ports/stores/index.ts'
import { RecentMap } from '../recent-map.ts'
import { LIVE, TREE } from './account-documents.ts'
import type { ApplicationDoc, Collections } from './collections.ts'
import type { Connection } from './connection.ts'
import type { Lineages } from './lineages.ts'
import { createDocumentLoader } from './loader.ts'

/** Applications whose owners are remembered. */
const MOST_OWNERS = 10_000

/** One that was ended is no application any more, before its document is deleted too. */
export const NOT_ENDED = { endedPath: { $exists: false } } as const

/** The document of an application. */
export const toApplicationDoc = (application: Application): ApplicationDoc => {
  const { id, ...fields } = application
  return { _id: id, ...fields, scopes: [TREE, ...scopesOf(application)] }
}

/** A document as the application that it holds. */
export const toApplication = ({
  _id,
  scopes: _scopes,
  endedPath: _endedPath,
  publicKeys = [],
  ...fields
}: ApplicationDoc): Application => ({ id: _id, ...fields, publicKeys })

/** One range of one index, in order. */
const listFilter = ({ scope, ownerId, after }: ApplicationQuery): Filter<ApplicationDoc> => ({
  ...NOT_ENDED,
  scopes: ownerId ?? scope ?? TREE,
  ...(ownerId === undefined ? {} : { ownerId }),
  ...(after === undefined ? {} : { _id: { $gt: after } }),
})

/** The store of applications on MongoDB. */
export const createApplicationStore = (
  connection: Connection,
  { accounts, applications }: Collections,
  lineages: Lineages,
): ApplicationStore => {
  const load = createDocumentLoader(applications, NOT_ENDED, toApplication)
  const owners = new RecentMap<ApplicationId, { readonly id: AccountId }>(MOST_OWNERS)

  /** Whose it is never changes, so that both are asked for at once where that is known. */
  const getOwned = async (id: ApplicationId): Promise<OwnedApplication | undefined> => {
    const owner = owners.get(id)
    const [application, known] = await Promise.all([load(id), owner && lineages.of(owner.id)])
    if (application === undefined) return undefined
    if (known !== undefined) return { application, lineage: known }
    owners.set(id, { id: application.ownerId })
    return { application, lineage: await lineages.of(application.ownerId) }
  }

  /**
   * The owner is looked at by a write, after the insertion: a deletion of the account deletes its
   * applications afterwards, so that one of both finds the other.
   */
  const isWitnessedByOwner = async ({ ownerId }: Application): Promise<boolean> => {
    const { matchedCount } = await accounts.updateOne({ _id: ownerId, ...LIVE }, { $inc: { witness: 1 } })
    return matchedCount === 1
  }

  /** Inserted first, then looked at: rivals give up that see too many. */
  const insert = async (application: Application, most: number): Promise<void> => {
    const { id, ownerId } = application
    await applications.insertOne(toApplicationDoc(application))
    const isOwned = await isWitnessedByOwner(application)
    const count = isOwned ? await applications.countDocuments({ ...NOT_ENDED, ownerId, scopes: ownerId }) : 0
    if (isOwned && count <= most) return
    await applications.deleteOne({ _id: id })
    if (!isOwned) throw new StoreFailure('not_found', 'the owner is gone')
    throw new StoreFailure('conflict', 'the owner has as many applications as it may have')
  }

  const update: ApplicationStore['update'] = async ({ id, version, fields, now }) => {
    const changed = await applications.findOneAndUpdate(
      { ...NOT_ENDED, _id: id, version },
      { $set: { ...fields, updatedAt: now }, $inc: { version: 1 } },
      { returnDocument: 'after' },
    )
    if (changed !== null) return toApplication(changed)
    const isThere =
      (await applications.findOne({ ...NOT_ENDED, _id: id }, { projection: { _id: 1 } })) !== null
    throw isThere
      ? new StoreFailure('stale', 'the application was changed meanwhile')
      : new StoreFailure('not_found', 'no such application')
  }

  /**
   * Ended first, with the path of its owner for the log of changes: a deletion alone tells no more than the
   * id. Nobody finds it from then on, also where the second step is never made.
   */
  const remove = async (id: ApplicationId): Promise<boolean> => {
    const ended = { status: 'disabled', endedPath: '$ownerPath', version: { $add: ['$version', 1] } }
    const { matchedCount } = await applications.updateOne({ _id: id }, [{ $set: ended }])
    return matchedCount === 1 && (await applications.deleteOne({ _id: id })).deletedCount === 1
  }

  return {
    insert: (application, most) => connection.run(() => insert(application, most)),
    get: (id) => connection.run(() => load(id)),
    getOwned: (id) => connection.run(() => getOwned(id)),
    list: (query) =>
      connection.run(async () => {
        const docs = await applications.find(listFilter(query)).sort({ _id: 1 }).limit(query.limit).toArray()
        return docs.map(toApplication)
      }),
    update: (change) => connection.run(() => update(change)),
    noteUse: ({ id, keyId, now, before }) =>
      connection.run(async () => {
        const due = { id: keyId, $or: [{ lastUsedAt: null }, { lastUsedAt: { $lte: before } }] }
        const field = isOfPublicKey(keyId) ? 'publicKeys' : 'keys'
        await applications.updateOne(
          { _id: id, [field]: { $elemMatch: due } },
          { $set: { [`${field}.$.lastUsedAt`]: now } },
        )
      }),
    delete: (id) => connection.run(() => remove(id)),
    findNaming: (policy) =>
      connection.run(async () => {
        const found = await applications.findOne(
          { ...NOT_ENDED, policies: policy },
          { projection: { _id: 1 } },
        )
        return found?._id
      }),
  }
}
