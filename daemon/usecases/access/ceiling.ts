import { BOUNDS } from '../../../policies/index.ts'
import { Failure } from '../../domain/failure.ts'
import type { Deps } from '../deps.ts'
import { type AccountChange, createJudge, hasEverything, type JudgedChange } from './judge.ts'
import type { CeilingVerdict } from './verdict.ts'

/** Refuses what a verdict is on. Throws `exceeds_ceiling`, `limit_reached`. */
export const refuse = ({ code, detail }: CeilingVerdict): never => {
  if (code === 'too_much') throw new Failure('limit_reached', { detail })
  throw new Failure('exceeds_ceiling', { detail, errors: [{ pointer: '', code, detail }] })
}

/**
 * The ceiling for one account: a caller gives it nothing that the caller lacks. It holds when the account is
 * created and when its attachments or attributes change. Throws `exceeds_ceiling`, `limit_reached`.
 */
export const requireWithinCeiling = async (change: JudgedChange, account: AccountChange): Promise<void> => {
  if (change.after.hasTooMuch(account.after))
    throw new Failure('limit_reached', {
      detail: `An account has at most ${BOUNDS.selectedPoliciesPerPrincipal} policies and ${BOUNDS.boundariesPerPrincipal} boundaries, with ${BOUNDS.comparisonsPerPrincipal} patterns and values in all of them.`,
    })
  const verdict = await createJudge(change)(account)
  if (verdict !== undefined) refuse(verdict)
}

/**
 * The ceiling once more, after the account was written: a policy that somebody has changed meanwhile gives
 * what nobody has judged. Then `undo` takes the account back. Throws as the ceiling does.
 */
export const requireStillWithin = async (
  policies: Pick<Deps['policies'], 'refresh' | 'current'>,
  judged: JudgedChange,
  { undo, ...account }: AccountChange & { readonly undo: () => Promise<unknown> },
): Promise<void> => {
  if (hasEverything(judged.after, judged.principal)) return
  await policies.refresh({ atOnce: true })
  const current = policies.current()
  if (current === judged.after) return
  const verdict = await createJudge({ ...judged, before: current, after: current })(account)
  if (verdict === undefined) return
  await undo()
  refuse(verdict)
}
