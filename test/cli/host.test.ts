import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PASSWORD } from '../support/accounts.ts'
import { startTestDaemon } from '../support/in-process.ts'
import { hostSettings, type RunningDaemon, startDaemon } from '../support/running-daemon.ts'
import { createSandbox, type Invocation, type Outcome, type Sandbox } from './run-cli.ts'
import { runOnTerminal } from './terminal.ts'

const PHONE = '+919876543210'

let daemon: RunningDaemon
let sandbox: Sandbox
beforeAll(async () => {
  sandbox = createSandbox()
  // A process with the outbox of development, which is read beside it.
  daemon = await startDaemon()
})
afterAll(async () => {
  await daemon?.stop()
  sandbox.remove()
})

const run = async (argv: readonly string[], more: Omit<Invocation, 'argv'> = {}): Promise<Outcome> =>
  await sandbox.run({ ...more, argv, env: { ...hostSettings(daemon), ...more.env } })

/** Runs with --json, insists on success and returns what was printed. */
const json = async <T>(argv: readonly string[], more: Omit<Invocation, 'argv'> = {}): Promise<T> => {
  const { code, stdout, stderr } = await run([...argv, '--json'], more)
  expect({ code, stderr: code === 0 ? '' : stderr + stdout }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as T
}

// Each test goes on where the one before stopped.
describe('on the host of a running daemon', () => {
  test.each([
    ['passwordpassword', /tried first/],
    ['root.operator root.operator', /names of its owner or of the service/],
    ['authctl-authctl-authctl', /names of its owner or of the service/],
  ])('B6: bootstrap on the host refuses %s, and makes nothing', async (password, reason) => {
    const argv = ['bootstrap', '--username', 'root.operator', '--password-stdin']
    const { code, stdout, stderr } = await run(argv, { stdin: { text: password } })
    expect([code, stdout]).toEqual([64, ''])
    expect(stderr).toMatch(reason)
    expect(stderr).not.toContain(password)
  })

  test('CLI-C17: bootstrap on the host creates the first super-admin while the daemon runs', async () => {
    const { code, stdout, stderr } = await run(
      ['bootstrap', '--username', 'root.operator', '--password-stdin'],
      { stdin: { text: `${PASSWORD}\n` } },
    )
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toMatch(/^outcome\tcreated\nid\tsa_[0-9a-z]{26}\nusername\troot\.operator\n$/)
    expect(stderr).toMatch(/Next: authctl login --role super-admin --username root\.operator/)
  })

  test('CLI-C17: bootstrap again says that it exists, exit 0; with another username it is a conflict, exit 5', async () => {
    const again = await run(['bootstrap', '--username', 'root.operator', '--password-stdin'], {
      stdin: { text: PASSWORD },
    })
    expect(again.code).toBe(0)
    expect(again.stderr).toMatch(/exists already: nothing was changed/)
    const other = await run(['bootstrap', '--username', 'somebody.else', '--password-stdin'], {
      stdin: { text: PASSWORD },
    })
    expect(other.code).toBe(5)
    expect(other.stderr).toMatch(/^Error: .*super-admin.*exists/m)
    expect(other.stderr).toMatch(/authctl login/)
    const unasked = await runOnTerminal(
      sandbox,
      ['bootstrap', '--username', 'root.operator'],
      [],
      hostSettings(daemon),
    )
    expect(unasked).toMatchObject({ code: 0, stdout: expect.stringContaining('exists already') as string })
    expect(unasked.stdout).not.toContain('Password')
  })

  test('CLI-C5: bootstrap against the daemon is a conflict as well, and a wrong password exits 4', async () => {
    const remote = await run(['bootstrap', '--server', daemon.url, '--username', 'x.y', '--password-stdin'], {
      stdin: { text: PASSWORD },
      env: { AUTHCTL_SETUP_TOKEN: 'guess' },
    })
    expect([4, 5]).toContain(remote.code)
    const { code, stderr, stdout } = await run(
      ['login', '--server', daemon.url, '--username', 'root.operator', '--password-stdin'],
      { stdin: { text: 'not the password at all' } },
    )
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
    expect(stderr).toMatch(/^Error: .+ \(request [\w-]+\)/m)
  })

  test('an end user signs in by phone on a terminal: the code comes from otp tail', async () => {
    const user = createSandbox()
    const readCode = async (): Promise<string> => {
      const { code, stdout } = await run(['otp', 'tail', '--once', '--number', '9876543210', '-o', 'name'])
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\d{6}\n$/) as string })
      return `${stdout.trim()}\r`
    }
    const screen = await runOnTerminal(
      user,
      ['login', '--server', daemon.url, '--number', PHONE],
      [{ when: 'Code: ', type: readCode }],
    )
    expect(screen).toMatchObject({ code: 0, stdout: expect.stringContaining('Signed in to') as string })
    const me = await user.run({ argv: ['whoami', '--json'] })
    expect(JSON.parse(me.stdout)).toMatchObject({ account: { role: 'user', phone: PHONE } })
    user.remove()
  })

  test('CLI-C18: start on a port that is taken says so in two lines', async () => {
    const { code, stdout, stderr } = await sandbox.spawn({
      argv: ['start', '--port', new URL(daemon.url).port],
      env: hostSettings(daemon),
    })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^Error: [^\n]*EADDRINUSE[^\n]*\nAnother process has this port: [^\n]+\n$/)
  })

  test('doctor on the host looks at the store and the configuration too', async () => {
    const { checks } = await json<{ checks: { name: string; status: string }[] }>(['doctor'], {
      env: { PORT: new URL(daemon.url).port },
    })
    expect(checks).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'store', status: 'ok' }),
        expect.objectContaining({ name: 'server', status: 'ok' }),
      ]),
    )
  })
})

