import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  keepSession,
  removeSession,
  storedServer,
  storedSession,
  updateSession,
} from '../../cli/connection/credentials.ts'
import { createSandbox, type Sandbox } from './run-cli.ts'

const A = 'http://127.0.0.1:2'
const B = 'https://auth.example.com'
const entry = (session: unknown) => ({
  role: 'admin',
  account_id: 'adm_1',
  login: 'asha',
  signed_in_at: '2026-01-01T00:00:00Z',
  session,
})

let sandbox: Sandbox
let path: string
beforeEach(() => {
  sandbox = createSandbox()
  path = join(sandbox.configDirectory, 'credentials.json')
  process.env['AUTHCTL_CONFIG_DIR'] = sandbox.configDirectory
})
afterEach(() => {
  delete process.env['AUTHCTL_CONFIG_DIR']
  sandbox.remove()
})

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8)

describe('the credentials file', () => {
  test('CLI-C16: the directory that is made for it has mode 0700 and itself 0600, whatever the umask', () => {
    const umask = process.umask(0)
    try {
      keepSession({ url: A }, entry('one'))
    } finally {
      process.umask(umask)
    }
    expect(modeOf(sandbox.configDirectory)).toBe('700')
    expect(modeOf(path)).toBe('600')
  })

  test('J4: a link in its place is refused, and nothing behind it is read', () => {
    mkdirSync(sandbox.configDirectory, { mode: 0o700 })
    const elsewhere = join(sandbox.directory, 'elsewhere.json')
    writeFileSync(elsewhere, JSON.stringify({ server: A, sessions: {} }), { mode: 0o600 })
    symlinkSync(elsewhere, path)
    expect(() => storedServer()).toThrow(/is a symbolic link/)
  })

  test('J4: init makes a private folder and a private .env, whatever the umask, and follows no link', async () => {
    const umask = process.umask(0)
    try {
      expect((await sandbox.run({ argv: ['init', 'open'] })).code).toBe(0)
      process.umask(0o777)
      expect((await sandbox.run({ argv: ['init', 'closed'] })).code).toBe(0)
    } finally {
      process.umask(umask)
    }
    for (const name of ['open', 'closed']) {
      expect(modeOf(join(sandbox.directory, name))).toBe('700')
      expect(modeOf(join(sandbox.directory, name, '.env'))).toBe('600')
      expect(modeOf(join(sandbox.directory, name, 'README.md'))).toBe('644')
    }
    mkdirSync(join(sandbox.directory, 'linked'))
    symlinkSync(join(sandbox.directory, 'nowhere'), join(sandbox.directory, 'linked', '.env'))
    const refused = await sandbox.run({ argv: ['init', 'linked'] })
    expect(refused.stderr).toContain('has .env already')
    expect(existsSync(join(sandbox.directory, 'nowhere'))).toBe(false)
    expect(readdirSync(join(sandbox.directory, 'linked'))).toEqual(['.env'])
  })

  test('CLI-C16: a write replaces the file in one step and leaves nothing beside it', () => {
    keepSession({ url: A }, entry('one'))
    const before = statSync(path).ino
    updateSession({ url: A }, 'two')
    expect(statSync(path).ino).not.toBe(before)
    expect(readdirSync(sandbox.configDirectory)).toEqual(['credentials.json'])
    expect(storedSession({ url: A })?.session).toBe('two')
  })

  test('sessions are kept by server, and the last login names the default', () => {
    keepSession({ url: A }, entry('a'))
    keepSession({ url: B }, entry('b'))
    expect([storedServer(), storedSession({ url: A })?.session, storedSession({ url: B })?.session]).toEqual([
      B,
      'a',
      'b',
    ])
    expect(storedSession({ url: 'constructor' })).toBeUndefined()
  })

  test('removing one leaves the others; a rotation that comes late brings nothing back', () => {
    keepSession({ url: A }, entry('a'))
    keepSession({ url: B }, entry('b'))
    expect(removeSession({ url: B })).toBe(true)
    expect(removeSession({ url: B })).toBe(false)
    updateSession({ url: B }, 'late')
    expect([storedServer(), storedSession({ url: A })?.session, storedSession({ url: B })]).toEqual([
      undefined,
      'a',
      undefined,
    ])
  })

  test.each([0o640, 0o604, 0o620])(
    'CLI-C16: a file with mode %o is refused, with the command that repairs it',
    async (mode) => {
      keepSession({ url: A }, entry('a'))
      chmodSync(path, mode)
      const { code, stdout, stderr } = await sandbox.run({ argv: ['whoami', '--server', A] })
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toContain(`chmod 600 ${path}`)
    },
  )

  test('CLI-C16: doctor names a file that others can read', async () => {
    keepSession({ url: A }, entry('a'))
    chmodSync(path, 0o644)
    const { code, stdout } = await sandbox.run({ argv: ['doctor', '--server', A] })
    expect(code).toBe(1)
    expect(stdout).toMatch(/credentials\tfail\t/)
  })

  test('a file that is not ours is refused, not overwritten', async () => {
    mkdirSync(sandbox.configDirectory, { mode: 0o700 })
    writeFileSync(path, 'not json', { mode: 0o600 })
    const { code, stderr } = await sandbox.run({ argv: ['whoami'] })
    expect(code).toBe(1)
    expect(stderr).toContain('is not a credentials file of authctl')
    expect(readFileSync(path, 'utf8')).toBe('not json')
  })

  test('XDG_CONFIG_HOME is used when it is absolute, and ~/.config otherwise', async () => {
    const xdg = join(sandbox.directory, 'xdg')
    const file = async (XDG_CONFIG_HOME: string): Promise<string> =>
      (await sandbox.run({ argv: ['logout'], env: { AUTHCTL_CONFIG_DIR: '', XDG_CONFIG_HOME } })).stderr
    mkdirSync(join(xdg, 'authctl'), { recursive: true, mode: 0o700 })
    writeFileSync(join(xdg, 'authctl/credentials.json'), 'x', { mode: 0o600 })
    expect(await file(xdg)).toContain(join(xdg, 'authctl/credentials.json'))
    expect(await file('relative')).toContain('Not signed in')
    expect(existsSync(join(sandbox.directory, '.config'))).toBe(false)
  })
})
