import { decide } from '../../policies/decide.ts'
import { LIMITS, type Service } from '../../policies/language.ts'
import { validateDocument } from '../../policies/validate.ts'
import { Failure } from '../domain/failure.ts'
import { requestContext } from '../domain/policy-facts.ts'
import { ROOT, type Namespace, type PolicySets } from '../domain/policy-sets.ts'
import type { Principal } from '../domain/session.ts'
import { layersOf } from './authorize.ts'
import { requireWithin } from './ceiling.ts'
import { fieldErrorsOf } from './diagnostic-errors.ts'

/** Whether a document may name something of the service. */
const mayName = (text: string, { service, context_keys: keys = {} }: Service): boolean =>
  [`${service}:`, ...Object.keys(keys)].some((name) => text.toLowerCase().includes(name.toLowerCase()))

/**
 * After a change of a service, every document that names it must be valid by what is declared then, in its namespace and in those below.
 * Throws `policy_in_use`.
 */
export const requireStillValid = (next: PolicySets, before: Namespace, name: string): void => {
  const declared = before.services.get(name)
  if (declared === undefined) return
  const home = before.revision.namespace
  for (const { revision, policies } of next.namespaces.values()) {
    if (revision.namespace !== home && !revision.above.includes(home)) continue
    const catalogue = next.catalogueFor([...revision.above, revision.namespace])
    for (const [id, { document }] of policies) {
      const text = JSON.stringify(document)
      if (!mayName(text, declared.service)) continue
      const { diagnostics } = validateDocument(text, { file: `${revision.namespace}/${id}`, catalogue })
      if (diagnostics.length > 0) throw new Failure('policy_in_use', { errors: fieldErrorsOf(diagnostics) })
    }
  }
}

/** Nobody may take from itself the right to undo what it does: a root without a key is lost. Throws `would_lock_out`. */
const requireNoLockOut = (after: PolicySets, principal: Principal, now: number): void => {
  const { account } = principal
  const context = requestContext(account, { ip: null, now })
  const question = { action: 'authctl:PutAttachments', resource: `account/${account.path}`, context }
  if (decide(layersOf(after, principal), question).verdict !== 'ALLOW') throw new Failure('would_lock_out')
}

/**
 * A change of the root's policies is a change of the policies of super-admins: whoever makes it must neither give itself more than it has
 * (product.md section 1, rule 3) nor lock itself out. Throws `exceeds_ceiling`, `would_lock_out`.
 */
export const requireOwnRights = ({
  before,
  after,
  principal,
  now,
}: {
  before: PolicySets
  after: PolicySets
  principal: Principal
  now: number
}): void => {
  requireNoLockOut(after, principal, now)
  const present = layersOf(before, principal)
  requireWithin(
    {
      caller: requestContext(principal.account, { ip: null, now }),
      before: present,
      after: layersOf(after, principal),
      granter: present,
    },
    { catalogue: after.catalogueFor([ROOT]), isCapped: false },
  )
}

/** Throws `limit_reached`. */
export const requireRoom = (sets: PolicySets): void => {
  const count = [...sets.namespaces.values()].reduce((sum, each) => sum + each.policies.size, 0)
  if (count > LIMITS.policies)
    throw new Failure('limit_reached', { detail: `A server has at most ${LIMITS.policies} policies.` })
}
