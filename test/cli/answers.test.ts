import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox, type Outcome, type Sandbox } from './run-cli.ts'
import { BIN } from './spawn-cli.ts'

interface Answer {
  readonly status: number
  readonly code?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Instead of problem details. */
  readonly body?: string
}

let server: Server
let url: string
let sandbox: Sandbox
let answer: (request: IncomingMessage, response: ServerResponse) => void

beforeAll(async () => {
  server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

const answerWith =
  ({ status, code = 'x', headers = {}, body }: Answer) =>
  (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(status, {
      'content-type': 'application/problem+json',
      'x-request-id': 'req-7',
      ...headers,
    })
    response.end(
      body ?? JSON.stringify({ title: 'T', status, detail: 'What went wrong.', code, instance: 'req-7' }),
    )
  }

const WAIT_LONG = { 'retry-after': '60' }
const MUTE = (): void => undefined

const cases: readonly (Answer & { exit: number; stderr: RegExp })[] = [
  {
    status: 401,
    code: 'invalid_token',
    exit: 4,
    stderr:
      /What went wrong\. \(request req-7\)\nThe token came from AUTHCTL_TOKEN, [^\n]*: authctl login\n$/,
  },
  { status: 403, code: 'forbidden', exit: 4, stderr: /What went wrong/ },
  {
    status: 404,
    code: 'not_found',
    exit: 1,
    stderr:
      /there is no account cli_0+ that you see \(request req-7\)\nThose below you: authctl clients list/,
  },
  { status: 409, code: 'conflict', exit: 5, stderr: /What went wrong/ },
  { status: 409, code: 'idempotency_in_progress', exit: 75, stderr: /What went wrong/ },
  { status: 412, code: 'precondition_failed', exit: 5, stderr: /changed since it was read[^]*repeat/ },
  { status: 428, code: 'precondition_required', exit: 5, stderr: /exists already[^]*repeat/ },
  { status: 400, code: 'invalid_phone', exit: 64, stderr: /What went wrong/ },
  {
    status: 429,
    code: 'rate_limited',
    headers: WAIT_LONG,
    exit: 75,
    stderr: /^Error: too many requests \(request req-7\)\nTry again in 60 seconds/,
  },
  ...[
    ['119', '119 seconds'],
    ['600', '10 minutes'],
    ['601', '11 minutes'],
    ['3600', '60 minutes'],
    ['86400', '24 hours'],
  ].map(([wait = '', words]) => ({
    status: 429,
    code: 'rate_limited',
    headers: { 'retry-after': wait },
    exit: 75,
    stderr: new RegExp(`Try again in ${words}\\.\n`),
  })),
  { status: 503, code: 'overloaded', headers: WAIT_LONG, exit: 75, stderr: /Try again in 60 seconds/ },
  { status: 500, code: 'internal', exit: 1, stderr: /\(request req-7\)/ },
  { status: 502, body: '<html>Bad gateway</html>', exit: 1, stderr: /answered 502/ },
]

describe('what the server answers', () => {
  let current: Sandbox | undefined
  afterEach(() => current?.remove())
  const run = async (argv: readonly string[], env: Record<string, string> = {}): Promise<Outcome> => {
    current = createSandbox()
    return await current.run({ argv, env: { AUTHCTL_SERVER: url, AUTHCTL_TOKEN: 'x.y.z', ...env } })
  }

  test.each(cases)('CLI-C5: $status $code exits $exit', async ({ exit, stderr, ...given }) => {
    answer = answerWith(given)
    const outcome = await run(['clients', 'get', 'cli_00000000000000000000000000'])
    expect(outcome).toMatchObject({ code: exit, stdout: '' })
    expect(outcome.stderr).toMatch(stderr)
    expect(outcome.stderr).not.toMatch(/\n\s+at /)
  })

  test.each([
    ['a list', ['clients', 'list']],
    ['every page of a list', ['policies', 'list', '--all']],
    ['a list without pages', ['sessions', 'list']],
    ['one thing', ['whoami']],
    ['a change', ['clients', 'disable', 'cli_00000000000000000000000000', '--yes']],
    ['a sign-in by device', ['login', '--device']],
  ])(
    'CLI-C5: another program that answers in the place of the daemon is named, exit 69: %s',
    async (_, argv) => {
      const bodies = ['{}', '[]', 'null', '{"status":"UP"}', '{"items":{}}', '<html>A captive portal</html>']
      for (const given of [
        ...bodies.map((body) => ({ status: 200, body })),
        { status: 302, body: '' },
        { status: 404, body: '<h1>Not Found</h1>' },
        { status: 404, body: '{"status":404,"error":"Not Found","path":"/accounts"}' },
      ]) {
        answer = answerWith(given)
        const outcome = await run(argv)
        expect({ given, ...outcome }).toMatchObject({ code: 69, stdout: '' })
        expect(outcome.stderr).toContain(
          `Error: what answers at ${url} is not an authctl daemon\nAsked ${url}, `,
        )
        current?.remove()
      }
    },
  )

  test('CLI-C29: what a daemon of another version leaves out of an answer does not make it another program', async () => {
    answer = (request, response) => {
      const body = request.url === '/' ? { name: 'authctl', version: '0.0.1' } : { items: [] }
      answerWith({ status: 200, body: JSON.stringify(body) })(request, response)
    }
    expect(await run(['keys', 'list', '--server', url])).toMatchObject({ code: 0 })
    expect(await run(['sessions', 'list'])).toMatchObject({ code: 0 })
  })

  test('CLI-C12: under --json the error carries code, hint, request id and details', async () => {
    const errors = [{ pointer: '/name', code: 'minLength', detail: 'too short' }]
    answer = answerWith({
      status: 400,
      body: JSON.stringify({ status: 400, code: 'invalid_request', detail: 'd', instance: 'req-7', errors }),
    })
    const { code, stdout, stderr } = await run([
      'admins',
      'create',
      '--name',
      '',
      '--number',
      '+919876543210',
      '--json',
    ])
    expect({ code, stderr }).toEqual({ code: 64, stderr: `On ${url} as the holder of AUTHCTL_TOKEN.\n` })
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'invalid_request',
        message: 'the server does not accept these values',
        requestId: 'req-7',
        details: errors,
      },
    })
  })

  const refuse = (status: number, body: object): void => {
    answer = answerWith({ status, body: JSON.stringify({ status, detail: 'It gives too much.', ...body }) })
  }

  test.each<[name: string, error: object, line: RegExp]>([
    ['a form', { pointer: '/path/id', code: 'pattern', detail: 'x ^y$' }, /^ {2}- ID: An id is [^^]*$/m],
    [
      'a missing parent',
      { pointer: '/client_id', code: 'parent', detail: 'Name the client to create the sub-client under.' },
      /^ {2}- --client: Name the client/m,
    ],
    [
      'an attribute',
      { pointer: '/attributes/tier', code: 'maxLength', detail: 'Too long.' },
      /^ {2}- --attribute tier: Too long\.$/m,
    ],
  ])('CLI-C18: %s that was typed wrongly is told by what was typed, exit 64', async (_, error, line) => {
    refuse(400, { code: 'invalid_request', errors: [error] })
    const { code, stderr } = await run(['clients', 'get', 'cli_00000000000000000000000000'])
    expect({ code, stderr }).toEqual({ code: 64, stderr: expect.stringMatching(line) as string })
  })

  test('CLI-C18: what is wrong in a file stays a failure', async () => {
    refuse(400, {
      code: 'invalid_request',
      errors: [{ pointer: '/features/3', code: 'type', detail: 'No.' }],
    })
    const { code } = await run(['clients', 'get', 'cli_00000000000000000000000000'])
    expect(code).toBe(1)
  })

  test('CLI-C18: a detail that repeats the message is not told twice, and one without a place has none', async () => {
    const errors = [
      { pointer: '', code: 'lacking_right', detail: 'It gives too much.' },
      { pointer: '', code: 'lacking_right', detail: 'And this.' },
    ]
    refuse(403, { code: 'exceeds_ceiling', errors })
    const { stderr } = await run(['clients', 'get', 'cli_00000000000000000000000000'])
    expect(stderr).toMatch(/^Error: It gives too much\. \(request [^)]+\)\n {2}- And this\.\n$/)
  })

  test('CLI-C18: a denial names the command that explains it; under --json its id', async () => {
    refuse(403, { code: 'forbidden', decision_id: 'AX3k_0123456789abc' })
    const argv = ['clients', 'get', 'cli_00000000000000000000000000']
    expect((await run(argv)).stderr).toMatch(
      /^Error: [^\n]+\nNext: authctl access explain --decision AX3k_0123456789abc\n$/,
    )
    const { error } = JSON.parse((await run([...argv, '--json'])).stdout) as { error: object }
    expect(error).toMatchObject({ code: 'forbidden', decisionId: 'AX3k_0123456789abc' })
  })

  test('CLI-C12: an empty list says so on stderr, to people only', async () => {
    answer = answerWith({ status: 200, body: '{"items":[],"next_cursor":null}' })
    expect(await run(['clients', 'list'])).toEqual({ code: 0, stdout: '', stderr: 'no clients\n' })
    expect(await run(['clients', 'list', '-o', 'name'])).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  test('CLI-C18: what the server says cannot drive the terminal', async () => {
    answer = answerWith({
      status: 403,
      body: JSON.stringify({ code: 'forbidden', detail: '\u001b]0;owned\u0007\u202Egnp' }),
    })
    const { stderr } = await run(['whoami'])
    expect(stderr).toMatch(/^Error: \\u\{1b\}\]0;owned\\u\{7\}\\u\{202e\}gnp/)
  })

  test('CLI-C12: what accounts are called cannot drive the terminal either', async () => {
    const item = {
      id: 'adm_1',
      role: 'admin',
      name: '\u001b[2J\nroot',
      username: null,
      phone: null,
      status: 'active',
      parent_id: null,
      created_at: 'now',
    }
    answer = answerWith({ status: 200, body: JSON.stringify({ items: [item], next_cursor: null }) })
    const { code, stdout } = await run(['admins', 'list'])
    expect(code).toBe(0)
    expect(stdout).toBe(
      'ID\tNAME\tUSERNAME\tPHONE\tSTATUS\tPARENT ID\tCREATED AT\nadm_1\t\\u{1b}[2J\\u{a}root\t\t\tactive\t\tnow\n',
    )
  })

  test('CLI-C20: --timeout ends a request that is not answered, exit 69', async () => {
    answer = MUTE
    const { code, stderr } = await run(['admins', 'create', '--name', 'A', '--number', '1', '--timeout', '1'])
    expect(code).toBe(69)
    expect(stderr).toMatch(/no answer from .* within/)
  })

  test('CLI-C5: healthcheck of a daemon that is not ready exits 1 and names the check', async () => {
    answer = answerWith({
      status: 503,
      body: JSON.stringify({ status: 'not-ready', checks: { store: 'failed', keys: 'ok' } }),
    })
    const { code, stderr } = await run(['healthcheck'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/is not ready: store/)
  })

  test.each(['<html>', '{}', 'null', '{"status":"ok"}'])(
    'CLI-C5: healthcheck of another program that answers 200 with %s to everything exits 1',
    async (body) => {
      answer = answerWith({ status: 200, body })
      const { code, stdout, stderr } = await run(['healthcheck'])
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(/is not ready\nSee: authctl doctor\n$/)
    },
  )

  test('CLI-C15: a stored token is sent to its own server only', async () => {
    const seen: (string | undefined)[] = []
    answer = (request, response) => {
      seen.push(request.headers.authorization)
      answerWith({ status: 404 })(request, response)
    }
    current = createSandbox()
    mkdirSync(current.configDirectory, { mode: 0o700 })
    const session = {
      role: 'admin',
      account_id: 'a',
      login: 'a',
      signed_in_at: 'now',
      session: { accessToken: 'x.y.z' },
    }
    writeFileSync(
      join(current.configDirectory, 'credentials.json'),
      JSON.stringify({
        server: 'https://auth.example.com',
        sessions: { 'https://auth.example.com': session },
      }),
      { mode: 0o600 },
    )
    expect((await current.run({ argv: ['whoami', '--server', url] })).code).toBe(4)
    expect(seen).toEqual([])
  })
})

