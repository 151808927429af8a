import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { MIGRATIONS, SCHEMA_VERSION } from '../../daemon/adapters/sqlite/migrations.ts'
import { openSqliteStore } from '../../daemon/adapters/sqlite/store.ts'
import { startDaemon } from '../support/running-daemon.ts'
import { ROOT } from '../support/source-files.ts'
import { checkIntegrity, queryStore } from './store-file.ts'

const STRACE_KILLS = [1, 2, 3, 5, 8, 13, 21, 34]
const OLDER = MIGRATIONS.map((_, version) => version).slice(1)

const directory = mkdtempSync(join(tmpdir(), 'authctl-upgrade-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** A data directory whose database was written by an older version, with rows of that time. */
const olderDatabase = (version: number): string => {
  const dataDir = mkdtempSync(join(directory, `schema-${version}-`))
  const db = new DatabaseSync(join(dataDir, 'authctl.db'))
  // No account is there yet.
  db.function('skeletons_of', { varargs: true }, () => '[]')
  db.exec(`PRAGMA journal_mode=WAL; ${MIGRATIONS.slice(0, version).join('')}; PRAGMA user_version=${version}`)
  db.exec("INSERT INTO limits VALUES ('otp-send:+919876543210', '[[1,1]]', 9e15)")
  db.exec(`INSERT INTO places (id, type, name, longitude, latitude, updated_at)
    VALUES ('p1', 'ev-charger', 'One', 77.6, 12.9, 1)`)
  db.close()
  return dataDir
}

const versionOf = (dataDir: string): unknown =>
  queryStore(dataDir, 'PRAGMA user_version')[0]?.['user_version']

test.each(OLDER)('K13: a database of schema %d is migrated, and keeps what it holds', async (version) => {
  const dataDir = olderDatabase(version)
  await openSqliteStore(join(dataDir, 'authctl.db')).close()
  expect(versionOf(dataDir)).toBe(SCHEMA_VERSION)
  expect(queryStore(dataDir, 'SELECT id FROM places')).toEqual([{ id: 'p1' }])
  expect(checkIntegrity(dataDir)).toEqual(['ok'])
})

test('K13: what a killed migration left under its own process id does not stop the next', async () => {
  const dataDir = olderDatabase(SCHEMA_VERSION - 1)
  const file = join(dataDir, 'authctl.db')
  copyFileSync(file, `${file}.schema-${SCHEMA_VERSION - 1}.${process.pid}.part`)
  await openSqliteStore(file).close()
  expect(versionOf(dataDir)).toBe(SCHEMA_VERSION)
})

const canInject = spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0
const MIGRATE = `import { openSqliteStore } from '${ROOT}daemon/adapters/sqlite/store.ts'
await openSqliteStore(process.argv[1]).close()`

test('K13: a migration that is killed at any write is done by the next start', async ({ skip }) => {
  skip(!canInject && process.env['CI'] === undefined, 'there is no strace')
  let killed = 0
  for (const write of STRACE_KILLS) {
    const dataDir = olderDatabase(SCHEMA_VERSION - 1)
    const file = join(dataDir, 'authctl.db')
    const inject = `--inject=pwrite64:signal=KILL:when=${write}`
    const node = [process.execPath, '--input-type=module', '-e', MIGRATE, file]
    const { status } = spawnSync('strace', [
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      '--trace=pwrite64',
      inject,
      ...node,
    ])
    if (status !== 0) killed++
    else expect(versionOf(dataDir)).toBe(SCHEMA_VERSION)
    expect([SCHEMA_VERSION - 1, SCHEMA_VERSION]).toContain(versionOf(dataDir))
    await openSqliteStore(file).close()
    expect(versionOf(dataDir)).toBe(SCHEMA_VERSION)
    expect(queryStore(dataDir, 'SELECT id FROM places'), `killed at write ${write}`).toEqual([{ id: 'p1' }])
    expect(checkIntegrity(dataDir)).toEqual(['ok'])
  }
  expect(killed, 'no migration was killed').toBeGreaterThan(3)
})

test('K13: a daemon that is too old for its database says so, ends, and changes nothing', async () => {
  const dataDir = join(directory, 'newer')
  mkdirSync(dataDir, { mode: 0o700 })
  const file = join(dataDir, 'authctl.db')
  await openSqliteStore(file).close()
  const db = new DatabaseSync(file)
  db.exec(`PRAGMA user_version=${SCHEMA_VERSION + 1}`)
  db.close()
  const before = readFileSync(file)
  await expect(startDaemon({ AUTHCTL_DATA_DIR: dataDir })).rejects.toThrow(
    /exit code [1-9][\s\S]*run the newer authctl, or restore a backup/,
  )
  expect(readFileSync(file).equals(before)).toBe(true)
})
