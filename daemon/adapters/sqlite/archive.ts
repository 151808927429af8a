import type { SQLOutputValue } from 'node:sqlite'
import type { Archived, ArchiveReader, ArchiveRecord } from '../../ports/archive.ts'
import { migrate } from './migrations.ts'
import { openAlone } from './offline.ts'

type Row = Record<string, SQLOutputValue>

interface Table {
  readonly table: string
  /** The expression that is the key of a record. */
  readonly key: string
  /** Columns that are part of the key and not of the value. */
  readonly without?: readonly string[]
  /** Columns that hold JSON. */
  readonly json?: readonly string[]
}

/** The table of each kind of record. */
export const TABLES: Readonly<Record<Archived, Table>> = {
  signingKeys: { table: 'signing_keys', key: 'kid' },
  accounts: { table: 'accounts', key: 'id', without: ['id'], json: ['attributes', 'policies'] },
  applications: {
    table: 'applications',
    key: 'id',
    without: ['id'],
    json: ['policies', 'keys', 'public_keys'],
  },
  refreshKeys: { table: 'refresh_keys', key: 'account_id', without: ['account_id'] },
  sessions: { table: 'sessions', key: 'id', without: ['id'] },
  otps: { table: 'otps', key: "purpose || ':' || phone" },
  limits: { table: 'limits', key: 'key', without: ['key'], json: ['windows'] },
  idempotency: { table: 'idempotency', key: 'key', without: ['key'] },
  leases: { table: 'leases', key: 'job', without: ['job'] },
  policyTexts: { table: 'policy_texts', key: 'hash', without: ['hash'] },
  policyHeads: { table: 'policy_heads', key: 'namespace', without: ['namespace'] },
  places: { table: 'places', key: 'id', without: ['id'] },
  revisions: { table: 'revisions', key: 'name', without: ['name'] },
  devices: { table: 'devices', key: 'id', without: ['id'] },
  spent: { table: 'spent', key: 'key', without: ['key'] },
  daemons: { table: 'daemons', key: 'id', without: ['id'], json: ['heads', 'uses', 'shadows'] },
  agents: { table: 'agents', key: 'id', without: ['id'], json: ['heads', 'denials'] },
}

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

const toRecord = ({ without = [], json = [] }: Table, { archive_key: key, ...row }: Row): ArchiveRecord => ({
  key: String(key),
  value: Object.fromEntries(
    Object.entries(row)
      .filter(([column]) => !without.includes(column))
      .map(([column, value]) => [
        camel(column),
        json.includes(column) ? (JSON.parse(String(value)) as unknown) : value,
      ]),
  ),
})

/**
 * Reads a database that nobody else has open, and keeps others out until it is closed. Throws `StoreInUse`.
 */
export const openSqliteArchive = (file: string): ArchiveReader => {
  const db = openAlone(file)
  db.exec('COMMIT')
  try {
    migrate(db, file)
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    throw error
  }
  return {
    read: (kind, after, limit) => {
      const table = TABLES[kind]
      const where = after === undefined ? '' : `WHERE ${table.key} > :after`
      const sql = `SELECT ${table.key} AS archive_key, * FROM ${table.table} ${where} ORDER BY archive_key LIMIT :limit`
      const rows = db.prepare(sql).all({ limit, ...(after === undefined ? {} : { after }) })
      return Promise.resolve(rows.map((row) => toRecord(table, row)))
    },
    close: () => Promise.resolve(db.close()),
  }
}
