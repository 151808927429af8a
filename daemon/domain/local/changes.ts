import { roleOfId, type Account, type AccountId, type KnownAccount } from '../account.ts'
import { lineageIds, maySee } from '../tree.ts'

/** Why a stream of changes ends. */
export type Ending = 'draining' | 'token_ended' | 'not_allowed'

/** Tokens that are worth nothing any more: those issued until an instant, in epoch milliseconds. */
export interface EndedTokens {
  readonly id: string
  readonly at: number
}

/** What has changed for an application since it was told the last time. */
export interface LocalChanges {
  readonly audience: string
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
