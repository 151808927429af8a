import { decide } from '../../../policies/index.ts'
import {
  type AccessDiff,
  type Conflict,
  type ObjectChange,
  objectKey,
  type PlanLimits,
  type Refusal,
} from '../../../policies/plan/index.ts'
import { ERRORS, type ErrorCode } from '../../contract/errors.ts'
import { Failure } from '../../domain/failure.ts'
import { requestContext } from '../../domain/policy-facts.ts'
import type { PolicySnapshot } from '../../domain/policy-snapshot.ts'
import type { Lineage } from '../../domain/session.ts'
import { layersOf } from '../access/authorize.ts'
import type { Moment } from '../access/judge.ts'

const refusalOf = (code: ErrorCode, detail: string, errors: Refusal['errors'] = []): Refusal => ({
  code,
  detail,
  errors,
})

/** What a failure says, in a plan. */
export const toRefusal = ({ code, detail, errors = [] }: Failure): Refusal =>
  refusalOf(code, detail ?? ERRORS[code].meaning, errors)

/** The failure that a refusal of a plan is when it is applied nevertheless. */
export const toFailure = ({ code, detail, errors }: Refusal): Failure =>
  new Failure(code as ErrorCode, { detail, ...(errors.length > 0 && { errors }) })

/** What a check says by throwing; none, if it passes. Throws what is no refusal. */
export const refusalsOf = async (check: () => Promise<void> | void): Promise<Refusal[]> => {
  try {
    await check()
    return []
  } catch (error) {
    if (error instanceof Failure) return [toRefusal(error)]
    throw error
  }
}

/** Objects of others stand in the way. */
export const refuseConflicts = (conflicts: readonly Conflict[]): Refusal[] => {
  if (conflicts.length === 0) return []
  const errors = conflicts.slice(0, 100).map((conflict) => {
    const owner = conflict.owner === null ? 'was made by hand' : `is of the set ${conflict.owner}`
    const detail = `${objectKey(conflict)} ${owner}: adopt it by name, or name yours otherwise.`
    return { pointer: objectKey(conflict), code: 'policy_conflict', detail }
  })
  const detail = `${conflicts.length} of the objects belong to others. Adopt them by name, or name yours otherwise.`
  return [refusalOf('policy_conflict', detail, errors)]
}

/** What was allowed at most is less than what would happen. */
export const refuseExcess = (
  { max_gain, max_lose, max_deletes }: PlanLimits,
  { access, changes }: { access: AccessDiff; changes: readonly Pick<ObjectChange, 'verb'>[] },
): Refusal[] => {
  const deletes = changes.filter(({ verb }) => verb === 'delete').length
  const errors = (
    [
      ['max_gain', max_gain, access.gained.accounts, 'accounts would gain a right'],
      ['max_lose', max_lose, access.lost.accounts, 'accounts would lose a right'],
      ['max_deletes', max_deletes, deletes, 'objects would be deleted'],
    ] as const
  ).flatMap(([name, most, count, what]) =>
    most === null || count <= most
      ? []
      : [
          {
            pointer: `/limits/${name}`,
            code: 'limits_exceeded',
            detail: `${count} ${what}, of at most ${most}.`,
          },
        ],
  )
  if (errors.length === 0) return []
  const said = errors.map(({ detail }) => detail).join(' ')
  return [
    refusalOf('limits_exceeded', `${said} Look at the plan, and raise the limit if it is right.`, errors),
  ]
}

/** The action by which a single request makes the change of each kind. */
const ACTIONS = {
  document: { put: 'authctl:PutPolicy', delete: 'authctl:DeletePolicy' },
  service: { put: 'authctl:PutService', delete: 'authctl:DeleteService' },
  attachment: { put: 'authctl:PutAttachments', delete: 'authctl:PutAttachments' },
  invariant: { put: 'authctl:PutPolicy', delete: 'authctl:DeletePolicy' },
} as const

interface Changing extends Moment {
  readonly snapshot: PolicySnapshot
  readonly principal: Lineage
}

const refuseWithout = (
  actions: ReadonlySet<string>,
  { snapshot, principal, ip, now, who }: Changing & { readonly who: string },
): Refusal[] => {
  const layers = layersOf(snapshot, principal)
  const context = requestContext(principal.account, { ip, now })
  const resource = `account/${principal.account.path}`
  const lacking = [...actions].filter(
    (action) => decide(layers, { action, resource, context }).verdict !== 'ALLOW',
  )
  if (lacking.length === 0) return []
  return [refusalOf('forbidden', `It needs ${lacking.join(', ')}, which ${who} may not do.`)]
}

const actionsOf = (changes: readonly Pick<ObjectChange, 'verb' | 'kind'>[]): string[] =>
  changes.map(({ kind, verb }) => ACTIONS[kind][verb === 'delete' ? 'delete' : 'put'])

/** Many changes at once are for those who may make each of them. */
export const refuseUnallowed = (
  changes: readonly Pick<ObjectChange, 'verb' | 'kind'>[],
  changing: Changing,
): Refusal[] => refuseWithout(new Set(actionsOf(changes)), { ...changing, who: 'you' })

/** What was approved is by one who may make each of the changes still, and approve them. */
export const refuseUnapproved = (
  changes: readonly Pick<ObjectChange, 'verb' | 'kind'>[],
  changing: Changing,
): Refusal[] =>
  refuseWithout(new Set(['authctl:ApprovePolicies', ...actionsOf(changes)]), {
    ...changing,
    who: 'the account that has approved it',
  })
