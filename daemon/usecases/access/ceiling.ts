import {
  anyoneBelow,
  type Attachment,
  BOUNDS,
  type Budget,
  type Catalogue,
  type Context,
  createBudget,
  createLayer,
  findLackingRight,
  findUnprovenRight,
  type Grant,
  GrantTooLarge,
  listOf,
  type OwnedLayer,
  type Selector,
} from '../../../policies/index.ts'
import { ROLE_NAMES, roleOfId, ROLES, type Account, type Role } from '../../domain/account.ts'
import { Failure } from '../../domain/failure.ts'
import { circumstancesOf, requestContext } from '../../domain/policy-facts.ts'
import {
  fullName,
  namespacesAbove,
  ROOT,
  type OwnedNamespace,
  type PolicySnapshot,
} from '../../domain/policy-snapshot.ts'
import type { Principal } from '../../domain/session.ts'
import { lineageIds } from '../../domain/tree.ts'
import { layersOf } from './authorize.ts'

/** What it allows an account with a creator is by its meaning never more than that one has. */
const INHERIT = 'authctl:InheritCreator'

/** The context of a witness without what every request of now has. */
const circumstances = (context: Context, { caller }: Grant): string => {
  const said = Object.entries(context).filter(([key, value]) => caller[key] !== value)
  return said.length === 0 ? '' : ` with ${JSON.stringify(Object.fromEntries(said))}`
}

/** What a search answers; `tooLarge` when it would take too long. */
const within = <T>(search: () => T): T | 'tooLarge' => {
  try {
    return search()
  } catch (error) {
    if (error instanceof GrantTooLarge) return 'tooLarge'
    throw error
  }
}

const refuse = (code: 'lacking_right' | 'unproven_right', detail: string): never => {
  throw new Failure('exceeds_ceiling', { detail, errors: [{ pointer: '', code, detail }] })
}

/** How a grant is judged. `spend`: what several grants of one request may cost together. */
interface Ceiling {
  readonly catalogue: Catalogue
  readonly isCapped: boolean
  readonly spend?: Budget
}

const refuseLacking = (grant: Grant, { catalogue, spend }: Ceiling): void => {
  const lacking = within(() => findLackingRight(grant, catalogue, spend))
  if (lacking === 'tooLarge')
    throw new Failure('limit_reached', {
      detail: 'The policies name too much to be compared with your own rights: split them.',
    })
  if (lacking === undefined) return
  const { action, resource, context, decision } = lacking
  const owner = String(decision.layer?.principal['principal.id'] ?? 'you')
  const any = resource.includes('~') ? ' (~ is any name)' : ''
  refuse(
    'lacking_right',
    `It gives ${action} on ${resource}${any}${circumstances(context, grant)}, which you may not do yourself (${decision.verdict} by the layer of ${owner}). Give less, such as only what lies under \${principal.path}.`,
  )
}

/**
 * Refuses a grant that gives more than the granter has. `isCapped`: the granter stands above the account, so
 * that its layers are asked again at every request and a right that the search misses is worth nothing;
 * otherwise what cannot be shown to be within is refused as well. Throws `exceeds_ceiling`, `limit_reached`.
 */
export const requireWithin = (grant: Grant, ceiling: Ceiling): void => {
  const unproven = within(() => findUnprovenRight(grant, ceiling.catalogue, ceiling.spend))
  if (unproven === undefined) return
  refuseLacking(grant, ceiling)
  if (ceiling.isCapped) return
  const what =
    unproven === 'tooLarge'
      ? 'It gives more than can be compared with your own rights'
      : `${unproven.statement.policy.name} statement ${unproven.statement.sid ?? unproven.statement.index} gives ${unproven.action}, and it cannot be shown that you may do all of that`
  refuse(
    'unproven_right',
    `${what}: give what a policy of your own allows in the same words, or in wider ones.`,
  )
}

/**
 * Where and when a change is asked for: what is granted is compared with what the caller may do here and now.
 */
