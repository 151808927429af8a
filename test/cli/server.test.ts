import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { keepSession } from '../../cli/connection/credentials.ts'
import { sendJson, startScriptedServer } from '../support/scripted-server.ts'
import { createSandbox, type Sandbox } from './run-cli.ts'

let sandbox: Sandbox
beforeEach(() => {
  sandbox = createSandbox()
})
afterEach(() => {
  delete process.env['AUTHCTL_CONFIG_DIR']
  sandbox.remove()
})

const write = (name: string, text: string): void => writeFileSync(join(sandbox.directory, name), text)

const signInTo = (server: string): void => {
  process.env['AUTHCTL_CONFIG_DIR'] = sandbox.configDirectory
  const session = { role: 'admin', account_id: 'adm_1', login: 'asha', signed_in_at: '', session: null }
  keepSession({ url: server }, session)
}

/** Which server is asked and why: the words of a command that finds no session for it. */
const asked = async (env: Record<string, string> = {}): Promise<string | undefined> => {
  const { code, stderr } = await sandbox.run({ argv: ['whoami'], env })
  expect(code).toBe(4)
  return /^Error: not signed in to (.+)\n/.exec(stderr)?.[1]
}

describe('which server is asked', () => {
  test('CLI-C18: nothing says it: the default', async () => {
    expect(await asked()).toBe('http://127.0.0.1:8000 (the default)')
  })

  test.each([
    ['PORT=9001\n', 'http://127.0.0.1:9001 (from PORT in .env of this folder)'],
    ['\uFEFFHOST=10.0.0.7\r\n', 'http://10.0.0.7:8000 (from HOST in .env of this folder)'],
    [
      'HOST="::"\nPORT=9001',
      'http://127.0.0.1:9001 (from HOST in .env of this folder and PORT in .env of this folder)',
    ],
    ['HOST=::1', 'http://[::1]:8000 (from HOST in .env of this folder)'],
    // What else is wrong with the configuration is the daemon's matter.
    ['AUTHCTL_NONSENSE=1\nnonsense\nPORT=9001', 'http://127.0.0.1:9001 (from PORT in .env of this folder)'],
    ['PORT=0', 'http://127.0.0.1:8000 (the default)'],
    ['PORT=80 80', 'http://127.0.0.1:8000 (the default, for PORT in .env of this folder is no address)'],
    ['PORT=99999', 'http://127.0.0.1:8000 (the default, for PORT in .env of this folder is no address)'],
    [
      'PORT=tcp://10.0.0.1:80',
      'http://127.0.0.1:8000 (the default, for PORT in .env of this folder is no address)',
    ],
    ['AUTHCTL_DATA_DIR=x', 'http://127.0.0.1:8000 (the default)'],
  ])('CLI-C18: the .env of the folder, %j', async (text, expected) => {
    write('.env', text)
    expect(await asked()).toBe(expected)
  })

  test('CLI-C18: PORT of the environment wins over .env, and the file of AUTHCTL_CONFIG is read', async () => {
    write('.env', 'PORT=9001')
    expect(await asked({ PORT: '9002' })).toBe('http://127.0.0.1:9002 (from PORT in the environment)')
    write('.env', 'AUTHCTL_CONFIG=settings.json')
    write('settings.json', '{"PORT": 9003}')
    expect(await asked()).toBe('http://127.0.0.1:9003 (from PORT in the file that AUTHCTL_CONFIG names)')
  })

  test('CLI-C18: an unreadable .env says nothing', async () => {
    mkdirSync(join(sandbox.directory, '.env'))
    expect(await asked()).toBe('http://127.0.0.1:8000 (the default)')
  })

  test('CLI-C18: flag, AUTHCTL_SERVER, last login, folder: the first that is there', async () => {
    write('.env', 'PORT=9001')
    signInTo('http://127.0.0.1:2')
    const named = { AUTHCTL_SERVER: 'http://127.0.0.1:3' }
    expect(await asked(named)).toBe('http://127.0.0.1:3 (from AUTHCTL_SERVER)')
    const flag = await sandbox.run({ argv: ['whoami', '--server', 'http://127.0.0.1:4'], env: named })
    expect(flag.stderr).toMatch(
      /^Error: not signed in to http:\/\/127\.0\.0\.1:4 \(from --server\)\nSign in with: authctl login --server http:\/\/127\.0\.0\.1:4\n/,
    )
    expect((await sandbox.run({ argv: ['logout'] })).stderr).toContain('http://127.0.0.1:2')
  })

  test('CLI-C18: a server that does not answer is told with the reason it was asked, and what else there is', async () => {
    write('.env', 'PORT=2')
    const login = ['login', '--username', 'root', '--password-stdin']
    const stdin = { text: 'a lantern above nine quiet harbours' }
    const own = await sandbox.run({ argv: login, stdin })
    expect(own.code).toBe(69)
    expect(own.stderr).toMatch(
      /^Signing in to http:\/\/127\.0\.0\.1:2 \(from PORT in \.env of this folder\)\.\n/,
    )
    expect(own.stderr).toContain(
      '\nAsked http://127.0.0.1:2, from PORT in .env of this folder; name another with --server.',
    )
    signInTo('http://127.0.0.1:1')
    const last = await sandbox.run({ argv: login, stdin })
    expect(last.stderr).toContain(
      'Asked http://127.0.0.1:1, that of the last login; name another with --server.',
    )
    expect(last.stderr).toContain('That of this folder would be http://127.0.0.1:2.')
  })

  test('healthcheck asks the daemon of the folder, not the one that was signed in to', async () => {
    const server = await startScriptedServer()
    server.react = (_request, response) => sendJson(response, 200, { status: 'ready', checks: {} })
    signInTo('http://127.0.0.1:1')
    write('.env', `PORT=${new URL(server.url).port}`)
    expect(await sandbox.run({ argv: ['healthcheck', '-o', 'name'] })).toMatchObject({
      code: 0,
      stdout: 'ready\n',
    })
    await server.stop()
  })
})

