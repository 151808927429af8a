import { ArgumentError } from '../errors.ts'
import { createRandomId } from '../identity.ts'
import { base64url } from './token.ts'

/** A key of WebCrypto that signs. */
export type SigningKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

/** A private key as a JWK (RFC 7517): P-256, Ed25519 or RSA. With a `kid`, assertions name it. */
export interface PrivateJwk {
  readonly kty: string
  readonly kid?: string
  readonly crv?: string
  readonly x?: string
  readonly y?: string
  readonly d?: string
  readonly n?: string
  readonly e?: string
  readonly p?: string
  readonly q?: string
  readonly dp?: string
  readonly dq?: string
  readonly qi?: string
}

/** The private half of a key pair of an application: of WebCrypto, a JWK, or PEM of PKCS #8 (RFC 7468). */
export type PrivateKey = SigningKey | PrivateJwk | string

/** What an assertion is for. */
export interface AssertionFor {
  readonly applicationId: string
  /** The issuer, or the URL of its token endpoint. */
  readonly audience: string
}

interface Scheme {
  readonly alg: 'ES256' | 'EdDSA' | 'RS256'
  /** As WebCrypto names it, for the import and the signature. */
  readonly algorithm: {
    readonly name: string
    readonly namedCurve?: string
    readonly hash?: string
  }
}

interface Signer extends Scheme {
  readonly key: SigningKey
  readonly kid: string | undefined
}

/** How far ahead it ends: less than the five minutes that are allowed, as clocks differ. */
const LIFE_SECONDS = 120

const SCHEMES: readonly Scheme[] = [
  { alg: 'EdDSA', algorithm: { name: 'Ed25519' } },
  { alg: 'ES256', algorithm: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } },
  { alg: 'RS256', algorithm: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } },
]

const NO_KEY =
  'privateKey must be a private key for Ed25519, P-256 or RSA: a key of WebCrypto that signs, a JWK, or PEM of PKCS #8 (BEGIN PRIVATE KEY)'

const toBytes = (binary: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(binary, (character) => character.charCodeAt(0))

const encoder = new TextEncoder()
const encode = (part: object): string =>
  base64url(String.fromCharCode(...encoder.encode(JSON.stringify(part))))

/** The bytes of PKCS #8; undefined for any other text. */
const bytesOfPem = (pem: string): Uint8Array<ArrayBuffer> | undefined => {
  const [, body] = /-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----/.exec(pem) ?? []
  return body === undefined ? undefined : toBytes(atob(body.replaceAll(/\s/g, '')))
}

/** Imports it by the first scheme that it fits. */
const imported = async (
  source: PrivateJwk | Uint8Array<ArrayBuffer>,
): Promise<Omit<Signer, 'kid'> | undefined> => {
  for (const scheme of SCHEMES) {
    const { algorithm } = scheme
    const key = await (
      source instanceof Uint8Array
        ? crypto.subtle.importKey('pkcs8', source, algorithm, false, ['sign'])
        : crypto.subtle.importKey('jwk', { ...source }, algorithm, false, ['sign'])
    ).catch(() => undefined)
    if (key !== undefined) return { ...scheme, key }
  }
  return undefined
}

const signerOf = async (source: PrivateKey): Promise<Signer> => {
  if (typeof source === 'object' && !('kty' in source)) {
    const { name } = source.algorithm
    const scheme = SCHEMES.find(({ algorithm }) => algorithm.name === name)
    if (scheme === undefined || !source.usages.includes('sign')) throw new ArgumentError(NO_KEY)
    return { ...scheme, key: source, kid: undefined }
  }
  const given = typeof source === 'string' ? bytesOfPem(source) : source
  const found = given === undefined ? undefined : await imported(given)
  if (found === undefined) throw new ArgumentError(NO_KEY)
  return { ...found, kid: typeof source === 'string' ? undefined : source.kid }
}

/**
 * Makes what signs assertions by a private key (RFC 7523 section 3, RFC 7515): each is for one request, as it
 * names another `jti`. Rejects with `ArgumentError` for what is no such key.
 */
export const createAssert = () => {
  let known: { readonly source: PrivateKey; readonly signer: Promise<Signer> } | undefined

  return async (source: PrivateKey, { applicationId, audience }: AssertionFor): Promise<string> => {
    if (known?.source !== source) known = { source, signer: signerOf(source) }
    const { alg, algorithm, key, kid } = await known.signer
    const claims = {
      iss: applicationId,
      sub: applicationId,
      aud: audience,
      exp: Math.floor(Date.now() / 1000) + LIFE_SECONDS,
      jti: createRandomId(),
    }
    const signed = `${encode({ alg, kid, typ: 'JWT' })}.${encode(claims)}`
    const signature = await crypto.subtle.sign(algorithm, key, encoder.encode(signed))
    return `${signed}.${base64url(String.fromCharCode(...new Uint8Array(signature)))}`
  }
}
