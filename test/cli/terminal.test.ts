import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox, type Sandbox } from './run-cli.ts'
import { runOnTerminal } from './terminal.ts'

const PASSWORD = 'a lantern above nine quiet harbours'
const NOBODY = 'http://127.0.0.1:2'
const ADMIN = 'adm_00000000000000000000000000'
const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const signedIn = { AUTHCTL_SERVER: NOBODY, AUTHCTL_TOKEN: 'x.y.z' }
const disable = ['admins', 'disable', ADMIN]

let sandbox: Sandbox
beforeAll(() => {
  sandbox = createSandbox()
})
afterAll(() => sandbox.remove())

describe('on a terminal', () => {
  test('C11: disable asks, and no means exit 7', async () => {
    const { code, stdout } = await runOnTerminal(
      sandbox,
      disable,
      [{ when: '[y/N] ', type: 'n\r' }],
      signedIn,
    )
    expect(stdout).toContain(`Disable ${ADMIN} and everything below it on ${NOBODY}?`)
    expect(stdout).toContain('not confirmed, nothing was changed')
    expect(code).toBe(7)
  })

  test('C11: just Enter means no', async () => {
    expect((await runOnTerminal(sandbox, disable, [{ when: '[y/N] ', type: '\r' }], signedIn)).code).toBe(7)
  })

  test('C11: yes goes on to the server', async () => {
    expect((await runOnTerminal(sandbox, disable, [{ when: '[y/N] ', type: 'y\r' }], signedIn)).code).toBe(69)
  })

  test('C11: --no-input asks nothing on a terminal either', async () => {
    const { code, stdout } = await runOnTerminal(sandbox, [...disable, '--no-input'], [], signedIn)
    expect(stdout).not.toContain('[y/N]')
    expect(code).toBe(7)
  })

  test('C20: Ctrl-C at a question exits 130', async () => {
    const { code } = await runOnTerminal(sandbox, disable, [{ when: '[y/N] ', type: CTRL_C }], signedIn)
    expect(code).toBe(130)
  })

  test('C20: Ctrl-C at the password exits 130', async () => {
    const argv = ['login', '--username', 'root', '--server', NOBODY]
    expect((await runOnTerminal(sandbox, argv, [{ when: 'Password: ', type: CTRL_C }])).code).toBe(130)
  })

  test('C11: the end of input at a question is no consent', async () => {
    const { code } = await runOnTerminal(sandbox, disable, [{ when: '[y/N] ', type: CTRL_D }], signedIn)
    expect([7, 130]).toContain(code)
  })

  test('C19: a typed password is not shown', async () => {
    const argv = ['login', '--username', 'root', '--server', NOBODY]
    const { code, stdout } = await runOnTerminal(sandbox, argv, [
      { when: 'Password: ', type: `${PASSWORD}\r` },
    ])
    expect(code).toBe(69)
    expect(stdout).not.toContain('lantern')
  })

  test('C19: nor when another question came before it', async () => {
    const { code, stdout } = await runOnTerminal(
      sandbox,
      ['login', '--server', NOBODY],
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

  test('C13: errors are painted, and not under NO_COLOR, TERM=dumb or --no-color', async () => {
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
