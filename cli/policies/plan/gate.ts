import type { Plan } from '../../../policies/plan/index.ts'
import type { ExitName } from '../../exit-codes.ts'
import { Problem } from '../../problem.ts'
import type { Failing } from './flags.ts'
import { count } from './words.ts'

/** What a plan does that it must not; undefined if it does not. */
type Check = (plan: Plan, isOwnAction: (action: string) => boolean) => string | undefined

const CHECKS: Readonly<Record<Failing, Check>> = {
  gained: ({ access: { gained } }) =>
    gained.accounts > 0 ? `${count(gained.accounts, 'account')} would gain rights` : undefined,
  lost: ({ access: { lost } }) =>
    lost.accounts > 0 ? `${count(lost.accounts, 'account')} would lose rights` : undefined,
  escalation: ({ access }, isOwnAction) => {
    const found = access.changes.find(({ verb, action }) => verb === 'gain' && isOwnAction(action))
    if (found !== undefined)
      return `${found.action} on ${found.resource} would be gained, a right over the daemon`
    const isCut = access.changes.length < access.changes_total && access.gained.rights > 0
    return isCut
      ? 'more rights would be gained than are listed, so that none over the daemon can be excluded'
      : undefined
  },
  delete: ({ changes }) => {
    const deleted = changes.filter(({ verb }) => verb === 'delete')
    return deleted.length > 0 ? `${count(deleted.length, 'object')} would be deleted` : undefined
  },
}

/** The exit code of what the server would answer. */
const exitOf = (code: string): ExitName => {
  if (['exceeds_ceiling', 'forbidden', 'approval_required'].includes(code)) return 'auth'
  return code === 'policy_invalid' ? 'invalidPolicy' : 'conflict'
}

/** What to do about objects that two accounts change together. */
const APPROVAL_HINT =
  'Write the plan with `policies plan --out plan.json`, let another account run `policies approve plan.json`, and apply that file.'

/** Whether a plan is refused for nothing but that another account has not approved it yet. */
export const needsApproval = ({ refusals }: Plan): boolean =>
  refusals.length > 0 && refusals.every(({ code }) => code === 'approval_required')

const HINTS: Readonly<Record<string, string>> = {
  policy_conflict: 'Pass --adopt KIND/NAME for each, or call yours otherwise.',
  would_lock_out: 'Pass --allow-lockout if you mean it.',
  invariant_broken:
    'Look at the request that breaks it: change the policies, or the invariant in the set that owns it.',
  approval_required: APPROVAL_HINT,
  limits_exceeded: 'The limits are --max-gain, --max-lose and --max-deletes. Nothing was changed.',
}

/** The refusal of a plan as the error that applying it would be; undefined if it can be applied. */
const refusalOf = ({ refusals }: Plan): Problem | undefined => {
  const [first] = refusals
  if (first === undefined) return undefined
  const { code, detail, errors } = first
  const exit = exitOf(code)
  return new Problem({
    code,
    message: `this cannot be applied: ${detail}`,
    // What the message says already is not said again.
    details: errors.filter((each) => !detail.includes(each.detail)),
    hint: HINTS[code],
    exit,
  })
}

/** The first thing that a plan must not do and does, as an error; undefined if there is none. */
const gateOf = async (plan: Plan, failOn: readonly Failing[] = []): Promise<Problem | undefined> => {
  if (failOn.length === 0) return undefined
  const { OWN_SERVICES } = await import('../../../policies/index.ts')
  const own = new Set(OWN_SERVICES.map(({ service }) => service))
  const isOwnAction = (action: string): boolean => own.has(action.slice(0, action.indexOf(':')))
  for (const failing of new Set(failOn)) {
    const reason = CHECKS[failing](plan, isOwnAction)
    if (reason === undefined) continue
    const hint = `This is what --fail-on ${failing} refuses. Nothing was changed.`
    return new Problem({ code: 'plan_gate', message: reason, hint, exit: 'failure' })
  }
  return undefined
}

/** Why a plan is not to be applied: by what the command line was told, or by the server. */
export const problemOf = async (
  plan: Plan,
  failOn: readonly Failing[] | undefined,
): Promise<Problem | undefined> => (await gateOf(plan, failOn)) ?? refusalOf(plan)

/** Throws why a plan is not to be applied. */
export const requireApplicable = async (
  plan: Plan,
  failOn: readonly Failing[] | undefined,
): Promise<void> => {
  const problem = await problemOf(plan, failOn)
  if (problem !== undefined) throw problem
}
