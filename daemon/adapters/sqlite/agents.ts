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
  // The plus keeps the planner at the index of the owners, which has the order.
  const list = db.reading(
    `SELECT * FROM agents WHERE owner_path >= :from AND owner_path < :before
     AND (owner_path > :from OR id > :id) AND +expires_at > :now ORDER BY owner_path, id LIMIT :limit`,
  )

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
    list: ({ now, owners, after, limit }) =>
      db.read(() => {
        const { ownerPath: from, id } = after ?? { ownerPath: owners.from, id: '' }
        return list.all<Row>({ from, before: owners.before, id, now, limit }).map(AGENTS.toRecord)
      }),
  }
}
