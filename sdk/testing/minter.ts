import { ArgumentError } from '../errors.ts'
import { createRandomId } from '../identity.ts'
import type { Jwk } from '../server/keys.ts'
import { type AccountAuth, type ApplicationAuth, base64url } from '../server/token.ts'

/** What a minter is made of. */
export interface MinterOptions {
  /** Stands in the tokens, and must be the `issuer` of the verifier. Default `https://auth.test`. */
  readonly issuer?: string | undefined
  /** Default `authctl`, as that of the daemon and of the verifier. */
  readonly audience?: string | undefined
  /** The time in milliseconds since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined
}

interface Lifetime {
  /** Default 900, as the daemon's; at most 3600, or verifiers refuse the token. */
  readonly lifetimeSeconds?: number | undefined
}
type MintedApplication = Partial<Omit<ApplicationAuth, 'clientId'>> & Pick<ApplicationAuth, 'role'>

/**
 * Whom a token speaks for, and when; what is left out is somebody who signed in just now, or an application
 * with `role: 'application'`.
 */
export type MintedToken = (Partial<AccountAuth> | MintedApplication) & Lifetime

/** Signs access tokens as the daemon does (RFC 9068), by a key that lives as long as the process. */
export interface TokenMinter {
  readonly issuer: string
  readonly audience: string
  readonly mint: (token?: MintedToken) => Promise<string>
  /** Give it to `createVerifier({ keys })`. */
  readonly keys: readonly Jwk[]
  /** Answers the issuer's `/.well-known/jwks.json`, as the daemon does, and 404 to everything else. */
  readonly fetch: typeof globalThis.fetch
}

const toBase64Url = (bytes: Uint8Array): string => base64url(String.fromCharCode(...bytes))

const encoder = new TextEncoder()
const encode = (part: object): string => toBase64Url(encoder.encode(JSON.stringify(part)))

const accountClaims = ({
  accountId = 'usr_01k3v9xq2m8rjt5w7ybd4gnhce',
  role = 'user',
  sessionId = 'ses_01k3v9zt7e1qwb6m3kxfdrnj8h',
  clientId = 'authctl',
}: Partial<AccountAuth>) => ({ client_id: clientId, sid: sessionId, role, id: accountId, sub: accountId })

const applicationClaims = ({
  applicationId = 'app_01k3v9xq2m8rjt5w7ybd4gnhce',
  role,
  ownerId = 'cli_01k3v9xq2m8rjt5w7ybd4gnhce',
  keyId = 'key_01k3v9xq2m8rjt5w7ybd4gnhce',
  scope,
}: MintedApplication) => ({
  client_id: applicationId,
  role,
  id: applicationId,
  sub: applicationId,
  owner_id: ownerId,
  key_id: keyId,
  scope: scope?.join(' '),
})

/** The name of a key (RFC 7638 section 3.2). */
const thumbprintOf = async ({ crv, kty, x }: Pick<Jwk, 'crv' | 'kty' | 'x'>): Promise<string> => {
  const members = encoder.encode(JSON.stringify({ crv, kty, x }))
  return toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', members)))
}

/** Makes a key, which is new each time, and what signs with it: to other minters its tokens are forged. */
export const createTokenMinter = async (options: MinterOptions = {}): Promise<TokenMinter> => {
  const { issuer = 'https://auth.test', audience = 'authctl', now = Date.now } = options
  const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new ArgumentError('this platform makes no key pair for Ed25519')
  const { kty = '', crv = '', x = '' } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  const kid = await thumbprintOf({ kty, crv, x })
  const keys: readonly Jwk[] = [{ kty, crv, x, kid, alg: 'EdDSA', use: 'sig' }]
  const jwksUrl = `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`

  return {
    issuer,
    audience,
    keys,
    mint: async (token = {}) => {
      const { issuedAt = Math.floor(now() / 1000), lifetimeSeconds = 900 } = token
      const { expiresAt = issuedAt + lifetimeSeconds } = token
      const whom = token.role === 'application' ? applicationClaims(token) : accountClaims(token)
      const claims = {
        ...whom,
        iss: issuer,
        aud: audience,
        iat: issuedAt,
        exp: expiresAt,
        jti: createRandomId(),
      }
      const signed = `${encode({ alg: 'EdDSA', typ: 'at+jwt', kid })}.${encode(claims)}`
      const signature = await crypto.subtle.sign('Ed25519', pair.privateKey, encoder.encode(signed))
      return `${signed}.${toBase64Url(new Uint8Array(signature))}`
    },
    fetch: async (input) => {
      const url = input instanceof Request ? input.url : String(input)
      return url === jwksUrl ? Response.json({ keys }) : new Response(null, { status: 404 })
    },
  }
}