describe('words that lead on', () => {
  test.each(['AUTHCTL_TOKEN', 'AUTHCTL_TOKEN_FILE'])(
    'CLI-C15: the hint names %s when its token is refused',
    async (name) => {
      const server = await startScriptedServer()
      server.react = (_request, response) =>
        sendJson(response, 401, { code: 'invalid_token', status: 401, detail: 'No.' })
      write('token', 'x.y.z')
      const value = name === 'AUTHCTL_TOKEN' ? 'x.y.z' : join(sandbox.directory, 'token')
      const { code, stderr } = await sandbox.run({
        argv: ['whoami', '--server', server.url],
        env: { [name]: value },
      })
      expect(code).toBe(4)
      expect(stderr).toContain(`The token came from ${name}, which wins over any session`)
      expect(stderr).not.toContain('x.y.z')
      await server.stop()
    },
  )

  test('CLI-C18: a weak password is told once', async () => {
    const { code, stderr } = await sandbox.run({
      argv: ['bootstrap', '--username', 'root', '--password-stdin'],
      stdin: { text: 'short' },
    })
    expect(code).toBe(64)
    expect(stderr.match(/at least 15 characters/g)).toHaveLength(1)
  })

  test('CLI-C18: one mistake is told once, and of very many the first ones', async () => {
    const server = await startScriptedServer()
    const mistake = (index: number) => ({ pointer: `/${index}`, code: 'x', detail: 'Wrong.' })
    const errors = [mistake(0), mistake(0), ...Array.from({ length: 30 }, (_, index) => mistake(index))]
    server.react = (_request, response) =>
      sendJson(response, 400, { code: 'conflict', status: 400, detail: 'No.', errors })
    const { stderr } = await sandbox.run({
      argv: ['whoami', '--server', server.url],
      env: { AUTHCTL_TOKEN: 'x.y.z' },
    })
    expect(stderr.match(/\/0: Wrong\./g)).toHaveLength(1)
    expect(stderr).toContain('/19: Wrong.\n  - and 10 more; all of them with --json\n')
    expect(stderr).not.toContain('/20:')
    await server.stop()
  })
})
