import { MongoBulkWriteError } from 'mongodb'
import type { PolicyStore } from '../../ports/stores.ts'
import type { Collections } from './collections.ts'
import { insertedFirst, isDuplicateKey, type Connection } from './connection.ts'

export const createPolicyStore = (
  connection: Connection,
  { policyTexts, policyHeads }: Collections,
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

  const move: PolicyStore['moveHead'] = async ({ head: { namespace, revision, number }, from, texts }) => {
    await keep(texts)
    if (from === null) return insertedFirst(() => policyHeads.insertOne({ _id: namespace, revision, number }))
    const { matchedCount } = await policyHeads.updateOne(
      { _id: namespace, revision: from },
      { $set: { revision, number } },
    )
    return matchedCount === 1
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
    moveHead: (change) => connection.run(() => move(change)),
    removeHead: (namespace) =>
      connection.run(async () => void (await policyHeads.deleteOne({ _id: namespace }))),
    watch: (changed) => connection.watch(policyHeads, changed),
  }
}
