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
import { findUnprovenRight } from '../../policies/within.ts'
import { ID_PREFIX, type Account, type Role } from '../domain/account.ts'
import { Failure } from '../domain/failure.ts'
import { requestContext } from '../domain/policy-facts.ts'
import { fullName, namespacesAbove, ROOT, type PolicySets } from '../domain/policy-sets.ts'
import type { Principal } from '../domain/session.ts'
import { lineageIds, PARENT_ROLE } from '../domain/tree.ts'
import { layersOf } from './authorize.ts'
import type { OwnedNamespace } from './namespace-access.ts'

/** What it allows an account with a creator is by its meaning never more than that one has. */
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

const refuse = (code: 'lacking_right' | 'unproven_right', detail: string): never => {
  throw new Failure('exceeds_ceiling', { detail, errors: [{ pointer: '', code, detail }] })
}

/**
 * Refuses a grant that gives more than the granter has. `isCapped`: the granter stands above the account, so that its layers are asked again at
 * every request and a right that the search misses is worth nothing; otherwise what cannot be shown to be within is refused as well.
 * Throws `exceeds_ceiling`, `limit_reached`.
 */
export const requireWithin = (
  grant: Grant,
  { catalogue, isCapped }: { catalogue: Catalogue; isCapped: boolean },
): void => {
  const lacking = lackingRightOf(grant, catalogue)
  if (lacking !== undefined) {
    const { action, resource, context, decision } = lacking
    const owner = String(decision.layer?.principal['principal.id'] ?? 'you')
    refuse(
      'lacking_right',
      `It gives ${action} on ${resource}${circumstances(context)}, which you may not do (${decision.verdict} by the layer of ${owner}).`,
    )
  }
  const unproven = isCapped ? undefined : findUnprovenRight(grant, catalogue)
  if (unproven !== undefined) {
    const { action, statement } = unproven
    refuse(
      'unproven_right',
      `${statement.policy.name} statement ${statement.sid ?? statement.index} gives ${action}, and it cannot be shown that you may do all of that: give what a policy of your own allows in the same words, or in wider ones.`,
    )
  }
}

/** Whether the layers of the caller are asked again at every request of the account. */
export const isCappedBy = ({ account: { id } }: Principal, { path }: Pick<Account, 'path'>): boolean =>
  lineageIds(path).slice(0, -1).includes(id)

/** What an account has: of one that does not exist yet and will be capped, only what is attached; its role brings nothing that counts then. */
const layersAfter = (sets: PolicySets, account: Account, isNew: boolean): readonly OwnedLayer[] => {
  const isBelow = account.parentId !== null
  const policies = isBelow ? account.policies.filter((name) => name !== INHERIT) : account.policies
  const attached = { policies, boundary: account.boundary }
  return isNew && isBelow ? sets.onlyAttached(account, attached) : sets.layersWith(account, attached)
}

/**
 * Rule 2 of product.md section 1: an account must get nothing that the caller lacks, whether it is created (`before` undefined), or what is attached
 * to it or said of it changes. Throws `exceeds_ceiling`, `limit_reached`.
 */
export const requireWithinCeiling = (
  sets: PolicySets,
  {
    principal,
    before,
    after,
    now,
  }: { principal: Principal; before: Account | undefined; after: Account; now: number },
): void =>
  requireWithin(
    {
      caller: requestContext(after, { ip: null, now }),
      ...(before === undefined ? {} : { callerBefore: requestContext(before, { ip: null, now }) }),
      before: before === undefined ? [] : sets.layersOf(before),
      after: layersAfter(sets, after, before === undefined),
      granter: layersOf(sets, principal),
    },
    {
      catalogue: sets.catalogueFor(namespacesAbove(after)),
      isCapped: isCappedBy(principal, after),
    },
  )

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
    const all = asList(policies).map((name) => fullName(name, namespace.name))
    for (const role of rolesOf(to)) {
      const isBelow = PARENT_ROLE[role] !== null
      const names = isBelow ? all.filter((name) => name !== INHERIT) : all
      const layer = createLayer(names.flatMap((name) => sets.find(name) ?? []))
      const key = `${role} ${names.toSorted().join(' ')}`
      if (asked.has(key)) continue
      asked.add(key)
      const anyone = anyoneBelow(namespace.ownerPath, role)
      const after: OwnedLayer[] = [{ kind: 'own', principal: anyone.principal, layer }]
      const caller = { ...anyone.caller, 'request.time': Math.floor(now / 1000), 'request.mfa': false }
      requireWithin({ caller, before: [], after, granter }, { catalogue, isCapped: namespace.name !== ROOT })
    }
  }
}
