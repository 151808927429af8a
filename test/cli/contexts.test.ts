import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { INFO, type ScriptedServer, sendJson, startScriptedServer } from '../support/scripted-server.ts'
import { createSandbox, type Invocation, type Outcome, type Sandbox } from './run-cli.ts'
import { runOnTerminal } from './terminal.ts'

let here: ScriptedServer
let there: ScriptedServer
let sandbox: Sandbox
beforeAll(async () => {
  ;[here, there] = [await startScriptedServer(), await startScriptedServer()]
})
afterAll(async () => {
  await Promise.all([here.stop(), there.stop()])
})

const jwt = (claims: object): string =>
  ['{}', JSON.stringify(claims)].map((part) => Buffer.from(part).toString('base64url')).join('.') + '.x'

const ACCOUNT = { id: 'adm_1', role: 'admin', name: 'Asha', username: 'asha', phone: null }

beforeEach(() => {
  sandbox = createSandbox()
  for (const server of [here, there]) {
    server.seen.length = 0
    server.react = ({ url, method }, response) => {
      if (url.endsWith('/login'))
        return sendJson(response, 200, {
          detail: 'd',
          account: ACCOUNT,
          token: { access_token: jwt({ iss: server.url }), expires_in: 900, token_type: 'Bearer' },
        })
      if (url === '/') return sendJson(response, 200, INFO)
      if (url === '/auth/me') return sendJson(response, 200, ACCOUNT)
      if (url === '/auth/sessions' && method === 'GET') return sendJson(response, 200, { items: [] })
      return sendJson(response, 200, { detail: 'd', items: [], next_cursor: null, revoked: 0 })
    }
  }
})
afterEach(() => sandbox.remove())

const run = async (line: string, more: Omit<Invocation, 'argv'> = {}): Promise<Outcome> =>
  await sandbox.run({ ...more, argv: line.split(' ') })

const ok = async (line: string, more: Omit<Invocation, 'argv'> = {}): Promise<Outcome> => {
  const outcome = await run(line, more)
  expect(outcome.code, outcome.stderr).toBe(0)
  return outcome
}

const login = (name: string): Promise<Outcome> =>
  ok(`login --role admin --username asha --password-stdin --context ${name}`, { stdin: { text: 'p' } })

/** Two contexts of two servers, signed in to both; a third, of the first server, is not signed in. */
const twoContexts = async (): Promise<void> => {
  await ok(`context add staging --server ${here.url} --use`)
  await ok(`context add production --server ${there.url} --protected`)
  await ok(`context add other --server ${here.url}/`)
  await login('staging')
  await login('production')
  for (const server of [here, there]) server.seen.length = 0
}

/** The servers that a command asks. */
const asked = async (line: string, more: Omit<Invocation, 'argv'> = {}): Promise<string[]> => {
  for (const server of [here, there]) server.seen.length = 0
  await run(line, more)
  return [here, there].flatMap((server, index) =>
    server.seen.length === 0 ? [] : [['staging', 'production'][index] ?? ''],
  )
}

const CHANGE = 'places delete depot-7'

