import type { AuthctlClient } from '../client.ts'
import { AuthctlError, isApiError, isAuthctlError } from '../errors.ts'
import type { AccessCheck } from '../types.gen.ts'

/** Values of the context keys that the policies name. */
export type PolicyContext = NonNullable<AccessCheck['context']>

/** What was decided. */
export interface PolicyDecision {
  readonly allowed: boolean
  /** By it `access.explain` says why. */
  readonly decision_id?: string | null | undefined
  /** The part at fault of a question that is none, as a JSON pointer. */
  readonly pointer?: string | null | undefined
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
    /** The part at fault of a question that is none, as a JSON pointer: answered 400. */
    readonly pointer?: string | null | undefined
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
      const { allowed, reason, decisionId, pointer } = await decider.check(
        principal,
        action,
        resource,
        context,
      )
      if (!allowed && UNDECIDED.has(reason))
        throw new AuthctlError('undecided', `nobody has decided: ${reason}`)
      return { allowed, decision_id: decisionId, pointer }
    }
  return client && ((question) => client.access.check(question))
}

/** The status that the daemon answered with. */
const statusOf = (error: unknown): number => (isApiError(error) ? error.status : 0)

/** Whether asking again may help: no answer, too many requests, or a fault of the server. */
export const isPassing = (error: unknown): boolean =>
  statusOf(error) === 429 || statusOf(error) >= 500 || (isAuthctlError(error) && PASSING.has(error.code))

/**
 * Who asks is not below the account of the client, so that the daemon does not know it there: the policies
 * allow it nothing.
 */
export const isUnknown = (error: unknown): boolean => isAuthctlError(error) && error.code === 'not_found'

/** The part at fault of a question, if the daemon refuses it for that. */
export const pointerOf = (error: unknown): string | undefined =>
  isApiError(error) && error.status === 400 ? error.details[0]?.pointer : undefined

/**
 * The daemon does not take questions of this application. It has no status: frameworks would answer it to who
 * asks, as if it were about them.
 */
export const refusedQuestion = (status: number, cause?: unknown): AuthctlError =>
  new AuthctlError('refused_question', `the daemon refuses the question with status ${status}`, { cause })

/** The error for the application: its own, or that of the daemon. */
export const defectOf = (error: unknown): unknown =>
  isApiError(error) ? refusedQuestion(error.status, error) : error
