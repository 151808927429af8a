import type { Account, Phone, Role, UsernameKey } from '../../domain/account.ts'
import { Failure } from '../../domain/failure.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { Deps } from '../deps.ts'
import type { IssuedToken, NewSession, SessionDeps } from '../sessions/open.ts'

/** One try to sign in, filled step by step. */
export interface SignInAttempt {
  readonly role: Role
  readonly applicationId: string
  readonly origin: RequestOrigin
  readonly usernameKey?: UsernameKey
  readonly password?: string
  readonly phone?: Phone
  readonly otp?: string
  /** Set by the step that finds the account; undefined: there is none. */
  readonly account?: Account | undefined
  /** What to look up as the path of the account, whether there is one or not (E2). */
  readonly path?: string
  readonly created?: boolean
  /** Whether the password was the account's. */
  readonly isProved?: boolean
  /** The account and its ancestors, top first; empty where there is no account. */
  readonly lineage?: readonly Account[]
  /** Stored, with its refresh token: the code was right and the account is active. */
  readonly opened?: NewSession | undefined
  readonly token?: IssuedToken
}

/** What the steps need. */
export type SignInDeps = SessionDeps & Pick<Deps, 'hasher' | 'audit'>

/** A step checks one thing and hands the attempt on, or throws. */
export type Step = (deps: SignInDeps, attempt: SignInAttempt) => Promise<SignInAttempt>

/** The refusal that is the same for every true reason (E1); the reason goes to the audit record. */
export const refuse = (reason: string): never => {
  throw new Failure('invalid_credentials', { reason })
}

/** The name that is tried, by which its limits are kept: the same for absent and existing ones. */
export const nameMac = (
  { vault }: Pick<Deps, 'vault'>,
  { role, usernameKey = '' as UsernameKey }: SignInAttempt,
): string => vault.sentMac('limit', role, usernameKey)

/** The account that an earlier step has found. */
export const requireAccount = ({ account }: SignInAttempt): Account => account ?? refuse('unknown_account')