describe('CLI-C14: contexts', () => {
  test('they are added, listed with who is signed in, made current, and taken away with their sign-in', async () => {
    await twoContexts()
    const { stdout } = await run('context list')
    expect(stdout).toBe(
      [
        'NAME\tCURRENT\tSERVER\tPROTECTED\tSIGNED IN',
        `other\tfalse\t${here.url}\tfalse\t`,
        `production\tfalse\t${there.url}\ttrue\tadmin asha`,
        `staging\ttrue\t${here.url}\tfalse\tadmin asha\n`,
      ].join('\n'),
    )
    const file = join(sandbox.configDirectory, 'contexts.json')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect((await run(`context add staging --server ${there.url}`)).code).toBe(5)
    expect((await run(`context add staging --server ${here.url}`)).code).toBe(0)
    expect((await run('context use nowhere')).stderr).toContain('Those there are: other, production, staging')
    await ok('context use production')
    const removed = await ok('context remove production')
    expect(removed.stderr).toContain('Its sign-in is removed')
    expect(readFileSync(join(sandbox.configDirectory, 'credentials.json'), 'utf8')).not.toContain(there.url)
    expect(JSON.parse(readFileSync(file, 'utf8'))).not.toHaveProperty('current')
    chmodSync(file, 0o644)
    expect((await run('whoami')).stderr).toContain(`chmod 600 ${file}`)
  })

  test('flag beats environment beats .authctl.yaml beats the current one', async () => {
    await twoContexts()
    const repository = join(sandbox.directory, 'repository')
    const cwd = join(repository, 'deep')
    mkdirSync(cwd, { recursive: true })
    mkdirSync(join(repository, '.git'))
    // Above the repository nothing is looked at.
    writeFileSync(join(sandbox.directory, '.authctl.yaml'), 'context: nowhere\n')
    expect(await asked('whoami', { cwd })).toEqual(['staging'])
    writeFileSync(join(repository, '.authctl.yaml'), '# ours\ncontext: production\n')
    expect(await asked('whoami', { cwd })).toEqual(['production'])
    const env = { AUTHCTL_CONTEXT: 'staging' }
    expect(await asked('whoami', { cwd, env })).toEqual(['staging'])
    expect(await asked('whoami --context production', { cwd, env })).toEqual(['production'])
    expect(await asked(`whoami --server ${here.url}`, { cwd })).toEqual([])
    for (const [line, more, words] of [
      [`whoami --server ${here.url} --context staging`, {}, '--server and --context both name a server'],
      ['whoami', { env: { ...env, AUTHCTL_SERVER: here.url } }, 'AUTHCTL_SERVER and AUTHCTL_CONTEXT both'],
      ['whoami --context nowhere', {}, 'there is no context nowhere (from --context)'],
      ['access check a:B c/d --context x --context y', {}, '--context names two contexts'],
    ] as const)
      expect((await run(line, { cwd, ...more })).stderr).toContain(words)
    for (const text of [
      'server: https://evil.example',
      'context: [a]',
      'context: staging\nserver: x',
      '- a',
      'a: [',
    ]) {
      writeFileSync(join(repository, '.authctl.yaml'), text)
      const { code, stdout, stderr } = await run('whoami', { cwd })
      expect([code, stdout], text).toEqual([64, ''])
      expect(stderr, text).not.toMatch(/:$/m)
    }
  })

  test('a question takes circumstances and a context by the same flag', async () => {
    await twoContexts()
    const line = 'access check orders:Read order/1 --context orders.total=5 --context production'
    expect(await asked(line)).toEqual(['production'])
    expect(there.seen[0]?.body).toContain('"context":{"orders.total":"5"}')
  })

  test('the sign-in of one goes to no other: not of another server, not of the same', async () => {
    await twoContexts()
    const tokens = (server: ScriptedServer) => server.seen.map(({ headers }) => headers.authorization)
    await ok('whoami --context production')
    expect(tokens(there)).toContain(`Bearer ${jwt({ iss: there.url })}`)
    expect(here.seen).toEqual([])
    expect(await run('whoami --context other')).toMatchObject({ code: 4, stdout: '' })
    expect((await run('whoami --context other')).stderr).toContain('authctl login --context other')
    expect(here.seen).toEqual([])
    // A context of its name that leads elsewhere is another one.
    await ok('context remove other')
    await ok(`context add other --server ${there.url}`)
    expect((await run('whoami --context other')).code).toBe(4)
  })

  test('CLI-C15: a token of the environment wins, and is not shown to a server when it is of another', async () => {
    await twoContexts()
    const env = { AUTHCTL_TOKEN: jwt({ iss: here.url, sub: 'adm_9', role: 'admin' }) }
    expect((await ok('whoami', { env })).stdout).toContain(
      'token storage\tthe environment; nothing is stored',
    )
    const refused = await run('whoami --context production', { env })
    expect(refused.code).toBe(4)
    expect(refused.stderr).toContain(`AUTHCTL_TOKEN is a token of ${here.url} (the context other)`)
    expect(there.seen).toEqual([])
    const foreign = { AUTHCTL_TOKEN: jwt({ iss: 'https://elsewhere.example' }) }
    expect(await asked('whoami --context production', { env: foreign })).toEqual(['production'])
  })

  test('what changes something says first in which context, on which server and as whom; what reads does not', async () => {
    await twoContexts()
    const changed = await ok(`${CHANGE} --yes`)
    expect(changed.stderr).toBe(`On staging (${here.url}) as the admin asha (adm_1).\n`)
    expect((await ok('places list')).stderr).toBe('no places\n')
    const env = { AUTHCTL_TOKEN: jwt({ sub: 'adm_9', role: 'admin' }), AUTHCTL_SERVER: here.url }
    expect((await ok(`${CHANGE} --yes`, { env })).stderr).toBe(
      `On ${here.url} as the admin adm_9 (by AUTHCTL_TOKEN).\n`,
    )
  })

  test('in a protected one nothing is changed before its name was given', async () => {
    await twoContexts()
    const deletions = () => there.seen.filter(({ method }) => method === 'DELETE').length
    for (const [line, env] of [
      [`${CHANGE} --yes`, { AUTHCTL_CONTEXT: 'production' }],
      [`${CHANGE} --context production`, {}],
    ] as const) {
      const refused = await run(line, { env })
      expect(refused, line).toMatchObject({ code: 7, stdout: '' })
    }
    expect(deletions()).toBe(0)
    expect((await ok('places list --context production')).code).toBe(0)
    await ok(`${CHANGE} --yes --context production`)
    expect(deletions()).toBe(1)

    const typing = (name: string) =>
      runOnTerminal(
        sandbox,
        [...CHANGE.split(' '), '--yes'],
        [{ when: 'Type its name to go on: ', type: `${name}\r` }],
        { AUTHCTL_CONTEXT: 'production' },
      )
    const wrong = await typing('staging')
    expect([wrong.code, deletions()]).toEqual([7, 1])
    const right = await typing('production')
    expect([right.code, deletions()]).toEqual([0, 2])
    expect(right.stdout).toContain(`On production, protected (${there.url}) as the admin asha (adm_1).`)
  })

  test('CLI-C15: a token on standard input is kept once its server has taken it', async () => {
    await ok(`context add staging --server ${here.url} --use`)
    const token = jwt({ iss: here.url, sub: 'adm_1', role: 'admin', exp: 4_000_000_000 })
    const kept = await ok('login --with-token', { stdin: { text: `${token}\n` } })
    expect(kept.stdout + kept.stderr).not.toContain(token)
    const { stdout } = await ok('auth status --json')
    expect(JSON.parse(stdout)).toMatchObject({
      context: 'staging',
      server: here.url,
      token: { storage: 'a file of mode 0600, not encrypted', expires_at: '2096-10-02T07:06:40.000Z' },
    })
    expect((await run('login --with-token', { stdin: { text: 'no token' } })).code).toBe(64)
    here.react = (_request, response) =>
      sendJson(response, 401, { code: 'invalid_token', status: 401, detail: 'No.' })
    expect((await run('login --with-token', { stdin: { text: token } })).code).toBe(4)
  })
})
