import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bootstrap } from '../support/accounts.ts'
import { createApi } from '../support/api.ts'
import { testMongoUri } from '../support/mongo.ts'
import { startDaemon } from '../support/running-daemon.ts'
import { Outbox } from '../support/outbox.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'authctl-files-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

test('J4: with umask 0, directories are 0700 and files 0600: database, log of the database, secrets, outbox, set-up token', async () => {
  const dataDir = join(directory, 'open', 'data')
  const umask = process.umask(0)
  const daemon = await startDaemon({ AUTHCTL_DATA_DIR: dataDir }).finally(() => process.umask(umask))
  try {
    const api = createApi(daemon.url)
    expect((await api.post('/auth/otp/send', { number: '+919876543210' })).status).toBe(200)
    await new Outbox(dataDir).awaitCode('+919876543210')
    const modes = Object.fromEntries(readdirSync(dataDir).map((name) => [name, modeOf(join(dataDir, name))]))
    expect(modes).toMatchObject({
      ...(testMongoUri() === undefined && {
        'authctl.db': '600',
        'authctl.db-wal': '600',
        'authctl.db-shm': '600',
      }),
      'outbox.jsonl': '600',
      'setup-token': '600',
    })
    expect(new Set(Object.values(modes))).toEqual(new Set(['600']))
    expect(modeOf(dataDir)).toBe('700')
    await bootstrap(api, dataDir)
  } finally {
    await daemon.stop()
  }
})

test.each(['755', '750', '707', '701'])('J4: a data directory of mode %s is refused', async (mode) => {
  const dataDir = join(directory, `mode-${mode}`)
  mkdirSync(dataDir)
  chmodSync(dataDir, Number.parseInt(mode, 8))
  await expect(startDaemon({ AUTHCTL_DATA_DIR: dataDir })).rejects.toThrow(/open to other users/)
  expect(readdirSync(dataDir)).toEqual([])
})

test('J4: a secret that others can read is refused, and the process ends', async () => {
  const dataDir = join(directory, 'secrets')
  await (await startDaemon({ AUTHCTL_DATA_DIR: dataDir })).stop()
  chmodSync(join(dataDir, 'authctl.secret'), 0o644)
  await expect(startDaemon({ AUTHCTL_DATA_DIR: dataDir })).rejects.toThrow(
    /exit code [1-9][\s\S]*open to other users/,
  )
})

const onSqlite = testMongoUri() === undefined

test.each(['authctl.secret', 'setup-token', 'outbox.jsonl', ...(onSqlite ? ['authctl.db'] : [])])(
  'J4: a link in the place of %s is not followed',
  async (name) => {
    const dataDir = mkdtempSync(join(directory, 'links-'))
    const elsewhere = join(mkdtempSync(join(directory, 'elsewhere-')), name)
    writeFileSync(elsewhere, '', { mode: 0o600 })
    symlinkSync(elsewhere, join(dataDir, name))
    const started = startDaemon({ AUTHCTL_DATA_DIR: dataDir }).then(async (daemon) => {
      await createApi(daemon.url).post('/auth/otp/send', { number: '+919876543210' })
      await expect.poll(() => daemon.output()).toMatch(/the outbox cannot be written/)
      await daemon.stop()
    })
    if (name === 'outbox.jsonl') await started
    else await expect(started).rejects.toThrow(/exit code [1-9]/)
    expect(readFileSync(elsewhere, 'utf8')).toBe('')
  },
)

const NOBODY = 65_534

test.runIf(process.getuid?.() === 0)('J4: a directory or a secret of another user is refused', async () => {
  const dataDir = mkdtempSync(join(directory, 'foreign-'))
  chmodSync(directory, 0o755)
  const asNobody = { through: ['setpriv', `--reuid=${NOBODY}`, '--clear-groups'] }
  const settings = { AUTHCTL_DATA_DIR: dataDir }
  await expect(startDaemon(settings, asNobody)).rejects.toThrow(/belongs to another user: run chown 65534/)
  chownSync(dataDir, NOBODY, NOBODY)
  writeFileSync(join(dataDir, 'authctl.secret'), 'x'.repeat(48), { mode: 0o600 })
  await expect(startDaemon(settings, asNobody)).rejects.toThrow(
    /authctl\.secret belongs to another user: run chown 65534/,
  )
})

/**
 * The local addresses on which a process listens, in the kernel's notation: hexadecimal, each word in host
 * byte order.
 */
const listeningAddresses = (pid: number): string[] => {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
      } catch {
        return []
      }
    }),
  )
  const LISTEN = '0A'
  return ['tcp', 'tcp6']
    .flatMap((family) => readFileSync(`/proc/${pid}/net/${family}`, 'utf8').split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTEN && sockets.has(fields[9] ?? ''))
    .map((fields) => fields[1]?.split(':')[0] ?? '')
}

test.runIf(process.platform === 'linux')(
  'J6: by default it listens on 127.0.0.1 and nowhere else',
  async () => {
    const daemon = await startDaemon()
    try {
      expect(listeningAddresses(daemon.pid)).toEqual(['0100007F'])
    } finally {
      await daemon.stop()
    }
  },
)
