import type { AuthctlClient } from '../client.ts'
import { AuthctlError } from '../errors.ts'
import { canonicalJson } from './canonical-json.ts'
import type { KeySet } from './keys.ts'
import { base64url, hasSignature, parseJws } from './token.ts'

/** What was sent does not bear the signature of the daemon: it is not decided by. */
export class UnsignedError extends AuthctlError {
  constructor(detail: string) {
    super('unsigned', detail)
  }
}

/** The SHA-256 digest of the canonical JSON of a value in base64url, as the daemon names its content. */
export const digestOf = async (value: unknown): Promise<string> => {
  const bytes = new TextEncoder().encode(canonicalJson(value))
  return base64url(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))))
}

/** Who the client is signed in as, if its token tells: what was made for another is not taken. */
export const audienceOf = async ({
  session,
}: Pick<AuthctlClient, 'session'>): Promise<string | undefined> => {
  const sub = parseJws((await session.get())?.accessToken ?? '', 'at+jwt')?.claims['sub']
  return typeof sub === 'string' ? sub : undefined
}

/** By whom, to whom and when something must be said. */
export interface SaidBy {
  readonly keySet: KeySet
  readonly issuer: string
  /** Undefined: any. */
  readonly audience: string | undefined
  /** Takes what bears no signature, as a daemon with `JWT_SECRET` sends it. */
  readonly acceptUnsigned: boolean
  /** In epoch seconds: what was said before is not taken again. Default: a minute ago. */
  readonly notBefore?: number | undefined
  /** What was made up for this answer: an earlier one does not name it. */
  readonly nonce?: string | undefined
}

/**
 * Requires that the daemon has signed something: a compact JWS (RFC 7515) of this kind (RFC 8725 section
 * 3.11), by a published key, as this issuer's, for this audience, with these claims. Throws
 * {@link UnsignedError}, and `KeysUnavailableError`.
 */
export const requireSigned = async (
  jws: string | null,
  expected: { readonly typ: string; readonly claims: Readonly<Record<string, string>> },
  { keySet, issuer, audience, acceptUnsigned, notBefore = Date.now() / 1000 - 60, nonce }: SaidBy,
): Promise<void> => {
  if (jws === null && acceptUnsigned) return
  const parsed = jws === null ? undefined : parseJws(jws, expected.typ)
  if (parsed === undefined) throw new UnsignedError('the daemon has not signed it: it signs by JWT_SECRET')
  const key = keySet.current(parsed.kid) ?? (await keySet.find(parsed.kid))
  if (key === undefined || !(await hasSignature(parsed, key)))
    throw new UnsignedError('no published key of the daemon has signed it')
  const wanted = { iss: issuer, aud: audience, nonce, ...expected.claims }
  for (const [name, value] of Object.entries(wanted))
    if (value !== undefined && parsed.claims[name] !== value)
      throw new UnsignedError(`its signature is for another ${name}`)
  if (!(Number(parsed.claims['iat']) >= notBefore)) throw new UnsignedError('its signature is an old one')
}

/** A body of which the whole is signed. */
interface SignedBody {
  readonly signature: string | null
}

/** The same of the whole of a body. */
export const requireSignedBody = async (body: SignedBody, typ: string, by: SaidBy): Promise<void> => {
  const { signature, ...signed } = body
  await requireSigned(signature, { typ, claims: { digest: await digestOf(signed) } }, by)
}
