import type { AuthctlClient } from '../client.ts'
import { AuthctlError, isAuthctlError } from '../errors.ts'
import type { AccessCheck } from '../types.gen.ts'

/** Values of the context keys that the policies name. */
export type PolicyContext = NonNullable<AccessCheck['context']>

/** What was decided. */
export interface PolicyDecision {
  readonly allowed: boolean
  /** By it `access.explain` says why. */
  readonly decision_id?: string | null | undefined
}

/** Decides in the process, such as a decider of `@authctl/sdk/local` or of `@authctl/sdk/testing`. */
export interface Decider {
  readonly check: (
    principal: string,
    action: string,
    resource: string,
    context?: PolicyContext,
  ) => Promise<{
    readonly allowed: boolean
    readonly reason?: string | null | undefined
    readonly decisionId?: string | null | undefined
  }>
}

/** Who decides: the daemon, asked by a client, or a decider in the process, which is asked first. */
export interface Deciders {
  /** Signed in as an account, or with the key of an application, that stands above those who ask. */
  readonly client?: Pick<AuthctlClient, 'access'> | undefined
  readonly decider?: Decider | undefined
}

/** One question to the policies. */
export interface Question {
  readonly principal: string
  readonly action: string
  readonly resource: string
  readonly context?: PolicyContext
}

/** Puts a question to who decides. */
export type Ask = (question: Question) => PolicyDecision | Promise<PolicyDecision>

/** Why a decider denies without a decision: it may decide a moment later. */
const UNDECIDED: ReadonlySet<string | null | undefined> = new Set(['stale', 'unavailable'])
const PASSING: ReadonlySet<string> = new Set(['timeout', 'network', 'undecided'])

/** Whom questions go to; undefined if there is nobody. */
export const askerOf = ({ client, decider }: Deciders): Ask | undefined => {
  if (decider !== undefined)
    return async ({ principal, action, resource, context }) => {
      const { allowed, reason, decisionId } = await decider.check(principal, action, resource, context)
      if (!allowed && UNDECIDED.has(reason))
        throw new AuthctlError('undecided', `nobody has decided: ${reason}`)
      return { allowed, decision_id: decisionId }
    }
  return client && ((question) => client.access.check(question))
}

/** The status that the daemon answered with; matched by name, as the client may be of another copy. */
const statusOf = (error: unknown): number =>
  isAuthctlError(error) && 'status' in error ? Number(error.status) : 0

/** Whether asking again may help: no answer, too many requests, or a fault of the server. */
export const isPassing = (error: unknown): boolean =>
  statusOf(error) === 429 || statusOf(error) >= 500 || (isAuthctlError(error) && PASSING.has(error.code))

/**
 * Who asks is not below the account of the client, so that the daemon does not know it there: the policies
 * allow it nothing.
 */
export const isUnknown = (error: unknown): boolean => isAuthctlError(error) && error.code === 'not_found'
