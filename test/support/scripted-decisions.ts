import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { canonicalJson } from '../../policies/engine/canonical-json.ts'
import type { Statement } from '../../policies/index.ts'
import { sendJson, startScriptedServer, type SeenRequest } from './scripted-server.ts'

/** The issuer of what the scripted daemon signs, and to whom it says it. */
export const ISSUER = 'https://auth.example.org'
export const AUDIENCE = 'cli_owner'

const digest = (value: unknown): string =>
  createHash('sha256').update(canonicalJson(value)).digest('base64url')

/** What is told of an account; the rest is made up. */
interface Facts {
  readonly id: string
  readonly path: string
  readonly status?: 'active' | 'disabled'
  readonly policies?: readonly string[]
  readonly attributes?: Readonly<Record<string, string | number | boolean>>
}

interface Told {
  readonly reset?: boolean
  readonly accounts?: readonly string[]
  readonly ended_accounts?: readonly { id: string; at: string }[]
  readonly ended_sessions?: readonly { id: string; at: string }[]
  readonly ending?: 'draining' | null
  readonly as_of?: string
  readonly [more: string]: unknown
}

const ROLES: Readonly<Record<string, string>> = {
  adm: 'admin',
  cli: 'client',
  sub: 'sub-client',
  usr: 'user',
}

/**
 * A server that speaks the protocol of local decisions as a test tells it to: real HTTP, real signatures, and
 * everything that a real daemon never does.
 */
export const startScriptedDecisions = async () => {
  const server = await startScriptedServer()
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const kid = 'k'.repeat(43)
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid }]
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  const streams = new Set<ServerResponse>()
  const accounts = new Map<string, object>()
  const policies = new Map<string, readonly Statement[]>()
  let position = 0
  let services = ['orders']
  let language = 1
  let nonce: string | null = null

  const signed = (typ: string, claims: object): string => {
    const named = nonce === null ? {} : { nonce }
    const payload = { iss: ISSUER, aud: AUDIENCE, iat: Math.floor(Date.now() / 1000), ...named, ...claims }
    const input = `${encode({ alg: 'EdDSA', typ, kid })}.${encode(payload)}`
    return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`
  }
  const signedBody = <T extends object>(typ: string, body: T) => ({
    ...body,
    signature: signed(typ, { digest: digest(body) }),
  })

  const documentOf = (statements: readonly Statement[]) => ({
    Statement: statements,
    at: statements.map((_statement, index) => index),
  })
  const state = () => ({
    format: 1,
    language,
    audience: AUDIENCE,
    services,
    heads: {},
    policies: Object.fromEntries(
      [...policies].map(([name, statements]) => [
        name,
        { document: digest(documentOf(statements)), size: statements.length },
      ]),
    ),
    attachments: { root: [{ to: ['role:user'], policies: ['root/users'], boundary: null }] },
    declared: {
      root: [
        {
          service: 'orders',
          actions: { Read: { resources: ['order'], keys: ['orders.total'] } },
          resource_types: { order: {} },
          context_keys: { 'orders.total': { type: 'number', always: false } },
        },
      ],
    },
    above: [],
  })
  const snapshot = () => {
    const documents = Object.fromEntries(
      [...policies.values()].map((statements) => [digest(documentOf(statements)), documentOf(statements)]),
    )
    const revision = digest(state())
    return {
      ...state(),
      revision,
      since: null,
      documents,
      signature: signed('authctl-snapshot+jws', { revision }),
    }
  }
  const changes = (told: Told = {}) =>
    signedBody('authctl-changes+jws', {
      format: 1,
      audience: AUDIENCE,
      position: `p${++position}`,
      as_of: new Date().toISOString(),
      revision: digest(state()),
      reset: false,
      accounts: [] as readonly string[],
      ended_accounts: [],
      ended_sessions: [],
      ending: null,
      ...told,
    })
  const factsPage = (ids: readonly string[]) =>
    signedBody('authctl-accounts+jws', {
      format: 1,
      audience: AUDIENCE,
      accounts: ids.flatMap((id) => accounts.get(id) ?? []),
      missing: ids.filter((id) => !accounts.has(id)),
      next_cursor: null,
    })

  const openStream = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    streams.add(response)
    response.on('close', () => streams.delete(response))
    response.write(`data: ${JSON.stringify(changes())}\n\n`)
  }

  const daemon = {
    url: server.url,
    keys,
    seen: server.seen,
    streams,
    policies,
    changes,
    snapshot,
    factsPage,
    signedBody,
    /** An access token of this moment, or as the claims say. */
    mint: (claims: object = {}): string => {
      const issuedAt = Math.floor(Date.now() / 1000)
      return signed('at+jwt', {
        aud: 'authctl',
        sub: 'usr_1',
        id: 'usr_1',
        jti: 'j',
        client_id: 'c',
        sid: 'ses_1',
        role: 'user',
        exp: issuedAt + 900,
        ...claims,
      })
    },
    /** Answers some requests otherwise; undefined: as always. */
    answer: undefined as ((request: SeenRequest, response: ServerResponse) => boolean) | undefined,
    setLanguage: (next: number): void => void (language = next),
    setServices: (next: string[]): void => void (services = next),
    put: ({ id, path, ...more }: Facts): void =>
      void accounts.set(id, {
        id,
        path,
        role: ROLES[id.split('_')[0] ?? ''] ?? 'user',
        status: 'active',
        attributes: {},
        policies: [],
        boundary: null,
        marks: [`role:${ROLES[id.split('_')[0] ?? ''] ?? 'user'}`],
        version: 1,
        ...more,
      }),
    /** Tells everybody who follows. */
    tell: (told: Told = {}): void => {
      const text = `data: ${JSON.stringify(changes(told))}\r\n\r\n`
      for (const stream of streams) stream.write(text)
    },
    /** Ends every stream without a word. */
    cut: (): void => {
      for (const stream of streams) stream.destroy()
    },
    stop: () => server.stop(),
  }

  server.react = (request, response) => {
    const { pathname, searchParams } = new URL(request.url, server.url)
    nonce = searchParams.get('nonce')
    if (daemon.answer?.(request, response) === true) return
    if (pathname === '/.well-known/jwks.json') return sendJson(response, 200, { keys })
    if (pathname === '/policies/snapshot') return sendJson(response, 200, snapshot())
    if (pathname === '/policies/events') return openStream(response)
    if (pathname === '/policies/agents')
      return sendJson(response, 200, { detail: 'Noted.', next_report_seconds: 1 })
    if (pathname === '/policies/changes') return sendJson(response, 200, changes())
    if (pathname === '/policies/snapshot/accounts')
      return sendJson(response, 200, factsPage((searchParams.get('ids') ?? '').split(',')))
    sendJson(response, 503, { code: 'unavailable', detail: 'not now' })
  }
  return daemon
}

/** A server that speaks the protocol of local decisions. */
export type ScriptedDecisions = Awaited<ReturnType<typeof startScriptedDecisions>>
