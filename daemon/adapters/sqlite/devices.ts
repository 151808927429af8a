import { judgePoll, type Device } from '../../domain/device.ts'
import type { DeviceStore, PollOutcome } from '../../ports/stores/index.ts'
import type { Database } from './database.ts'
import { recordTable, type Row } from './record-table.ts'

const DEVICES = recordTable<Device>('devices', {
  id: 'id',
  digest: 'digest',
  applicationId: 'client_id',
  ip: 'ip',
  userAgent: 'user_agent',
  createdAt: 'created_at',
  expiresAt: 'expires_at',
  state: 'state',
  accountId: 'account_id',
  epoch: 'epoch',
  intervalMs: 'interval_ms',
  pollAfter: 'poll_after',
})

/** The store of devices on SQLite. */
export const createDeviceStore = (db: Database): DeviceStore => {
  const clear = db.writing('DELETE FROM devices WHERE id = :id AND expires_at <= :now')
  const insert = db.writing(`${DEVICES.insert} ON CONFLICT (id) DO NOTHING`)
  const get = db.reading('SELECT * FROM devices WHERE id = :id')
  const current = db.writing('SELECT * FROM devices WHERE id = :id')
  const decide = db.writing(
    `UPDATE devices SET state = :state, account_id = :account_id, epoch = :epoch
     WHERE id = :id AND state = 'pending' AND expires_at > :now`,
  )
  const note = db.writing(
    'UPDATE devices SET state = :state, interval_ms = :interval_ms, poll_after = :poll_after WHERE id = :id',
  )

  const denyOf = db.writing("UPDATE devices SET state = 'denied' WHERE account_id = :account_id")

  return {
    insert: (device) =>
      db.write(() => {
        clear.run({ id: device.id, now: device.createdAt })
        return insert.run(DEVICES.toValues(device)) === 1
      }),

    get: (id) =>
      db.read(() => {
        const row = get.get<Row>({ id })
        return row && DEVICES.toRecord(row)
      }),

    decide: ({ id, state, account, now }) =>
      db.write(
        () =>
          decide.run({ id, state, account_id: account?.id ?? null, epoch: account?.epoch ?? null, now }) ===
          1,
      ),

    poll: (poll) =>
      db.write((): PollOutcome => {
        const row = current.get<Row>({ id: poll.id })
        const device = row && DEVICES.toRecord(row)
        const { kind, change } = judgePoll(device, poll)
        if (device === undefined || change === undefined) return { kind } as PollOutcome
        const { state, intervalMs, pollAfter } = { ...device, ...change }
        note.run({ id: poll.id, state, interval_ms: intervalMs, poll_after: pollAfter })
        return kind === 'approved' ? { kind, device } : { kind }
      }),

    denyOf: (accountId) => db.write(() => void denyOf.run({ account_id: accountId })),
  }
}
