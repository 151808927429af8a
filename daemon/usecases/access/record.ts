import type { Context, Verdict } from '../../../policies/index.ts'
import type { KnownAccount } from '../../domain/account.ts'
import type { PolicySnapshot } from '../../domain/policy-snapshot.ts'
import { recordedLine, recordedQuestion } from '../../domain/recorded-decision.ts'
import type { Deps } from '../deps.ts'

/** A decision that policies have made. */
export interface MadeDecision {
  readonly account: Pick<KnownAccount, 'id' | 'path'>
  /** The layers that the caller was narrowed to. */
  readonly sessionPolicies?: readonly (readonly string[])[] | undefined
  readonly action: string
  readonly resource: string
  readonly context: Context
  /** What the asker said itself; nothing where the daemon guards its own routes. */
  readonly said: Context
  readonly verdict: Verdict
  /** The policies by which it was made. */
  readonly snapshot: PolicySnapshot
}

/**
 * Keeps a sample of the decisions, as far as the operator wants them kept. Those for which the caller was
 * narrowed are not kept: a recording names accounts, and asks again what the account may do.
 */
export const createRecordDecision =
  ({ recorder, clock }: Pick<Deps, 'recorder' | 'clock'>) =>
  ({ account, sessionPolicies = [], said, verdict, snapshot, ...asked }: MadeDecision): void => {
    if (!recorder.isWanted() || sessionPolicies.length > 0) return
    const catalogue = snapshot.catalogueOf(account)
    const question = recordedQuestion({ account: account.id, ...asked }, { said, catalogue })
    if (question === undefined) return
    const revisions = Object.fromEntries(
      snapshot.revisionsFor(account).map(({ namespace, number }) => [namespace, number]),
    )
    recorder.write(recordedLine({ at: Math.floor(clock.now() / 1000), verdict, revisions, question }))
  }