describe('where the daemon is not the one of before', () => {
  test('CLI-C17: bootstrap against a running daemon with its set-up token', async () => {
    const fresh = await startTestDaemon()
    const own = createSandbox()
    try {
      const argv = ['bootstrap', '--server', fresh.url, '--username', 'root.operator', '--password-stdin']
      const stdin = { text: PASSWORD }
      const wrong = await own.run({ argv, stdin, env: { AUTHCTL_SETUP_TOKEN: 'guess' } })
      expect(wrong.code).toBe(4)
      expect(wrong.stderr).toMatch(/setup-token/)
      const right = await own.run({
        argv: [...argv, '--setup-token-file', join(fresh.dataDir, 'setup-token'), '-o', 'name'],
        stdin,
      })
      expect(right).toMatchObject({ code: 0, stdout: expect.stringMatching(/^sa_/) as string })
      // The daemon answers with a first token; it is not kept and not printed.
      expect(right.stdout + right.stderr).not.toContain('eyJ')
    } finally {
      own.remove()
      await fresh.stop()
    }
  })

  test('logout forgets the session although the server is gone, and says that it lives on there', async () => {
    const fresh = await startTestDaemon()
    const own = createSandbox()
    const env = hostSettings(fresh)
    const stdin = { text: PASSWORD }
    await own.run({ argv: ['bootstrap', '--username', 'root.operator', '--password-stdin'], stdin, env })
    const signedIn = await own.run({
      argv: ['login', '--server', fresh.url, '--username', 'root.operator', '--password-stdin'],
      stdin,
    })
    await fresh.stop()
    expect(signedIn.code).toBe(0)
    const { code, stderr } = await own.run({ argv: ['logout'] })
    expect(code).toBe(0)
    expect(stderr).toMatch(/could not be ended .*lives on/)
    expect(readFileSync(join(own.configDirectory, 'credentials.json'), 'utf8')).not.toContain('authctl_rt_')
    own.remove()
  })

  test('init writes a folder in which a daemon has no generated secrets, and overwrites nothing', async () => {
    const own = createSandbox()
    const folder = join(own.directory, 'new')
    const first = await own.run({ argv: ['init', 'new', '--json'] })
    expect(JSON.parse(first.stdout)).toHaveLength(3)
    expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(folder, '.env'), 'utf8')).toContain('\n# Life of a one-time code. In seconds.\n')
    const { stdout } = await own.run({ argv: ['config', 'print', '--json'], cwd: folder })
    expect(JSON.parse(stdout)).toContainEqual({ name: 'AUTHCTL_SECRET', value: '(set)', source: '.env' })
    const again = await own.run({ argv: ['init', 'new'] })
    expect(again).toMatchObject({
      code: 5,
      stdout: '',
      stderr: expect.stringMatching(/\.env, \.gitignore, README\.md/) as string,
    })
    mkdirSync(join(own.directory, 'half'))
    writeFileSync(join(own.directory, 'half/README.md'), 'mine')
    expect((await own.run({ argv: ['init', 'half'] })).code).toBe(5)
    expect(existsSync(join(own.directory, 'half/.env'))).toBe(false)
    own.remove()
  })
})
