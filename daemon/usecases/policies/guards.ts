import {
  BOUNDS,
  type Catalogue,
  createCatalogue,
  type Invariant,
  OWN_SERVICES,
  seekLackingRight,
  type Statement,
} from '../../../policies/index.ts'
import { loosenedConditions } from '../../../policies/set/index.ts'
import { DIAGNOSTICS, validateDocument, validateInvariant } from '../../../policies/validate/index.ts'
import { Failure, type FieldError } from '../../domain/failure.ts'
import { requestContext } from '../../domain/policy-facts.ts'
import {
  fullName,
  isSameText,
  ROOT,
  type Listed,
  type Namespace,
  type OwnedNamespace,
  type PolicySnapshot,
} from '../../domain/policy-snapshot.ts'
import type { Lineage } from '../../domain/session.ts'
import { layersOf } from '../access/authorize.ts'
import { requireApproved } from './approvals.ts'
import { refuse } from '../access/ceiling.ts'
import { createJudge, hasEverything, type Moment } from '../access/judge.ts'
import { createBreather, inPieces } from '../breather.ts'
import { fieldErrorsOf } from './diagnostic-errors.ts'
import { requireUnderstood } from './invariants.ts'
import { type ReadAccounts, requireInvariants } from './invariant-guards.ts'
import { accountsUnder, potentialAccountsUnder } from './touched.ts'

/**
 * A change of one namespace that is about to be written: the state that it makes, beside the one in force.
 */
export interface PendingChange extends Moment {
  readonly home: OwnedNamespace
  /** The namespace with the change. */
  readonly next: Namespace
  readonly before: PolicySnapshot
  readonly after: PolicySnapshot
  readonly principal: Lineage
  /** Another account that has approved it: it answers for the change as the caller does. */
  readonly approver?: Lineage
  /** Whether the caller may lose rights of its own by it. */
  readonly allowLockout?: boolean
}

/** One check of a resulting state; it refuses by throwing. */
type Check = (base: Namespace, change: PendingChange, accounts: ReadAccounts) => void | Promise<void>

/** The names whose texts one listing has otherwise than the other, or alone. */
export const changedNames = (
  base: Readonly<Record<string, Listed>>,
  next: Readonly<Record<string, Listed>>,
): string[] =>
  [...new Set([...Object.keys(base), ...Object.keys(next)])].filter((name) => {
    const [present, wanted] = [base[name], next[name]]
    return present === undefined || wanted === undefined || !isSameText(present, wanted)
  })

const changedServices = (base: Namespace, next: Namespace): string[] =>
  changedNames(base.revision.services, next.revision.services)

/** What is declared above holds below, and cannot be declared anew there. Throws `policy_invalid`. */
const requireNewAbove: Check = (base, { home, next, before }) => {
  for (const name of changedServices(base, next)) {
    if (!next.services.has(name)) continue
    const owner = home.above.find((each) => before.namespaces.get(each)?.services.has(name))
    if (owner === undefined) continue
    const detail = `${owner} declares a service ${name}, which holds here too: name yours otherwise.`
    throw new Failure('policy_invalid', { errors: [{ pointer: '/service', code: 'E_VALUE', detail }] })
  }
}

/** What an invariant forbids, which is read as a Deny is. */
const forbiddenBy = ({ neverGrants, onlyBy }: Invariant): Statement[] =>
  [neverGrants, onlyBy].flatMap((rule) => {
    if (rule === undefined) return []
    const { to: _to, ...requests } = rule
    return [{ Effect: 'Deny' as const, ...requests }]
  })

/** What is declared before and after. */
interface Catalogues {
  readonly before: Catalogue
  readonly after: Catalogue
}

