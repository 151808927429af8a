import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { INFO, type ScriptedServer, sendJson, startScriptedServer } from '../support/scripted-server.ts'
import { createSandbox, type Outcome, type Sandbox } from './run-cli.ts'
import { runOnTerminal } from './terminal.ts'

const PASSWORD = 'a lantern above nine quiet harbours'
const NOBODY = 'http://127.0.0.1:2'
const ADMIN = 'adm_00000000000000000000000000'
const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const ROOT = 'sa_00000000000000000000000000'
const disable = ['admins', 'disable', ADMIN]

const accountOf = (id: string) => ({
  id,
  role: id === ROOT ? 'super-admin' : 'admin',
  name: id === ROOT ? 'Root' : 'Asha\u001b[2J',
  username: 'a.long.username',
  phone: null,
  status: 'active',
  parent_id: null,
  created_at: '2026-01-01T00:00:00.000Z',
})
const ATTACHMENTS = {
  namespace: 'root',
  revision: 'r1',
  attachments: [{ to: { role: 'admin' }, policies: ['authctl:Admin'] }],
}

let sandbox: Sandbox
let server: ScriptedServer
beforeAll(async () => {
  sandbox = createSandbox()
  server = await startScriptedServer()
  server.react = ({ method, url }, response) => {
    if (url === '/') return sendJson(response, 200, INFO)
    if (url === '/auth/me') return sendJson(response, 200, accountOf(ROOT))
    if (url === '/attachments') return sendJson(response, 200, ATTACHMENTS)
    if (url.startsWith('/accounts?'))
      return sendJson(response, 200, { items: [accountOf(ADMIN)], next_cursor: null })
    if (method === 'GET') return sendJson(response, 200, accountOf(url.split('/')[2] ?? ''))
    return sendJson(response, 503, { status: 503, code: 'unavailable', detail: 'Not now.' })
  }
})
afterAll(async () => {
  await server.stop()
  sandbox.remove()
})

/** On a terminal, signed in to a server that knows two accounts and refuses every change. */
const runSignedIn = (argv: readonly string[], type?: string): Promise<Outcome> =>
  runOnTerminal(sandbox, argv, type === undefined ? [] : [{ when: '[y/N] ', type }], {
    AUTHCTL_SERVER: server.url,
    AUTHCTL_TOKEN: 'x.y.z',
  })