describe('signals', () => {
  beforeAll(() => {
    sandbox = createSandbox()
  })
  afterAll(() => sandbox.remove())

  const start = (argv: readonly string[], env: Record<string, string>) => {
    const child = spawn(process.execPath, [BIN, ...argv], {
      cwd: sandbox.directory,
      env: {
        PATH: process.env['PATH'],
        HOME: sandbox.directory,
        AUTHCTL_CONFIG_DIR: sandbox.configDirectory,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return { child, exited: once(child, 'exit') as Promise<[number | null, string | null]> }
  }

  test('CLI-C5: SIGINT during a request exits 130 without a word', async () => {
    const asked = new Promise<void>((resolve) => {
      answer = () => resolve()
    })
    const { child, exited } = start(['whoami'], { AUTHCTL_SERVER: url, AUTHCTL_TOKEN: 'x.y.z' })
    let printed = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    await asked
    child.kill('SIGINT')
    expect(await exited).toEqual([130, null])
    expect(printed).toBe('')
  })

  test('otp tail --follow prints what is appended, as a line of JSON each, until SIGINT', async () => {
    const data = join(sandbox.directory, 'data')
    const line = (number: string, code: string): string =>
      `${JSON.stringify({ at: '2026-01-01T00:00:00Z', number, code, purpose: 'sign-in', expires_at: '2026-01-01T00:05:00Z' })}\n`
    mkdirSync(data, { mode: 0o700 })
    writeFileSync(
      join(data, 'outbox.jsonl'),
      line('+919876543210', '111111') + line('+14155550100', '222222'),
    )
    const { child, exited } = start(['otp', 'tail', '--follow', '--json', '--number', '9876543210'], {
      AUTHCTL_DATA_DIR: data,
    })
    const codes: string[] = []
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        const lines = chunk.toString().trim().split('\n')
        codes.push(...lines.map((text) => (JSON.parse(text) as { code: string }).code))
        if (codes.length === 1)
          appendFileSync(
            join(data, 'outbox.jsonl'),
            line('+14155550100', '333333') + line('+919876543210', '444444'),
          )
        else resolve()
      })
    })
    child.kill('SIGINT')
    expect(await exited).toEqual([130, null])
    expect(codes).toEqual(['111111', '444444'])
  })

  test('otp tail --once passes over codes that have expired, and says so when there is none', async () => {
    const { code, stderr } = await sandbox.run({
      argv: ['otp', 'tail', '--once'],
      env: { AUTHCTL_DATA_DIR: join(sandbox.directory, 'data') },
    })
    expect(code).toBe(1)
    expect(stderr).toMatch(/no valid code in .*outbox\.jsonl/)
  })
})