/** By which conditions statements would deny less, or allow more, by what is declared after. */
const loosened = (statements: readonly Statement[], catalogues: Catalogues): Omit<FieldError, 'pointer'>[] =>
  statements.flatMap((statement, n) =>
    loosenedConditions(statement, catalogues).map(({ code, message, pointer = '', hint }) => ({
      code,
      detail: `Statement ${n + 1}${pointer}: ${message}, and it would not be always there any more. ${hint ?? DIAGNOSTICS[code].fix} Then declare the service.`,
    })),
  )

/**
 * After a change of services, every document and invariant must be valid by what is declared then, in its
 * namespace and in those below: wildcards and complements name services that their text does not. None that
 * is not written anew with it may deny less or allow more, because a key may be missing that was always
 * there. Throws `policy_in_use`.
 */
const requireDocumentsStillValid: Check = async (base, { home: { name: home }, next, before, after }) => {
  if (changedServices(base, next).length === 0) return
  const breathe = createBreather()
  for (const { revision, policies, invariants } of after.namespaces.values()) {
    if (revision.namespace !== home && !revision.above.includes(home)) continue
    const declaring = [...revision.above, revision.namespace]
    const catalogue = after.catalogueFor(declaring)
    const catalogues = { before: before.catalogueFor(declaring), after: catalogue }
    const present = before.namespaces.get(revision.namespace)
    const refuseAny = (file: string, found: readonly Omit<FieldError, 'pointer'>[]): void => {
      // The places are those of the stored text, which nobody has seen.
      const errors = found.map((error) => ({ ...error, pointer: file }))
      if (errors.length > 0) throw new Failure('policy_in_use', { errors })
    }
    for (const [id, stored] of policies) {
      await breathe()
      const { document } = stored
      const file = `${revision.namespace}/${id}`
      const { diagnostics } = validateDocument(JSON.stringify(document), { file, catalogue })
      refuseAny(file, fieldErrorsOf(diagnostics))
      if (isSameText(present?.policies.get(id), stored))
        refuseAny(file, loosened(document.Statement, catalogues))
    }
    for (const [id, stored] of invariants) {
      const { invariant } = stored
      const file = `${revision.namespace}/invariant/${id}`
      refuseAny(
        file,
        fieldErrorsOf(validateInvariant(JSON.stringify(invariant), { file, catalogue }).diagnostics),
      )
      if (isSameText(present?.invariants.get(id), stored))
        refuseAny(file, loosened(forbiddenBy(invariant), catalogues))
    }
  }
}

/** A policy that is attached cannot go. */
export const inUse = (where: string): Failure =>
  new Failure('policy_in_use', { detail: `${where} Detach it first.` })

/** No attachments name a policy that is taken out. Throws `policy_in_use`. */
const requireUnselected: Check = async (base, { home, next, after }) => {
  const gone = new Set(
    [...base.policies.keys()].flatMap((name) => (next.policies.has(name) ? [] : [`${home.name}/${name}`])),
  )
  if (gone.size === 0) return
  const breathe = createBreather()
  for (const [namespace, { revision }] of after.namespaces) {
    await breathe()
    for (const { policies = [], boundary = [] } of revision.attachments)
      if ([policies, boundary].flat().some((name) => gone.has(fullName(name, namespace))))
        throw inUse(`The attachments of ${namespace} name it.`)
  }
}

const full = (detail: string): never => {
  throw new Failure('limit_reached', { detail })
}

const requireFewAttachments: Check = (_base, { next }) => {
  if (next.revision.attachments.length > BOUNDS.attachmentsPerNamespace)
    full(`A namespace has at most ${BOUNDS.attachmentsPerNamespace} attachments.`)
}

/** What super-admins must keep: a root that nobody can change any more is lost. */
const OWN_CATALOGUE = createCatalogue(OWN_SERVICES.filter(({ service }) => service !== 'places'))

/**
 * A change of the root's policies is a change of the policies of super-admins: the caller must not lose
 * anything that it needs to take the change back, since by the ceiling it could not give that to itself
 * again.
 * Throws `would_lock_out`.
 */
