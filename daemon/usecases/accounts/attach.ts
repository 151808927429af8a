import { BOUNDS } from '../../../policies/index.ts'
import { locatePolicy, visibleNamespaces } from '../policies/reach.ts'
import type { Account } from '../../domain/account.ts'
import { Failure, notFound } from '../../domain/failure.ts'
import { namespacesAbove, type PolicySnapshot } from '../../domain/policy-snapshot.ts'
import type { Principal } from '../../domain/session.ts'
import { actorFields } from '../audit.ts'
import { requireStillWithin, requireWithinCeiling } from '../access/ceiling.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { Deps } from '../deps.ts'
import { retryStale } from '../store-failures.ts'
import { createKeepInvariants } from './keep-invariants.ts'
import { createTakeBackFields } from './take-back.ts'

type Attached = Pick<Account, 'policies' | 'boundary'>

/** Who changes the policies of which account, and where the request comes from. */
export interface Granting {
  readonly principal: Principal
  /** Dominated by the principal. */
  readonly target: Account
  readonly origin: RequestOrigin
}

/** One change of what is attached. */
interface Grant {
  /** What the audit calls it, and what it is about. */
  readonly event: string
  readonly about: string
  /** The policy that it names, which must be there afterwards; null where it names none. */
  readonly given: string | null
  readonly next: (present: Account) => Attached
}

/** What is attached, without what a change gave and with what it took. */
const attachedBefore = (
  before: Attached,
  { written, present }: { written: Attached; present: Attached },
): Attached => {
  const had = before.policies.filter(
    (name) => present.policies.includes(name) || !written.policies.includes(name),
  )
  const since = present.policies.filter(
    (name) => !before.policies.includes(name) && !written.policies.includes(name),
  )
  return {
    policies: [...had, ...since],
    boundary: present.boundary === written.boundary ? before.boundary : present.boundary,
  }
}

const MAX_ATTEMPTS = 20

/** Nobody changes what is attached to themselves: they could raise their own rights. */
export const refuseSelf = (principal: Principal, target: Account): void => {
  if (principal.account.id === target.id)
    throw new Failure('forbidden', {
      detail: 'Nobody changes their own policies and boundary.',
      reason: 'self_promotion',
    })
}

/**
 * The full name of a policy that can be attached to an account: the caller sees it, and the account stands
 * below its owner. Everything else answers as if it were not there.
 */
export const attachableName = (
  snapshot: PolicySnapshot,
  { principal, target, name }: { principal: Principal; target: Pick<Account, 'path'>; name: string },
): string => {
  const { full, namespace } = locatePolicy(principal, name)
  const isSeen = namespace === undefined || visibleNamespaces(principal).includes(namespace)
  const isAbove = namespace === undefined || namespacesAbove(target).includes(namespace)
  return isSeen && isAbove && snapshot.find(full) !== undefined ? full : notFound()
}

/** Attaches and detaches policies and boundaries of single accounts, within the ceiling. */
export const createGrants = ({
  store,
  policies,
  clock,
  audit,
}: Pick<Deps, 'store' | 'policies' | 'clock' | 'audit'>) => {
  const keepInvariants = createKeepInvariants({ store, policies, clock })
  const takeBackFields = createTakeBackFields({ store, clock })

  /** What a change gave or took is taken back; what somebody else has attached or detached since stays. */
  const putBack = (before: Attached, written: Account): Promise<void> =>
    takeBackFields(written, (present) => attachedBefore(before, { written, present }))

  /** A policy that was deleted while it was attached is detached again: its name would shut the account. */
  const requireStillThere = async (full: string | null, undo: () => Promise<void>): Promise<void> => {
    if (full === null) return
    await policies.refresh({ atOnce: true })
    if (policies.current().find(full) !== undefined) return
    await undo()
    notFound()
  }

  /**
   * Changes what is attached by a compare-and-set on the account; asked again when it has changed meanwhile.
   */
  const change = async (
    { principal, target, origin }: Granting,
    { event, about, given, next }: Grant,
  ): Promise<Account> => {
    refuseSelf(principal, target)
    const attempt = async (n: number): Promise<Account> => {
      const present = n === 0 ? target : ((await store.accounts.get(target.id)) ?? notFound())
      const attached = next(present)
      const isSame =
        attached.boundary === present.boundary && attached.policies.join(' ') === present.policies.join(' ')
      if (isSame) return present
      const moment = { ip: origin.ip, now: clock.now() }
      const after = { ...present, ...attached }
      const snapshot = policies.current()
      const judged = { before: snapshot, after: snapshot, principal, ...moment }
      await requireWithinCeiling(judged, { before: present, after })
      const { id, version } = present
      const fields = { policies: attached.policies, boundary: attached.boundary }
      const changed = await keepInvariants({
        account: after,
        isNew: false,
        write: () => store.accounts.update({ id, version, fields, now: clock.now() }),
        undo: (written) => putBack(present, written),
      })
      const undo = (): Promise<void> => putBack(present, changed)
      await requireStillWithin(policies, judged, { before: present, after: changed, undo })
      await requireStillThere(given, undo)
      audit.record({
        event,
        outcome: 'success',
        targetId: id,
        reason: about,
        ...actorFields(principal, origin),
      })
      return changed
    }
    return retryStale(attempt, { times: MAX_ATTEMPTS, what: `the account ${target.id}` })
  }

  /**
   * Attaches a policy; one that is attached already stays so. Throws `not_found`, `exceeds_ceiling`,
   * `invariant_broken`, `limit_reached`.
   */
  const attach = async (granting: Granting & { name: string }): Promise<Account> => {
    const snapshot = policies.current()
    const full = attachableName(snapshot, granting)
    return change(granting, {
      event: 'policy-attach',
      about: full,
      given: full,
      next: ({ policies: attached, boundary }) => {
        if (!attached.includes(full) && attached.length >= BOUNDS.policiesPerPrincipal)
          throw new Failure('limit_reached', {
            detail: `At most ${BOUNDS.policiesPerPrincipal} policies can be attached to an account.`,
          })
        return { policies: [...new Set([...attached, full])], boundary }
      },
    })
  }

  /**
   * Detaches a policy. Throws `not_found` if it is not attached, and `exceeds_ceiling` if it held back what
   * the caller lacks.
   */
  const detach = async (granting: Granting & { name: string }): Promise<Account> => {
    const { full } = locatePolicy(granting.principal, granting.name)
    return change(granting, {
      event: 'policy-detach',
      about: full,
      given: null,
      next: ({ policies: attached, boundary }) =>
        attached.includes(full)
          ? { policies: attached.filter((name) => name !== full), boundary }
          : notFound(),
    })
  }

  /** Sets the boundary of an account, or with null takes it away. Throws `not_found`, `exceeds_ceiling`. */
  const setBoundary = async (granting: Granting & { name: string | null }): Promise<Account> => {
    const { name } = granting
    const boundary = name === null ? null : attachableName(policies.current(), { ...granting, name })
    return change(granting, {
      event: 'boundary-set',
      about: boundary ?? 'none',
      given: boundary,
      next: ({ policies: attached }) => ({ policies: attached, boundary }),
    })
  }

  return { attach, detach, setBoundary }
}
