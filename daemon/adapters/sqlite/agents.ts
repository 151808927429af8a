import type { AgentRecord } from '../../domain/agent-record.ts'
import type { AgentStore } from '../../ports/stores/index.ts'
import type { Database } from './database.ts'
import { recordTable, type Row } from './record-table.ts'

const AGENTS = recordTable<AgentRecord>('agents', {
  id: 'id',
  audience: 'audience',
  agent: 'agent',
  ownerId: 'owner_id',
  ownerPath: 'owner_path',
  software: 'software',
  language: 'language',
  revision: 'revision',
  heads: { json: 'heads' },
  allowed: 'allowed',
  denied: 'denied',
  denials: { json: 'denials' },
  startedAt: 'started_at',
  seenAt: 'seen_at',
  expiresAt: 'expires_at',
})

/** The store of agents on SQLite. */
export const createAgentStore = (db: Database): AgentStore => {
  const remove = db.writing('DELETE FROM agents WHERE id = :id')
  const insert = db.writing(AGENTS.insert)
  const list = db.reading('SELECT * FROM agents WHERE expires_at > :now ORDER BY expires_at LIMIT :limit')

  return {
    renew: (record) =>
      db.write(() => {
        if (remove.run({ id: record.id }) === 0) return false
        insert.run(AGENTS.toValues(record))
        return true
      }),
    add: (record) =>
      db.write(() => {
        remove.run({ id: record.id })
        insert.run(AGENTS.toValues(record))
      }),
    list: (now, limit) =>
      db.read(() =>
        list
          .all<Row>({ now, limit })
          .map(AGENTS.toRecord)
          .sort((a, b) => (a.id < b.id ? -1 : 1)),
      ),
  }
}