const requireOwnRights: Check = async (_base, change) => {
  const { home, before, after, principal, ip, now, allowLockout = false } = change
  if (home.name !== ROOT) return
  const caller = requestContext(principal.account, { ip, now })
  const [present, next] = [layersOf(before, principal), layersOf(after, principal)]
  const gone = { caller, before: next, after: present, granter: next }
  const lost = await inPieces(seekLackingRight(gone, OWN_CATALOGUE))
  if (lost !== undefined && !allowLockout)
    throw new Failure('would_lock_out', {
      detail: `You would lose ${lost.action} on ${lost.resource} yourself, and could not give it to yourself again: have another super-admin do it.`,
    })
}

/**
 * No account gains a right that the caller lacks: none that is stored, and none of those that may come to be,
 * to whom attachments give the same. Asked again after the change is in force, it sees whom somebody has
 * attached to meanwhile. Throws `exceeds_ceiling`, `limit_reached`.
 */
export const requireWithinCeiling: Check = async (_base, change, deps) => {
  const { home, before, after, principal } = change
  if (hasEverything(before, principal)) return
  const judge = createJudge(change)
  const refuseAny = (verdict: Awaited<ReturnType<typeof judge>>): void => {
    if (verdict !== undefined) refuse(verdict)
  }
  const breathe = createBreather()
  for (const account of potentialAccountsUnder(home, [before, after])) {
    refuseAny(await judge({ before: account, after: account }))
    await breathe()
  }
  for await (const account of accountsUnder(deps, home)) {
    refuseAny(await judge({ before: account, after: account }))
    await breathe()
  }
}

/**
 * What the namespace and those above it have as invariants holds, and none goes unread. Throws
 * `invariant_broken`.
 */
const requireInvariantsHold: Check = (_base, change, accounts) => {
  requireUnderstood(change.before, [change.home.name])
  return requireInvariants(change, accounts)
}

/** What two accounts change together has been approved, by one who might do it too. */
const requireTwo: Check = async (base, change, accounts) => {
  const { next, approver } = change
  await requireApproved(base, next, approver !== undefined)
  if (approver === undefined) return
  await requireWithinCeiling(base, { ...change, principal: approver }, accounts)
}

const actionsIn = ({ services }: Namespace): number =>
  [...services.values()].reduce((sum, { service }) => sum + Object.keys(service.actions).length, 0)

/** Nobody fills the server: not with policies, nor with what they can name. Throws `limit_reached`. */
const requireRoom: Check = (_base, { next, after }) => {
  const count = [...after.namespaces.values()].reduce((sum, each) => sum + each.policies.size, 0)
  if (count > BOUNDS.policies) full(`A server has at most ${BOUNDS.policies} policies.`)
  if (next.revision.namespace !== ROOT && next.policies.size > BOUNDS.policiesPerNamespace)
    full(`An account defines at most ${BOUNDS.policiesPerNamespace} policies.`)
  if (next.invariants.size > BOUNDS.invariantsPerNamespace)
    full(`A namespace has at most ${BOUNDS.invariantsPerNamespace} invariants.`)
  if (actionsIn(next) > BOUNDS.actionsPerNamespace)
    full(`The services of an account declare at most ${BOUNDS.actionsPerNamespace} actions.`)
}

/**
 * All checks of a resulting state, in their order: whether it is whole, whether the caller may make it,
 * whether there is room.
 */
const CHECKS: readonly Check[] = [
  requireNewAbove,
  requireDocumentsStillValid,
  requireUnselected,
  requireFewAttachments,
  requireOwnRights,
  requireWithinCeiling,
  requireInvariantsHold,
  requireTwo,
  requireRoom,
]

/**
 * Refuses a change whose resulting state must not be, however the change came about: by a put, a delete, or
 * many of them at once.
 */
export const checkChange = async (
  base: Namespace,
  change: PendingChange,
  accounts: ReadAccounts,
): Promise<void> => {
  const breathe = createBreather()
  for (const check of CHECKS) {
    await breathe()
    await check(base, change, accounts)
  }
}
