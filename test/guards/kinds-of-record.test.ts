import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { FORMS } from '../../daemon/adapters/mongodb/archive.ts'
import { COLLECTION_NAMES } from '../../daemon/adapters/mongodb/collections.ts'
import { COLLECTIONS } from '../../daemon/adapters/mongodb/schema.ts'
import { TABLES } from '../../daemon/adapters/sqlite/archive.ts'
import { openSqliteStore } from '../../daemon/adapters/sqlite/store.ts'
import { ARCHIVED } from '../../daemon/ports/archive.ts'
import { readSource } from '../support/source-files.ts'

const directory = mkdtempSync(join(tmpdir(), 'authctl-kinds-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const file = join(directory, 'a.db')
const store = openSqliteStore(file)
const { platform: _platform, readCache: _readCache, ping: _ping, close, ...stores } = store
await close()

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
const STORES = Object.keys(stores).map(kebab).toSorted()

/** Kept by triggers from other tables, so that a move makes them again, or begins them anew. */
const DERIVED_TABLES = [
  'account_policies',
  'account_scopes',
  'application_policies',
  'application_scopes',
  'changes',
  'username_skeletons',
]
/** Written along with the accounts whose names they hold. */
const DERIVED_COLLECTIONS = ['reservations']

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].toSorted()

describe('kinds of record', () => {
  test('what is moved are all tables of SQLite but those that follow from others', () => {
    const db = new DatabaseSync(file, { readOnly: true })
    const rows = db.prepare(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
    )
    const tables = rows.all().map(({ name }) => String(name))
    db.close()
    const moved = ARCHIVED.map((kind) => TABLES[kind].table)
    expect(sorted([...moved, ...DERIVED_TABLES])).toEqual(sorted(tables))
    expect(moved).toHaveLength(new Set(moved).size)
  })

  test('and all collections of MongoDB but those that follow from others', () => {
    const moved = ARCHIVED.map((kind) => FORMS[kind].collection)
    expect(sorted([...moved, ...DERIVED_COLLECTIONS])).toEqual(sorted(Object.values(COLLECTION_NAMES)))
    expect(moved).toHaveLength(new Set(moved).size)
    expect(sorted(Object.keys(COLLECTIONS))).toEqual(sorted(Object.values(COLLECTION_NAMES)))
  })

  test('both adapters keep a kind under the same name, but for the revisions, which are a guard document', () => {
    const differing = ARCHIVED.filter((kind) => TABLES[kind].table !== FORMS[kind].collection)
    expect(differing).toEqual(['revisions'])
  })

  test('every store has a port, an adapter for each database, and a contract suite', () => {
    const portFiles = readdirSync('daemon/ports/stores').map((name) => name.replace('.ts', ''))
    expect(sorted(portFiles)).toEqual(sorted([...STORES, 'failure', 'index']))
    for (const adapter of ['sqlite', 'mongodb'])
      for (const name of STORES) expect(existsSync(`daemon/adapters/${adapter}/${name}.ts`), name).toBe(true)
  })

  test('the contract suite calls every store', () => {
    const files = readdirSync('test/stores', { recursive: true, encoding: 'utf8' })
    const suites = files.filter((name) => /^suites\/.*\.ts$|\.suite\.ts$/.test(name))
    const suite = suites.map((name) => readSource(`test/stores/${name}`)).join('\n')
    const called = Object.keys(stores).filter((name) => suite.includes(`.${name}.`))
    expect(called).toEqual(Object.keys(stores))
  })
})