export interface Moment {
  readonly ip: string | null
  readonly now: number
}

/** Whether the layers of the caller are asked again at every request of the account. */
export const isCappedBy = ({ account: { id } }: Principal, { path }: Pick<Account, 'path'>): boolean =>
  lineageIds(path).slice(0, -1).includes(id)

/**
 * What an account has: of one that does not exist yet and will be capped, only what is attached; its role
 * brings nothing that counts then.
 */
const layersAfter = (snapshot: PolicySnapshot, account: Account, isNew: boolean): readonly OwnedLayer[] => {
  const isBelow = account.parentId !== null
  const policies = isBelow ? account.policies.filter((name) => name !== INHERIT) : account.policies
  const attached = { policies, boundary: account.boundary }
  return isNew && isBelow ? snapshot.onlyAttached(account, attached) : snapshot.layersWith(account, attached)
}

/**
 * The ceiling: a caller gives an account nothing that the caller lacks. It holds when the account is created
 * (`before` undefined) and when its attachments or attributes change. Throws `exceeds_ceiling`,
 * `limit_reached`.
 */
export const requireWithinCeiling = (
  snapshot: PolicySnapshot,
  {
    principal,
    before,
    after,
    ip,
    now,
  }: { principal: Principal; before: Account | undefined; after: Account } & Moment,
): void => {
  if (snapshot.hasTooMuch(after))
    throw new Failure('limit_reached', {
      detail: `An account has at most ${BOUNDS.selectedPoliciesPerPrincipal} policies and ${BOUNDS.boundariesPerPrincipal} boundaries, with ${BOUNDS.comparisonsPerPrincipal} patterns and values in all of them.`,
    })
  requireWithin(
    {
      caller: requestContext(after, { ip, now }),
      ...(before === undefined ? {} : { callerBefore: requestContext(before, { ip, now }) }),
      before: before === undefined ? [] : snapshot.layersOf(before),
      after: layersAfter(snapshot, after, before === undefined),
      granter: layersOf(snapshot, principal),
    },
    {
      catalogue: snapshot.catalogueFor(namespacesAbove(after)),
      isCapped: isCappedBy(principal, after),
    },
  )
}

const rolesOf = ({ id, role }: Selector): readonly Role[] => {
  if (role !== undefined) return ROLE_NAMES.filter((each) => each === role)
  return ROLE_NAMES.filter((each) => id === undefined || roleOfId(id) === each)
}

/**
 * The same for attachments by selectors, which are for anyone below the owner of the namespace; `granter` are
 * the layers of the caller. Throws `exceeds_ceiling`.
 */
export const requireAllWithinCeiling = (
  snapshot: PolicySnapshot,
  {
    granter,
    namespace,
    attachments,
    ip,
    now,
  }: {
    granter: readonly OwnedLayer[]
    namespace: OwnedNamespace
    attachments: readonly Attachment[]
  } & Moment,
): void => {
  const catalogue = snapshot.catalogueFor([...namespace.above, namespace.name])
  const spend = createBudget()
  const asked = new Set<string>()
  for (const { to, policies } of attachments) {
    const all = listOf<string>(policies ?? []).map((name) => fullName(name, namespace.name))
    for (const role of rolesOf(to)) {
      const isBelow = ROLES[role].parent !== null
      const names = isBelow ? all.filter((name) => name !== INHERIT) : all
      const layer = createLayer(names.flatMap((name) => snapshot.find(name) ?? []))
      const key = `${role} ${names.toSorted().join(' ')}`
      if (asked.has(key)) continue
      asked.add(key)
      const anyone = anyoneBelow(namespace.ownerPath, role)
      const after: OwnedLayer[] = [{ kind: 'own', principal: anyone.principal, layer }]
      const caller = { ...anyone.caller, ...circumstancesOf({ ip, now }) }
      requireWithin(
        { caller, before: [], after, granter },
        { catalogue, isCapped: namespace.name !== ROOT, spend },
      )
    }
  }
}
