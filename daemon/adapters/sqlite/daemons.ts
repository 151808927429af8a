import type { DaemonRecord } from '../../domain/daemon-record.ts'
import type { DaemonStore } from '../../ports/stores/index.ts'
import type { Database } from './database.ts'
import { recordTable, type Row } from './record-table.ts'

const DAEMONS = recordTable<DaemonRecord>('daemons', {
  id: 'id',
  host: 'host',
  pid: 'pid',
  version: 'version',
  startedAt: 'started_at',
  seenAt: 'seen_at',
  liveUntil: 'live_until',
  expiresAt: 'expires_at',
  beat: 'beat',
  headsDigest: 'heads_digest',
  heads: { json: 'heads' },
  uses: { json: 'uses' },
  shadows: { json: 'shadows' },
})

/** The store of daemons on SQLite. */
export const createDaemonStore = (db: Database): DaemonStore => {
  const put = db.writing(
    `${DAEMONS.insert} ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at,
       live_until = excluded.live_until, expires_at = excluded.expires_at, beat = excluded.beat,
       heads_digest = excluded.heads_digest, heads = excluded.heads, uses = excluded.uses,
       shadows = excluded.shadows WHERE excluded.beat > daemons.beat`,
  )
  const list = db.reading('SELECT * FROM daemons WHERE expires_at > :now')
  const leave = db.writing('UPDATE daemons SET live_until = min(live_until, :now) WHERE id = :id')

  return {
    beat: (record) => db.write(() => put.run(DAEMONS.toValues(record)) === 1),
    list: (now) =>
      db.read(() =>
        list
          .all<Row>({ now })
          .map(DAEMONS.toRecord)
          .sort((a, b) => (a.id < b.id ? -1 : 1)),
      ),
    leave: (id, now) => db.write(() => void leave.run({ id, now })),
  }
}