describe('on a terminal', () => {
  test('CLI-C14: disable names the server, who acts and the account, and no means exit 7', async () => {
    const { code, stdout } = await runSignedIn(disable, 'n\r')
    expect(stdout).toContain(`On ${server.url} as the super-admin Root (${ROOT}).`)
    expect(stdout).toContain(`Disable the admin Asha\\u{1b}[2J (${ADMIN}) and everything below it?`)
    expect(stdout).toContain('not confirmed, nothing was changed')
    expect(code).toBe(7)
  })

  test('CLI-C14: an account that deletes or disables itself is told so', async () => {
    for (const verb of ['delete', 'disable'])
      expect((await runSignedIn(['superadmins', verb, ROOT], 'n\r')).stdout).toContain(
        `the super-admin Root (${ROOT})? That is you: you are signed out with it.`,
      )
    expect((await runSignedIn(disable, 'n\r')).stdout).not.toContain('That is you')
  })

  test('CLI-C14: a question needs no right that the deed does not need: who may read nothing is asked by ids', async () => {
    const { react } = server
    server.react = (_request, response) => sendJson(response, 403, { status: 403, code: 'forbidden' })
    const APP = 'app_00000000000000000000000000'
    const claims = { role: 'application', sub: APP, owner_id: ADMIN }
    const AUTHCTL_TOKEN = `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.z`
    for (const [argv, question] of [
      [disable, `Disable the account ${ADMIN} and everything below it?`],
      [['applications', 'delete', APP], `Delete the application ${APP}?`],
      [['places', 'delete', 'depot-7'], 'Delete the place depot-7?'],
      [['services', 'delete', 'orders'], `Delete the service orders of ${ADMIN}?`],
    ] as const) {
      const env = { AUTHCTL_SERVER: server.url, AUTHCTL_TOKEN }
      const { code, stdout } = await runOnTerminal(sandbox, argv, [{ when: '[y/N] ', type: 'n\r' }], env)
      expect(stdout).toContain(`as the application ${APP} (by AUTHCTL_TOKEN).`)
      expect(stdout).toContain(question)
      expect(code).toBe(7)
    }
    server.react = react
  })

  test('CLI-C14: attachments put shows what is added and taken away before it asks', async () => {
    const file = join(sandbox.directory, 'attachments.json')
    writeFileSync(file, '{"attachments":[{"to":{"role":"client"},"policies":["a"],"boundary":"b"}]}')
    const { code, stdout } = await runSignedIn(['attachments', 'put', file], 'n\r')
    expect(stdout).toContain('- role admin: authctl:Admin\r\n+ role client: a, within b\r\n')
    expect(stdout).toContain('Replace the attachments of root? [y/N]')
    expect(code).toBe(7)
  })

  test('CLI-C11: just Enter means no', async () => {
    expect((await runSignedIn(disable, '\r')).code).toBe(7)
  })

  test('CLI-C11: yes goes on to the server', async () => {
    expect((await runSignedIn(disable, 'y\r')).code).toBe(75)
  })

  test('CLI-C11: --no-input asks nothing on a terminal either', async () => {
    const { code, stdout } = await runSignedIn([...disable, '--no-input'])
    expect(stdout).not.toContain('[y/N]')
    expect(code).toBe(7)
  })

  test('CLI-C20: Ctrl-C at a question ends the line and exits 130', async () => {
    const { code, stdout } = await runSignedIn(disable, CTRL_C)
    expect(code).toBe(130)
    expect(stdout).toMatch(/\[y\/N\] [^\n]*\n$/)
  })

  test('CLI-C12: a list on a terminal leaves out what has no room, and says so', async () => {
    const { code, stdout } = await runSignedIn(['admins', 'list'])
    expect(code).toBe(0)
    expect(stdout).toContain('No room for: created at. Widen the terminal, or pass --json.')
  })

  test('CLI-C20: Ctrl-C at the password exits 130', async () => {
    const argv = ['login', '--username', 'root', '--server', NOBODY]
    expect((await runOnTerminal(sandbox, argv, [{ when: 'Password: ', type: CTRL_C }])).code).toBe(130)
  })

  test('CLI-C11: the end of input at a question is no consent', async () => {
    const { code } = await runSignedIn(disable, CTRL_D)
    expect([7, 130]).toContain(code)
  })

  test('CLI-C19: a typed password is not shown', async () => {
    const argv = ['login', '--username', 'root', '--server', NOBODY]
    const { code, stdout } = await runOnTerminal(sandbox, argv, [
      { when: 'Password: ', type: `${PASSWORD}\r` },
    ])
    expect(code).toBe(69)
    expect(stdout).not.toContain('lantern')
  })

  test('CLI-C19: nor when another question came before it', async () => {
    const { code, stdout } = await runOnTerminal(
      sandbox,
      ['login', '--role', 'super-admin', '--server', NOBODY],
      [
        { when: 'Username: ', type: 'root\r' },
        { when: 'Password: ', type: `${PASSWORD}\r` },
      ],
    )
    expect(code).toBe(69)
    expect(stdout).toContain('root')
    expect(stdout).not.toContain('lantern')
  })

  test('bootstrap asks for the password twice and refuses two that differ', async () => {
    const { code, stdout } = await runOnTerminal(
      sandbox,
      ['bootstrap', '--username', 'root'],
      [
        { when: 'more): ', type: `${PASSWORD}\r` },
        { when: 'again: ', type: 'another one that is long\r' },
      ],
    )
    expect(stdout).toContain('the two passwords differ')
    expect(code).toBe(64)
  })

  test('CLI-C13: errors are painted, and not under NO_COLOR, TERM=dumb or --no-color', async () => {
    const red = '\u001b[31mError:'
    const screen = async (argv: string[], env: Record<string, string> = {}): Promise<string> =>
      (await runOnTerminal(sandbox, argv, [], env)).stdout
    expect(await screen(['whoami'])).toContain(red)
    for (const plain of [
      await screen(['whoami'], { NO_COLOR: '1' }),
      await screen(['whoami'], { TERM: 'dumb' }),
      await screen(['whoami', '--no-color']),
    ]) {
      expect(plain).toContain('Error:')
      expect(plain).not.toContain('\u001b[')
    }
  })
})
