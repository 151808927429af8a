import type { PublicJwk } from './application.ts'

/** What is wrong with a key that was sent: which member of it, and why. */
export interface KeyFault {
  readonly member: string
  readonly code: 'private_key' | 'key_type' | 'key_use' | 'key_algorithm' | 'key_name' | 'key_value'
  readonly detail: string
}

/** A kind of key: its curve, the members that make it in the order of RFC 7638, and how it signs. */
interface Kind {
  readonly kty: PublicJwk['kty']
  readonly crv?: string
  readonly members: readonly ('crv' | 'e' | 'kty' | 'n' | 'x' | 'y')[]
  readonly algorithms: readonly [PublicJwk['alg'], ...string[]]
}

const KINDS: readonly Kind[] = [
  { kty: 'EC', crv: 'P-256', members: ['crv', 'kty', 'x', 'y'], algorithms: ['ES256'] },
  { kty: 'OKP', crv: 'Ed25519', members: ['crv', 'kty', 'x'], algorithms: ['EdDSA', 'Ed25519'] },
  { kty: 'RSA', members: ['e', 'kty', 'n'], algorithms: ['RS256'] },
]

/** What only a private or a secret key has (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1). */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']
/** Visible characters, as they are written in a header. */
const KID = /^[!-~]{1,128}$/

const faulty = (member: string, code: KeyFault['code'], detail: string): KeyFault => ({
  member,
  code,
  detail,
})

type Sent = Readonly<Record<string, unknown>>

const kindOf = ({ kty, crv }: Sent): Kind | undefined =>
  KINDS.find((kind) => kind.kty === kty && kind.crv === (kind.crv && crv))

const faultOfUse = ({ use, key_ops: operations }: Sent): KeyFault | undefined => {
  if (use !== undefined && use !== 'sig') return faulty('use', 'key_use', 'The key signs: use is "sig".')
  const isForVerifying = Array.isArray(operations) && operations.length === 1 && operations[0] === 'verify'
  return operations === undefined || isForVerifying
    ? undefined
    : faulty('key_ops', 'key_use', 'A public key verifies: key_ops is ["verify"].')
}

/** A key that was read: its members in the order of RFC 7638, and what it says of itself. */
export interface ReadKey {
  /** The text whose SHA-256 is its thumbprint (RFC 7638 section 3). */
  readonly canonical: string
  /** Its name; undefined: it is called by its thumbprint. */
  readonly kid: string | undefined
  readonly parts: Pick<PublicJwk, 'kty' | 'crv' | 'x' | 'y' | 'n' | 'e' | 'alg'>
}

/**
 * Reads a public key (RFC 7517) of one of the kinds that assertions are signed by, and refuses one with
 * anything private in it. Other members are passed over. That its numbers are a key is for others to say.
 */
export const readPublicJwk = (sent: Sent): ReadKey | KeyFault => {
  const secret = PRIVATE.find((name) => Object.hasOwn(sent, name))
  if (secret !== undefined)
    return faulty(
      secret,
      'private_key',
      'This is a private key: make another pair, for this one has left its place, and send its public half.',
    )
  const kind = kindOf(sent)
  if (kind === undefined)
    return faulty('kty', 'key_type', 'A key is EC with crv P-256, OKP with crv Ed25519, or RSA.')
  const { kid, alg } = sent
  const unfit = faultOfUse(sent)
  if (unfit !== undefined) return unfit
  if (alg !== undefined && !kind.algorithms.some((known) => known === alg))
    return faulty('alg', 'key_algorithm', `Such a key signs by ${kind.algorithms.join(' or ')}.`)
  if (kid !== undefined && (typeof kid !== 'string' || !KID.test(kid)))
    return faulty('kid', 'key_name', 'kid has 1 to 128 visible characters.')
  const members: [string, string][] = []
  for (const name of kind.members) {
    const value = sent[name]
    if (typeof value !== 'string') return faulty(name, 'key_value', `The key lacks ${name}.`)
    members.push([name, value])
  }
  const parts = Object.fromEntries(members)
  return {
    canonical: JSON.stringify(parts),
    kid,
    parts: { ...parts, kty: kind.kty, alg: kind.algorithms[0] },
  }
}

/**
 * Whether a key signs by an algorithm that a header names: the key says which there are, never the header.
 */
export const signsBy = ({ kty }: PublicJwk, alg: string): boolean =>
  KINDS.some((kind) => kind.kty === kty && kind.algorithms.includes(alg))
