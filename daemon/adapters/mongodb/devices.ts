import { judgePoll, type Device } from '../../domain/device.ts'
import type { DeviceStore, PollOutcome } from '../../ports/stores/index.ts'
import type { Collections, DeviceDoc } from './collections.ts'
import { insertedFirst, settling, type Connection } from './connection.ts'

const toDevice = ({ _id, clientId, ...rest }: DeviceDoc): Device => ({
  id: _id,
  applicationId: clientId,
  ...rest,
})

/** The store of devices on MongoDB. */
export const createDeviceStore = (connection: Connection, { devices }: Collections): DeviceStore => {
  const insert: DeviceStore['insert'] = async ({ id, applicationId, ...rest }) => {
    const doc: DeviceDoc = { _id: id, clientId: applicationId, ...rest }
    if (await insertedFirst(() => devices.insertOne(doc))) return true
    const { matchedCount } = await devices.replaceOne({ _id: id, expiresAt: { $lte: doc.createdAt } }, doc)
    return matchedCount === 1
  }

  const get = async (id: string): Promise<Device | undefined> => {
    const doc = await devices.findOne({ _id: id })
    return doc === null ? undefined : toDevice(doc)
  }

  const poll: DeviceStore['poll'] = (asked) =>
    settling(async (): Promise<PollOutcome | undefined> => {
      const device = await get(asked.id)
      const { kind, change } = judgePoll(device, asked)
      if (device === undefined || change === undefined) return { kind } as PollOutcome
      const { id, digest, state, pollAfter } = device
      const { matchedCount } = await devices.updateOne(
        { _id: id, digest, state, pollAfter },
        { $set: change },
      )
      if (matchedCount === 0) return undefined
      return kind === 'approved' ? { kind, device } : { kind }
    })

  return {
    insert: (device) => connection.run(() => insert(device)),
    get: (id) => connection.run(() => get(id)),
    decide: ({ id, state, account, now }) =>
      connection.run(async () => {
        const decided = { state, accountId: account?.id ?? null, epoch: account?.epoch ?? null }
        const waiting = { _id: id, state: 'pending' as const, expiresAt: { $gt: now } }
        return (await devices.updateOne(waiting, { $set: decided })).matchedCount === 1
      }),
    poll: (asked) => connection.run(() => poll(asked)),
    denyOf: (accountId) =>
      connection.run(
        async () => void (await devices.updateMany({ accountId }, { $set: { state: 'denied' } })),
      ),
  }
}
