import type { Context, Verdict } from '../../../policies/index.ts'
import type { AccountId } from '../../domain/account.ts'
import type { ApplicationId } from '../../domain/application.ts'
import type { Vault } from '../../ports/crypto.ts'

/** A question that was decided, as its id carries it. */
export interface DecidedQuestion {
  readonly accountId: AccountId
  /** The application that acted for the account, where one did. */
  readonly applicationId?: ApplicationId | undefined
  /** The layers that the token of the caller was narrowed to; left out where it was not. */
  readonly sessionPolicies?: readonly (readonly string[])[] | undefined
  readonly action: string
  readonly resource: string
  readonly context: Context
  readonly verdict: Verdict
}

const PURPOSE = 'decision'
/** Context beyond this is not carried: ids go into logs. */
const MAX_CONTEXT_LENGTH = 512

/**
 * An id that holds the question itself, encrypted: any daemon can explain it, at any time, and nothing is
 * written for a denial.
 */
export const sealDecision = (
  vault: Pick<Vault, 'seal'>,
  { accountId, applicationId, action, resource, context, verdict, sessionPolicies = [] }: DecidedQuestion,
): string => {
  const passed = Object.entries(context).filter(([key]) => !key.startsWith('caller.'))
  const carried = JSON.stringify(passed).length > MAX_CONTEXT_LENGTH ? [] : passed
  return vault.seal(
    JSON.stringify([
      accountId,
      action,
      resource,
      verdict,
      carried,
      ...(sessionPolicies.length === 0 && applicationId === undefined ? [] : [sessionPolicies]),
      ...(applicationId === undefined ? [] : [applicationId]),
    ]),
    PURPOSE,
  )
}

/** The question of an id; undefined if it is none of this server. */
export const openDecision = (vault: Pick<Vault, 'open'>, id: string): DecidedQuestion | undefined => {
  const text = vault.open(id, PURPOSE)
  if (text === undefined) return undefined
  const [accountId, action, resource, verdict, carried, sessionPolicies = [], applicationId] = JSON.parse(
    text,
  ) as [
    AccountId,
    string,
    string,
    Verdict,
    [string, Context[string]][],
    (readonly (readonly string[])[])?,
    ApplicationId?,
  ]
  const context = Object.fromEntries(carried)
  return { accountId, applicationId, action, resource, verdict, context, sessionPolicies }
}
