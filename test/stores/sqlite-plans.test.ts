import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openSqliteStore } from '../../daemon/adapters/sqlite/store.ts'
import { populateStore } from '../support/population.ts'
import { exercise } from './exercise.ts'

const ACCOUNTS = 100_000

/** Steps that look like scans and are bounded by something else than the number of accounts. */
const ALLOWED: readonly { readonly step: RegExp; readonly because: string }[] = [
  { step: /^SCAN signing_keys USING INDEX/, because: 'one row for each rotation; all are wanted, in order' },
  { step: /^SCAN policy_heads$/, because: 'one small row for each namespace; all are wanted' },
  { step: /^SCAN CONSTANT ROW$/, because: 'no table: the ping' },
]

/** Sorts that hold at most a page, of what a small range yields. */
const ALLOWED_SORTS: readonly { readonly sql: RegExp; readonly because: string }[] = [
  {
    sql: /FROM places WHERE .*latitude BETWEEN/,
    because: 'bounded by the box, over a directory that does not grow with the accounts',
  },
]

const directory = mkdtempSync(join(tmpdir(), 'authctl-plans-'))
const file = join(directory, 'authctl.db')
afterAll(() => rmSync(directory, { recursive: true, force: true }))
beforeAll(async () => {
  const store = openSqliteStore(file)
  await populateStore(store, [0, ACCOUNTS])
  await store.close()
}, 120_000)

const statements = async (): Promise<Set<string>> => {
  const prepared = new Set<string>()
  const original = DatabaseSync.prototype.prepare
  const spy = vi.spyOn(DatabaseSync.prototype, 'prepare').mockImplementation(function (
    this: DatabaseSync,
    sql: string,
  ) {
    prepared.add(sql)
    return original.call(this, sql)
  })
  try {
    const store = openSqliteStore(file)
    await exercise(store, ACCOUNTS)
    await store.close()
  } finally {
    spy.mockRestore()
  }
  return new Set([...prepared].filter((sql) => !/^\s*(PRAGMA|VACUUM)/.test(sql)))
}

test(
  'every query at 100,000 accounts finds its rows by an index and sorts nothing that grows',
  { timeout: 120_000 },
  async () => {
    const queries = await statements()
    const db = new DatabaseSync(file, { readOnly: true })
    const problems: string[] = []
    for (const sql of queries) {
      const steps = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[]
      for (const { detail } of steps) {
        const isScan = detail.startsWith('SCAN ') && !ALLOWED.some(({ step }) => step.test(detail))
        const isSort =
          detail === 'USE TEMP B-TREE FOR ORDER BY' &&
          !ALLOWED_SORTS.some(({ sql: shape }) => shape.test(sql.replaceAll('\n', ' ')))
        if (isScan || isSort) problems.push(`${detail}: ${sql}`)
      }
    }
    db.close()
    expect(problems).toEqual([])
    expect(queries.size).toBeGreaterThan(60)
  },
)
