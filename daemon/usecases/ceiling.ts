import {
  anyoneBelow,
  findLackingRight,
  GrantTooLarge,
  type Grant,
  type LackingRight,
} from '../../policies/ceiling.ts'
import type { Catalogue } from '../../policies/catalogue.ts'
import type { Context, OwnedLayer } from '../../policies/decide.ts'
import type { Attachment, Selector } from '../../policies/language.ts'
import { createLayer } from '../../policies/layer.ts'
import { ID_PREFIX, type Account, type Role } from '../domain/account.ts'
import { Failure } from '../domain/failure.ts'
import { requestContext } from '../domain/policy-facts.ts'
import { fullName, namespacesAbove, type PolicySets } from '../domain/policy-sets.ts'
import type { Principal } from '../domain/session.ts'
import { layersOf } from './authorize.ts'
import type { OwnedNamespace } from './namespace-access.ts'

/** What it allows is by its meaning never more than the accounts above have. */
const INHERIT = 'authctl:InheritCreator'

/** The context of a witness without what every request has. */
const circumstances = (context: Context): string => {
  const said = Object.entries(context).filter(([key]) => !key.startsWith('caller.') && key !== 'request.time')
  return said.length === 0 ? '' : ` with ${JSON.stringify(Object.fromEntries(said))}`
}

const lackingRightOf = (grant: Grant, catalogue: Catalogue): LackingRight | undefined => {
  try {
    return findLackingRight(grant, catalogue)
  } catch (error) {
    if (!(error instanceof GrantTooLarge)) throw error
    const detail = 'The policies name too much to be compared with your own rights: split them.'
    throw new Failure('limit_reached', { detail, cause: error })
  }
}

const requireWithin = (grant: Grant, catalogue: Catalogue): void => {
  const lacking = lackingRightOf(grant, catalogue)
  if (lacking === undefined) return
  const { action, resource, context, decision } = lacking
  const owner = String(decision.layer?.principal['principal.id'] ?? 'you')
  const detail = `It gives ${action} on ${resource}${circumstances(context)}, which you may not do (${decision.verdict} by the layer of ${owner}).`
  throw new Failure('exceeds_ceiling', { detail, errors: [{ pointer: '', code: 'lacking_right', detail }] })
}

/** Rule 2 of product.md section 1: a change of what is attached to an account must give it nothing that the caller lacks. Throws `exceeds_ceiling`. */
export const requireWithinCeiling = (
  sets: PolicySets,
  {
    principal,
    target,
    attached,
    isNew = false,
    now,
  }: {
    principal: Principal
    target: Account
    /** What it is to have. */
    attached: Pick<Account, 'policies' | 'boundary'>
    /** The account does not exist yet: all that it gets is given. */
    isNew?: boolean
    now: number
  },
): void => {
  const policies = attached.policies.filter((name) => name !== INHERIT)
  const before = isNew ? [] : sets.layersOf(target)
  requireWithin(
    {
      caller: requestContext(target, { ip: null, now }),
      before,
      after: isNew
        ? sets.onlyAttached(target, { ...attached, policies })
        : sets.layersWith(target, { ...attached, policies }),
      granter: layersOf(sets, principal),
    },
    sets.catalogueFor(namespacesAbove(target)),
  )
}

const rolesOf = ({ id, role }: Selector): Role[] => {
  const roles = Object.keys(ID_PREFIX) as Role[]
  if (role !== undefined) return roles.filter((each) => each === role)
  return id === undefined ? roles : roles.filter((each) => id.startsWith(`${ID_PREFIX[each]}_`))
}

const asList = (value: string | readonly string[] = []): readonly string[] =>
  typeof value === 'string' ? [value] : value

/** The same for attachments by selectors, which are for anyone below the owner of the namespace. Throws `exceeds_ceiling`. */
export const requireAllWithinCeiling = (
  sets: PolicySets,
  {
    principal,
    namespace,
    attachments,
    now,
  }: { principal: Principal; namespace: OwnedNamespace; attachments: readonly Attachment[]; now: number },
): void => {
  const catalogue = sets.catalogueFor([...namespace.above, namespace.name])
  const granter = layersOf(sets, principal)
  const asked = new Set<string>()
  for (const { to, policies } of attachments) {
    const names = asList(policies)
      .map((name) => fullName(name, namespace.name))
      .filter((name) => name !== INHERIT)
    const layer = createLayer(names.flatMap((name) => sets.find(name) ?? []))
    for (const role of rolesOf(to)) {
      const key = `${role} ${names.toSorted().join(' ')}`
      if (asked.has(key)) continue
      asked.add(key)
      const anyone = anyoneBelow(namespace.ownerPath, role)
      const after: OwnedLayer[] = [{ kind: 'own', principal: anyone.principal, layer }]
      const caller = { ...anyone.caller, 'request.time': Math.floor(now / 1000), 'request.mfa': false }
      requireWithin({ caller, before: [], after, granter }, catalogue)
    }
  }
}
