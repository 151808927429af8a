import { MongoBulkWriteError } from 'mongodb'
import type { AccountId } from '../../domain/account.ts'
import { StoreFailure, type ContentAddressed, type PolicyStore } from '../../ports/stores/index.ts'
import { LIVE } from './account-documents.ts'
import { COLLECTION_NAMES, type Collections } from './collections.ts'
import { insertedFirst, isDuplicateKey, type Connection } from './connection.ts'
import type { Followed } from './followed.ts'

type Move = Omit<Parameters<PolicyStore['moveHead']>[0], 'owner'>

/** The store of policies on MongoDB. */
export const createPolicyStore = (
  connection: Connection,
  { accounts, policyTexts, policyHeads }: Collections,
  followed: Followed,
): PolicyStore => {
  /** Inserts texts; answers those that are there already, which are the same. */
  const insert = async (texts: readonly ContentAddressed[], keptAt: number): Promise<ContentAddressed[]> => {
    try {
      await policyTexts.insertMany(
        texts.map(({ hash, content }) => ({ _id: hash, content, keptAt })),
        { ordered: false },
      )
      return []
    } catch (error) {
      const failed = error instanceof MongoBulkWriteError ? [error.writeErrors].flat() : [undefined]
      if (!isDuplicateKey(error) || failed.some((each) => each?.code !== 11_000)) throw error
      return failed.flatMap((each) => texts[each?.index ?? -1] ?? [])
    }
  }

  /** A text that is there already is kept anew; one that is swept between the two steps is inserted again. */
  const keep = async (texts: readonly ContentAddressed[], now: number): Promise<void> => {
    for (let missing = texts; missing.length > 0;) {
      const present = await insert(missing, now)
      if (present.length === 0) return
      const ids = present.map(({ hash }) => hash)
      const kept = await policyTexts.updateMany({ _id: { $in: ids } }, { $max: { keptAt: now } })
      missing = kept.matchedCount === ids.length ? [] : present
    }
  }

  const move = async ({
    head: { namespace, revision, number },
    from,
    texts,
    now,
  }: Move): Promise<boolean> => {
    await keep(texts, now)
    if (from === null) return insertedFirst(() => policyHeads.insertOne({ _id: namespace, revision, number }))
    const { matchedCount } = await policyHeads.updateOne(
      { _id: namespace, revision: from },
      { $set: { revision, number } },
    )
    return matchedCount === 1
  }

  /**
   * The deletion of an account removes the head after the account: a caller that moves it afterwards finds
   * the owner gone, and removes it too.
   */
  const moveOf = async (change: Move, owner: AccountId): Promise<boolean> => {
    const isMoved = await move(change)
    const witnessed = await accounts.updateOne({ _id: owner, ...LIVE }, { $inc: { witness: 1 } })
    if (witnessed.matchedCount === 1) return isMoved
    await policyHeads.deleteOne({ _id: change.head.namespace })
    throw new StoreFailure('not_found', 'the owner of the namespace is gone')
  }

  return {
    heads: () =>
      connection.run(async () =>
        (await policyHeads.find().hint({ _id: 1 }).toArray()).map(({ _id, revision, number }) => ({
          namespace: _id,
          revision,
          number,
        })),
      ),
    read: (hashes) =>
      connection.run(async () =>
        (await policyTexts.find({ _id: { $in: [...hashes] } }).toArray()).map(({ _id, content }) => ({
          hash: _id,
          content,
        })),
      ),
    moveHead: ({ owner, ...change }) =>
      connection.run(() => (owner === null ? move(change) : moveOf(change, owner))),
    listTexts: ({ after, limit }) =>
      connection.run(async () => {
        const found = policyTexts.find({ _id: { $gt: after } }, { projection: { _id: 1 } }).hint({ _id: 1 })
        return (await found.sort({ _id: 1 }).limit(limit).toArray()).map(({ _id }) => _id)
      }),
    deleteTexts: ({ hashes, heads: present, keptBefore }) =>
      connection.run(async () => {
        const current = await policyHeads.find().hint({ _id: 1 }).toArray()
        const isSame =
          current.length === present.length &&
          current.every(({ _id, revision }) =>
            present.some((head) => head.namespace === _id && head.revision === revision),
          )
        if (!isSame) return 0
        // One of an older authctl has no time.
        const old = { _id: { $in: [...hashes] }, keptAt: { $not: { $gte: keptBefore } } }
        return (await policyTexts.deleteMany(old)).deletedCount
      }),
    watch: (changed) => followed.watch(COLLECTION_NAMES.policyHeads, changed),
  }
}
