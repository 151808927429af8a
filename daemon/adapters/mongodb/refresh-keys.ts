import type { AccountId } from '../../domain/account.ts'
import type { RefreshKeyOutcome, RefreshKeyStore } from '../../ports/stores/index.ts'
import { sameMac } from '../crypto/same-mac.ts'
import type { Collections, RefreshKeyDoc } from './collections.ts'
import { insertedFirst, settling, type Connection } from './connection.ts'
import { createWriter } from './writer.ts'

interface Guess {
  readonly accountId: AccountId
  readonly epoch: number
  readonly mac: string
  readonly maxTries: number
}

const settlingOutcome = (attempt: () => Promise<RefreshKeyOutcome | undefined>): Promise<RefreshKeyOutcome> =>
  settling(async () => {
    const outcome = await attempt()
    return outcome && { outcome }
  }).then(({ outcome }) => outcome)

/** The store of refresh keys on MongoDB. */
export const createRefreshKeyStore = (
  connection: Connection,
  { refreshKeys }: Collections,
): RefreshKeyStore => {
  const write = createWriter(refreshKeys)

  /** The key as it was judged, as the condition of a write. */
  const judged = (key: RefreshKeyDoc, maxTries: number) => ({
    _id: key._id,
    epoch: key.epoch,
    mac: key.mac,
    wrongTries: { $lt: maxTries },
  })

  const verify = ({ accountId, epoch, mac, maxTries }: Guess): Promise<RefreshKeyOutcome> =>
    settlingOutcome(async () => {
      const key = await refreshKeys.findOne({ _id: accountId })
      if (key === null || key.epoch !== epoch) return 'absent'
      if (key.wrongTries >= maxTries) return 'locked'
      const isRight = sameMac(key.mac, mac)
      if (isRight && key.wrongTries === 0) return 'ok'
      const { matchedCount } = await refreshKeys.updateOne(
        judged(key, maxTries),
        isRight ? { $set: { wrongTries: 0 } } : { $inc: { wrongTries: 1 } },
      )
      if (matchedCount === 0) return undefined
      return isRight ? 'ok' : 'wrong'
    })

  /** Puts the first key of an epoch; false when another was put meanwhile. */
  const putFirst = async (present: RefreshKeyDoc | null, next: RefreshKeyDoc): Promise<boolean> => {
    if (present === null) return insertedFirst(() => refreshKeys.insertOne(next))
    const { _id, epoch } = present
    return (await refreshKeys.replaceOne({ _id, epoch }, next)).matchedCount === 1
  }

  const set = (change: Parameters<RefreshKeyStore['set']>[0]): Promise<RefreshKeyOutcome> => {
    const { accountId, epoch, mac, oldMac, maxTries, now } = change
    const next = { _id: accountId, epoch, mac, wrongTries: 0, setAt: now }
    return settlingOutcome(async () => {
      const present = await refreshKeys.findOne({ _id: accountId })
      if (present === null || present.epoch !== epoch) {
        return (await putFirst(present, next)) ? 'ok' : undefined
      }
      if (oldMac === null) return 'absent'
      const outcome = await verify({ accountId, epoch, mac: oldMac, maxTries })
      if (outcome !== 'ok') return outcome
      if (!sameMac(present.mac, oldMac)) return undefined
      const { matchedCount } = await refreshKeys.replaceOne(judged(present, maxTries), next)
      return matchedCount === 1 ? 'ok' : undefined
    })
  }

  return {
    set: (change) => connection.run(() => set(change)),
    verify: (guess) => connection.run(() => verify(guess)),
    unlock: (accountId) =>
      connection.run(() =>
        write({
          updateOne: {
            filter: { _id: accountId, wrongTries: { $gt: 0 } },
            update: { $set: { wrongTries: 0 } },
          },
        }),
      ),
  }
}
