import { BOUNDS, createCatalogue, findLackingRight, OWN_SERVICES } from '../../../policies/index.ts'
import { validateDocument } from '../../../policies/validate/index.ts'
import { Failure } from '../../domain/failure.ts'
import { requestContext } from '../../domain/policy-facts.ts'
import { ROOT, type Namespace, type PolicySnapshot } from '../../domain/policy-snapshot.ts'
import type { Principal } from '../../domain/session.ts'
import { layersOf } from '../access/authorize.ts'
import { requireWithin, type Moment } from '../access/ceiling.ts'
import { fieldErrorsOf } from './diagnostic-errors.ts'

/**
 * After a change of a service, every document that names it, or one of its context keys, must be valid by what is declared then, in its namespace
 * and in those below. Throws `policy_in_use`.
 */
export const requireStillValid = (next: PolicySnapshot, home: string, service: string): void => {
  for (const { revision, policies } of next.namespaces.values()) {
    if (revision.namespace !== home && !revision.above.includes(home)) continue
    const catalogue = next.catalogueFor([...revision.above, revision.namespace])
    for (const [id, { document }] of policies) {
      const text = JSON.stringify(document)
      if (!text.includes(`${service}:`) && !text.includes(`${service}.`)) continue
      const file = `${revision.namespace}/${id}`
      const { diagnostics } = validateDocument(text, { file, catalogue })
      // The places are those of the stored text, which nobody has seen.
      const errors = fieldErrorsOf(diagnostics).map((error) => ({ ...error, pointer: file }))
      if (errors.length > 0) throw new Failure('policy_in_use', { errors })
    }
  }
}

/** What super-admins must keep: a root that nobody can change any more is lost. */
const OWN_CATALOGUE = createCatalogue(OWN_SERVICES.filter(({ service }) => service !== 'places'))

/**
 * A change of the root's policies is a change of the policies of super-admins: whoever makes it must neither give itself more than it has
 * (product.md section 1, rule 3) nor lose anything that it needs to take the change back: by that rule it could not give that to itself again.
 * Throws `exceeds_ceiling`, `would_lock_out`, `limit_reached`.
 */
export const requireOwnRights = ({
  before,
  after,
  principal,
  ip,
  now,
}: { before: PolicySnapshot; after: PolicySnapshot; principal: Principal } & Moment): void => {
  const caller = requestContext(principal.account, { ip, now })
  const [present, next] = [layersOf(before, principal), layersOf(after, principal)]
  const lost = findLackingRight({ caller, before: next, after: present, granter: next }, OWN_CATALOGUE)
  if (lost !== undefined)
    throw new Failure('would_lock_out', {
      detail: `You would lose ${lost.action} on ${lost.resource} yourself, and could not give it to yourself again: have another super-admin do it.`,
    })
  const grant = { caller, before: present, after: next, granter: present }
  requireWithin(grant, { catalogue: after.catalogueFor([ROOT]), isCapped: false })
}

const actionsIn = ({ services }: Namespace): number =>
  [...services.values()].reduce((sum, { service }) => sum + Object.keys(service.actions).length, 0)

const full = (detail: string): never => {
  throw new Failure('limit_reached', { detail })
}

/** Nobody fills the server: not with policies, nor with what they can name. Throws `limit_reached`. */
export const requireRoom = (snapshot: PolicySnapshot, changed: Namespace): void => {
  const count = [...snapshot.namespaces.values()].reduce((sum, each) => sum + each.policies.size, 0)
  if (count > BOUNDS.policies) full(`A server has at most ${BOUNDS.policies} policies.`)
  if (changed.revision.namespace !== ROOT && changed.policies.size > BOUNDS.policiesPerNamespace)
    full(`An account defines at most ${BOUNDS.policiesPerNamespace} policies.`)
  if (actionsIn(changed) > BOUNDS.actionsPerNamespace)
    full(`The services of an account declare at most ${BOUNDS.actionsPerNamespace} actions.`)
}
