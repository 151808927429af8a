import type { AccountId, Role } from './account.ts'
import { lineageIds } from './tree.ts'

/** The id of an application: `app_` and the key of its row; never used again. */
export type ApplicationId = string & { readonly brand: 'ApplicationId' }

/** The id of a service key: `key_` and the key of its row. It is no secret. */
export type ServiceKeyId = string & { readonly brand: 'ServiceKeyId' }

/** What every service key begins with, so that scanners of source code know it. */
const SERVICE_KEY_PREFIX = 'authctl_sk_'
const APPLICATION_ID = /^app_[0-9a-z]{26}$/
const SERVICE_KEY = /^authctl_sk_[A-Za-z0-9_-]{43}$/

/** Service keys of one application that are live at a time: one, and its successor while it is rotated. */
const MAX_LIVE_KEYS = 2
/** Public keys of one application. */
export const MAX_PUBLIC_KEYS = 2
/** Applications of one account. */
export const MAX_APPLICATIONS = 50
/** Policies of the session layer of one application. */
export const MAX_SESSION_POLICIES = 20
/** How often at most the use of a key is noted. */
export const KEY_USE_MS = 60_000

/** The states that an application can be in. */
export const APPLICATION_STATUSES = ['active', 'disabled'] as const
/** A state that an application can be in. */
export type ApplicationStatus = (typeof APPLICATION_STATUSES)[number]

/** The roles of the accounts that can have applications. */
export const OWNER_ROLES: readonly Role[] = ['admin', 'client', 'sub-client']

/** A service key as it is kept: the key itself is shown once and not stored. */
export interface ServiceKey {
  readonly id: ServiceKeyId
  /** Keyed digest of the key, bound to its application. */
  readonly digest: string
  readonly createdAt: number
  /** When it ends; null: it lasts until it is rotated. */
  readonly expiresAt: number | null
  /** When it was used last, to the minute; null: never. */
  readonly lastUsedAt: number | null
}

/** The algorithms of assertions (RFC 7518, RFC 8037); `Ed25519` is `EdDSA` by its newer name (RFC 9864). */
export const ASSERTION_ALGORITHMS = ['ES256', 'EdDSA', 'Ed25519', 'RS256'] as const

/** A public key as it is kept and shown: what makes the key (RFC 7518 section 6), its name and its use. */
export interface PublicJwk {
  readonly kty: 'EC' | 'OKP' | 'RSA'
  readonly crv?: string
  readonly x?: string
  readonly y?: string
  readonly n?: string
  readonly e?: string
  readonly kid: string
  readonly alg: 'ES256' | 'EdDSA' | 'RS256'
  readonly use: 'sig'
}

/** A public key, by whose private half the application proves itself (RFC 7523). */
export interface PublicKey {
  /** Its SHA-256 thumbprint (RFC 7638): tokens name it as they do a service key. */
  readonly id: ServiceKeyId
  readonly jwk: PublicJwk
  /** As that of a service key. */
  readonly lastUsedAt: number | null
}

/**
 * A program that acts for an account by a service key, or by a key pair of its own. It can do what its owner
 * can do, and no more than its own policies allow.
 */
export interface Application {
  readonly id: ApplicationId
  readonly ownerId: AccountId
  /** The path of its owner, which never changes. */
  readonly ownerPath: string
  readonly name: string
  readonly status: ApplicationStatus
  /**
   * The session layer: policies by their full names. null: there is no such layer; empty: nothing is allowed.
   */
  readonly policies: readonly string[] | null
  /** Newest first: those that are live, and those that ended since the last rotation. */
  readonly keys: readonly ServiceKey[]
  /** At most two: one, and its successor while it is changed. */
  readonly publicKeys: readonly PublicKey[]
  readonly createdAt: number
  readonly updatedAt: number
  /** Raised by every change, but not by a use. */
  readonly version: number
}

/** Whether a text has the form of an application's id: then it is one, or it is nobody. */
export const namesApplication = (text: string): text is ApplicationId => APPLICATION_ID.test(text)

/** Whether a text has the form of a service key; nothing is said of whose it is. */
export const isServiceKey = (text: string): boolean => SERVICE_KEY.test(text)

/** A service key of this secret, which has 256 bits. */
export const formatServiceKey = (secret: Buffer): string =>
  `${SERVICE_KEY_PREFIX}${secret.toString('base64url')}`

/** Whether a key may be used at this time. */
export const isLiveKey = ({ expiresAt }: Pick<ServiceKey, 'expiresAt'>, now: number): boolean =>
  expiresAt === null || now < expiresAt

/** Whether what a key has issued still counts: the key is one of the application, and has not ended. */
export const hasLiveKey = (
  { keys, publicKeys }: Pick<Application, 'keys' | 'publicKeys'>,
  keyId: ServiceKeyId,
  now: number,
): boolean =>
  keys.some((key) => key.id === keyId && isLiveKey(key, now)) || publicKeys.some(({ id }) => id === keyId)

/** When a key of the application ends; null: it does not. One that is gone has ended. */
export const endOfKey = (
  { keys, publicKeys }: Pick<Application, 'keys' | 'publicKeys'>,
  keyId: ServiceKeyId,
): number | null => {
  const key = keys.find(({ id }) => id === keyId)
  if (key !== undefined) return key.expiresAt
  return publicKeys.some(({ id }) => id === keyId) ? null : 0
}

/** Whether an id is that of a public key, a thumbprint of 43 characters; else it is that of a service key. */
export const isOfPublicKey = (id: ServiceKeyId): boolean => !id.startsWith('key_') || id.length === 43

/** Whether a use of the key at this time is to be noted. */
export const isUseNoted = ({ lastUsedAt }: Pick<ServiceKey, 'lastUsedAt'>, now: number): boolean =>
  lastUsedAt === null || now - lastUsedAt >= KEY_USE_MS

/**
 * The keys after a rotation: the new one, and the one before until `endsAt` at the latest. Undefined: there
 * are two live ones already, and the older is not to end at once.
 */
export const rotateKeys = (
  keys: readonly ServiceKey[],
  next: ServiceKey,
  { endsAt, now }: { endsAt: number; now: number },
): readonly ServiceKey[] | undefined => {
  const live = keys.filter((key) => isLiveKey(key, now))
  if (endsAt > now && live.length >= MAX_LIVE_KEYS) return undefined
  return [next, ...live.map((key) => ({ ...key, expiresAt: Math.min(key.expiresAt ?? endsAt, endsAt) }))]
}

/** Where it stands: below its owner. Policies name it by `application/` and this path. */
export const pathOf = ({ id, ownerPath }: Pick<Application, 'id' | 'ownerPath'>): string =>
  `${ownerPath}/${id}`

/** The accounts in whose lists an application is: its owner and those above it. */
export const scopesOf = ({ ownerPath }: Pick<Application, 'ownerPath'>): AccountId[] => lineageIds(ownerPath)

/**
 * The layers of a token of an application, each a list of policies: what the application may do, and what the
 * token was narrowed to. Two layers, because a policy that is left out could be one that denies.
 */
export const sessionPoliciesOf = (
  { policies }: Pick<Application, 'policies'>,
  scope: readonly string[] | undefined,
): readonly (readonly string[])[] => [
  ...(policies === null ? [] : [policies]),
  ...(scope === undefined ? [] : [scope]),
]
