import type { AccountId } from './account.ts'
import { lineageIds } from './tree.ts'

/** The id of an application: `app_` and the key of its row; never used again. */
export type ApplicationId = string & { readonly brand: 'ApplicationId' }

/** The id of a service key: `key_` and the key of its row. It is no secret. */
export type ServiceKeyId = string & { readonly brand: 'ServiceKeyId' }

/** The states that an application can be in. */
export const APPLICATION_STATUSES = ['active', 'disabled'] as const
/** A state that an application can be in. */
export type ApplicationStatus = (typeof APPLICATION_STATUSES)[number]

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

/**
 * A program that acts for an account by a service key. It can do what its owner can do, and no more than its
 * own policies allow.
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
  readonly createdAt: number
  readonly updatedAt: number
  /** Raised by every change, but not by a use. */
  readonly version: number
}

/** Whether a key may be used at this time. */
export const isLiveKey = ({ expiresAt }: Pick<ServiceKey, 'expiresAt'>, now: number): boolean =>
  expiresAt === null || now < expiresAt

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
