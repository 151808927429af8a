import { MongoBulkWriteError } from 'mongodb'
import type { AccountId } from '../../domain/account.ts'
import { StoreFailure, type PolicyStore } from '../../ports/stores/index.ts'
import { LIVE } from './account-documents.ts'
import type { Collections } from './collections.ts'
import { insertedFirst, isDuplicateKey, type Connection } from './connection.ts'

type Move = Omit<Parameters<PolicyStore['moveHead']>[0], 'owner'>

/** The store of policies on MongoDB. */
export const createPolicyStore = (
  connection: Connection,
  { accounts, policyTexts, policyHeads }: Collections,
): PolicyStore => {
  /** Those that are there already are the same. */
  const keep = async (texts: readonly { hash: string; content: string }[]): Promise<void> => {
    if (texts.length === 0) return
    try {
      await policyTexts.insertMany(
        texts.map(({ hash, content }) => ({ _id: hash, content })),
        { ordered: false },
      )
    } catch (error) {
      const others = error instanceof MongoBulkWriteError ? [error.writeErrors].flat() : [undefined]
      if (!isDuplicateKey(error) || others.some((each) => each?.code !== 11_000)) throw error
    }
  }

  const move = async ({ head: { namespace, revision, number }, from, texts }: Move): Promise<boolean> => {
    await keep(texts)
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
    watch: (changed) => connection.watch(policyHeads, changed),
  }
}
