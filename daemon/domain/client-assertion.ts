import { isStrictCompactForm } from './access-token.ts'
import type { ApplicationId, PublicKey } from './application.ts'
import { signsBy } from './public-key.ts'

/** How far ahead the end of an assertion may be. */
const MAX_AHEAD_SECONDS = 300
/** How far the clock of an application may be from that of the daemon. */
const LEEWAY_SECONDS = 30
const MAX_JTI = 256
/** What an assertion may say that it is; other kinds of JWT under the same key are for others. */
const TYPES: readonly unknown[] = [undefined, 'JWT', 'jwt', 'client-authentication+jwt']

/** An assertion whose signature nobody has looked at. */
export interface Assertion {
  readonly alg: string
  readonly kid: string | undefined
  readonly claims: Readonly<Record<string, unknown>>
  /** What is signed. */
  readonly input: string
  readonly signature: string
}

const parseObject = (segment: string): Record<string, unknown> | undefined => {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(segment, 'base64url'))
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** Reads the compact form (RFC 7515 section 7.1); undefined: it is none, or one that demands extensions. */
export const readAssertion = (text: string): Assertion | undefined => {
  if (!isStrictCompactForm(text)) return undefined
  const [head = '', body = '', signature = ''] = text.split('.')
  const [header, claims] = [parseObject(head), parseObject(body)]
  if (header === undefined || claims === undefined) return undefined
  const { alg, kid, typ, crit } = header
  if (typeof alg !== 'string' || crit !== undefined || !TYPES.includes(typ)) return undefined
  if (kid !== undefined && typeof kid !== 'string') return undefined
  return { alg, kid, claims, input: `${head}.${body}`, signature }
}

/**
 * The keys that may have signed an assertion: of the name that it says, if it says one, and of its algorithm.
 */
export const signersOf = (keys: readonly PublicKey[], { alg, kid }: Assertion): PublicKey[] =>
  keys.filter(({ jwk }) => (kid === undefined || jwk.kid === kid) && signsBy(jwk, alg))

/** What is wrong with the claims of an assertion, for those who have signed it. */
const FAULTS = {
  client: 'iss and sub of the assertion are both the client_id.',
  audience: 'aud of the assertion is the issuer of the metadata, or the URL of the token endpoint.',
  exp: 'exp of the assertion is ahead, and by five minutes at most: look at the clock.',
  iat: 'iat and nbf of the assertion are not ahead: look at the clock.',
  jti: `jti of the assertion is a text of 1 to ${MAX_JTI} characters, another one each time.`,
} as const

/** A claim of an assertion that is refused, or what makes the assertion one that works once. Times in ms. */
export type JudgedClaims =
  | { readonly fault: keyof typeof FAULTS; readonly detail: string }
  | { readonly fault: undefined; readonly jti: string; readonly endsAt: number }

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

/** One audience or a list of them, all of which are this server: what others may read is not for here. */
const isMeant = (aud: unknown, audiences: readonly string[]): boolean => {
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  return named.length > 0 && named.every((each) => typeof each === 'string' && audiences.includes(each))
}

/** Judges the claims of an assertion of this application (RFC 7523 section 3). */
export const judgeClaims = (
  { iss, sub, aud, exp, iat, nbf, jti }: Assertion['claims'],
  expected: { id: ApplicationId; audiences: readonly string[]; now: number },
): JudgedClaims => {
  const refused = (fault: keyof typeof FAULTS): JudgedClaims => ({ fault, detail: FAULTS[fault] })
  const seconds = expected.now / 1000
  if (iss !== expected.id || sub !== expected.id) return refused('client')
  if (!isMeant(aud, expected.audiences)) return refused('audience')
  if (!isTime(exp) || exp <= seconds - LEEWAY_SECONDS) return refused('exp')
  if (exp > seconds + MAX_AHEAD_SECONDS + LEEWAY_SECONDS) return refused('exp')
  const begins = [iat, nbf].filter((time) => time !== undefined)
  if (!begins.every((time) => isTime(time) && time <= seconds + LEEWAY_SECONDS)) return refused('iat')
  if (typeof jti !== 'string' || jti === '' || jti.length > MAX_JTI) return refused('jti')
  return { fault: undefined, jti, endsAt: Math.ceil((exp + LEEWAY_SECONDS) * 1000) }
}
