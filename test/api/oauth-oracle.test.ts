import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApi, FORM, postForm, type Api } from '../support/api.ts'
import { basic, createApplication } from '../support/applications.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'

/*
 * Requests that are wrong in some way, asked of a provider that somebody else has written too: the same
 * status and the same error, or a difference that is named here with its reason.
 */

let daemon: TestDaemon
let ours: Who
let theirs: Api
let server: Server
const PEER = { id: 'shop', secret: 'a-secret-of-the-peer' }

let client: string
useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => {
  daemon = home.daemon
  client = home.family.client.access
})

beforeAll(async () => {
  const { id, key: secret } = await createApplication(daemon.api, client)
  ours = { id, secret }
  server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const grants = ['client_credentials', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code']
  const provider = new Provider(url, {
    clients: [
      {
        client_id: PEER.id,
        client_secret: PEER.secret,
        grant_types: [...grants, 'authorization_code'],
        redirect_uris: ['https://shop.example/cb'],
      },
      {
        client_id: 'authctl-cli',
        grant_types: grants.slice(1),
        token_endpoint_auth_method: 'none',
        redirect_uris: [],
        response_types: [],
      },
    ],
    features: {
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      deviceFlow: { enabled: true },
      devInteractions: { enabled: false },
    },
  })
  server.on('request', (request, response) => void provider.callback()(request, response))
  theirs = createApi(url)
})
afterAll(() => {
  server?.closeAllConnections()
  server?.close()
})

type Who = { readonly id: string; readonly secret: string }

/** How an application says who it is, right or wrong: parameters, and the header. */
const CLAIMS: Readonly<Record<string, (who: Who) => { fields?: string; authorization?: string }>> = {
  nobody: () => ({}),
  'by the header': ({ id, secret }) => basic(id, secret),
  'by a wrong secret': ({ id, secret }) => basic(id, `${secret.slice(0, -1)}!`),
  'as somebody unknown': ({ secret }) => basic('app_unknown', secret),
  'by a header that is none': () => ({ authorization: 'Basic %%%' }),
  'without a colon': () => ({ authorization: `Basic ${Buffer.from('nothing').toString('base64')}` }),
  'in two ways': ({ id, secret }) => ({
    ...basic(id, secret),
    fields: `client_id=${id}&client_secret=${encodeURIComponent(secret)}`,
  }),
  'as two applications': ({ id, secret }) => ({ ...basic(id, secret), fields: 'client_id=other' }),
  'without its secret': ({ id }) => ({ fields: `client_id=${id}` }),
  'by a repeated name': ({ id }) => ({ fields: `client_id=${id}&client_id=${id}` }),
  'as the command line': () => ({ fields: 'client_id=authctl-cli' }),
}

const DEVICE_GRANT = 'grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code'

/** What is asked for, without who asks. */
const ASKED: Readonly<Record<string, readonly string[]>> = {
  token: [
    '',
    'grant_type=',
    'grant_type=none',
    'grant_type=password&username=a&password=b',
    'grant_type=constructor',
    'grant_type=refresh_token',
    'grant_type=refresh_token&refresh_token=',
    'grant_type=refresh_token&refresh_token=garbage',
    'grant_type=refresh_token&refresh_token=a&refresh_token=b',
    'grant_type=client_credentials&grant_type=client_credentials',
    'grant_type=client_credentials&scope=a&scope=b',
    DEVICE_GRANT,
    `${DEVICE_GRANT}&device_code=garbage`,
    `${DEVICE_GRANT}&device_code=`,
  ],
  introspect: ['', 'token=', 'token=garbage', 'token=a&token=b', 'token=garbage&token_type_hint=none'],
  revoke: ['', 'token=', 'token=garbage', 'token=a&token=b', 'token=garbage&token_type_hint=none'],
  device: ['', 'unknown=1', 'scope=a&scope=b'],
}

const PATHS: Readonly<Record<string, readonly [ours: string, theirs: string]>> = {
  token: ['/oauth/token', '/token'],
  introspect: ['/oauth/introspect', '/token/introspection'],
  revoke: ['/oauth/revoke', '/token/revocation'],
  device: ['/oauth/device_authorization', '/device/auth'],
}

const TYPES = [FORM, 'application/json', 'text/plain']

const answered = async (api: Api, path: string, body: string, headers: Record<string, string>) => {
  const answer = await postForm(api, path, body, headers)
  const error = answer.body['error']
  return `${answer.status}${error === undefined ? '' : ` ${String(error)}`}`
}

/** One request that the two have answered differently. */
interface Difference {
  readonly endpoint: string
  readonly how: string
  readonly body: string
  readonly own: string
  readonly peer: string
}

const UNPROVED = ['nobody', 'by a header that is none', 'without a colon', 'as two applications']
const WRONG = ['as somebody unknown', 'by a wrong secret', 'without its secret']

/** Where both answers differ, and why ours is what it is. Each must come up. */
const DIFFERENCES: Readonly<Record<string, (difference: Difference) => boolean>> = {
  // RFC 6749 section 5.2: `invalid_client` where no authentication is included or it is none that is known,
  // and 401 where the header was tried. The peer calls both a malformed request.
  'no proof, or one that cannot be read, is no client': ({ how, own, peer }) =>
    UNPROVED.includes(how) && own === '401 invalid_client' && peer === '400 invalid_request',
  // No RFC says which of two errors comes first. Here what is no request costs no look at a secret.
  'of a wrong secret and a wrong parameter, the parameter is told': ({ how, own, peer }) =>
    WRONG.includes(how) && own === '400 invalid_request' && peer === '401 invalid_client',
  // Nothing was sent, so that its type says nothing (RFC 9110 section 8.3).
  'an empty body has no type': ({ endpoint, how, body, own, peer }) =>
    endpoint === 'device' &&
    body === '' &&
    peer === '400 invalid_request' &&
    (WRONG.includes(how) ? own === '401 invalid_client' : own === '400 unauthorized_client'),
  // RFC 8628 section 3.1 leaves it to the server: here the command line alone asks for devices.
  'applications have no devices': ({ endpoint, how, own, peer }) =>
    endpoint === 'device' && how === 'by the header' && own === '400 unauthorized_client' && peer === '200',
  // RFC 7662 section 2.1 wants the caller authorised, against scanning for tokens: a name alone is no proof.
  'who has no secret is told nothing of tokens': ({ endpoint, how, own, peer }) =>
    endpoint === 'introspect' &&
    how === 'as the command line' &&
    own === '401 invalid_client' &&
    peer === '200',
}

/** Every request, in its four parts. */
const requests = Object.entries(ASKED).flatMap(([endpoint, bodies]) =>
  Object.keys(CLAIMS).flatMap((how) =>
    bodies.flatMap((body) =>
      (body === '' || body.includes('garbage') ? TYPES : [FORM]).map((type) => ({
        endpoint,
        how,
        body,
        type,
      })),
    ),
  ),
)

test('I6: five hundred malformed requests are refused as by a provider that others have written', async () => {
  expect(requests.length).toBeGreaterThanOrEqual(500)
  const ask = (index: 0 | 1, { endpoint, how, body, type }: (typeof requests)[number]) => {
    const { fields = '', ...header } = CLAIMS[how]?.(index === 0 ? ours : PEER) ?? {}
    const headers = { 'content-type': type, ...header }
    const text = [fields, body].filter((part) => part !== '').join('&')
    return answered(index === 0 ? daemon.api : theirs, PATHS[endpoint]?.[index] ?? '', text, headers)
  }
  const found = new Set<string>()
  const unexplained: object[] = []
  let successes = 0
  for (const request of requests) {
    const [own, peer] = await Promise.all([ask(0, request), ask(1, request)])
    if (own === '200') successes += 1
    if (own === peer) continue
    const reasons = Object.keys(DIFFERENCES).filter((name) => DIFFERENCES[name]?.({ ...request, own, peer }))
    if (reasons.length === 0) unexplained.push({ ...request, own, peer })
    for (const reason of reasons) found.add(reason)
  }
  expect(unexplained).toEqual([])
  expect([...found].sort()).toEqual(Object.keys(DIFFERENCES).sort())
  // Garbage is introspected and revoked with success; nearly everything else is refused.
  expect(successes).toBeLessThan(requests.length / 10)
})
