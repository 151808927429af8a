import { roleOfId, type Account, type AccountId, type KnownAccount } from '../account.ts'
import type { Application, ApplicationId, ApplicationStatus } from '../application.ts'
import { lineageIds, maySee } from '../tree.ts'

/** Why a stream of changes ends. */
export type Ending = 'draining' | 'token_ended' | 'not_allowed'

/** Tokens that are worth nothing any more: those issued until an instant, in epoch milliseconds. */
export interface EndedTokens {
  readonly id: string
  readonly at: number
}

/** By what the tokens of an application live: any other key of it has ended. */
export interface ApplicationLife {
  readonly id: string
  readonly status: ApplicationStatus | 'deleted'
  /** When each ends, in epoch milliseconds; null: it does not by itself. */
  readonly keys: readonly { readonly id: string; readonly endsAt: number | null }[]
}

/** What an application lives by; of one that is gone, nothing. */
export const lifeOf = (id: ApplicationId, found: Application | undefined): ApplicationLife => ({
  id,
  status: found?.status ?? 'deleted',
  keys: [
    ...(found?.keys ?? []).map((key) => ({ id: key.id, endsAt: key.expiresAt })),
    ...(found?.publicKeys ?? []).map((key) => ({ id: key.id, endsAt: null })),
  ],
})

/** What has changed for an application since it was told the last time. */
export interface LocalChanges {
  readonly audience: string
  /** The account whose application it is: what concerns it and those below it is told. */
  readonly ownerId: AccountId
  /** What came after this position is told; null: it is the first that is told. */
  readonly previous: string | null
  /** Where to go on from. */
  readonly position: string
  /** Epoch milliseconds: nothing is missing that was written until then. */
  readonly asOf: number
  /** The revision of the application's view. */
  readonly revision: string
  /** What lies between is not known. */
  readonly isReset: boolean
  /** The accounts that are other than before. */
  readonly accounts: readonly string[]
  readonly endedAccounts: readonly EndedTokens[]
  readonly endedSessions: readonly EndedTokens[]
  /** Single tokens, by their digests, until they would have expired. */
  readonly endedTokens: readonly EndedTokens[]
  /** Those that live by something else than before. */
  readonly applications: readonly ApplicationLife[]
  readonly ending: Ending | null
}

/** An account by its path: where it stands says its id and its role. */
export const placeOf = (path: string): Pick<Account, 'id' | 'role' | 'path'> | undefined => {
  const id = lineageIds(path).at(-1)
  const role = id === undefined ? undefined : roleOfId(id)
  return id === undefined || role === undefined ? undefined : { id, role, path }
}

/** Whether what stands at a path concerns applications of an owner: the owner itself and those below it. */
export const concerns = (owner: Pick<KnownAccount, 'id' | 'role' | 'path'>, path: string): boolean => {
  const place = placeOf(path)
  return place !== undefined && maySee(owner, place)
}

/** Whether accounts can stand below one of this id. */
export const canHaveOthersBelow = (id: AccountId): boolean => {
  const role = roleOfId(id)
  return role === 'admin' || role === 'client'
}

/** Whether changes say more than that nothing has changed since a revision was known; undefined: none was. */
export const isNews = (changes: Omit<LocalChanges, 'ending'>, known: string | undefined): boolean =>
  changes.isReset ||
  changes.accounts.length + changes.endedSessions.length > 0 ||
  changes.endedTokens.length + changes.applications.length > 0 ||
  (known !== undefined && changes.revision !== known)
