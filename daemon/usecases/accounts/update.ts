import type { Account, AccountStatus, Attributes } from '../../domain/account.ts'
import { Failure } from '../../domain/failure.ts'
import { requireMatch, type Precondition } from '../../domain/precondition.ts'
import type { Principal } from '../../domain/session.ts'
import type { AccountChanges } from '../../ports/stores/index.ts'
import { actorFields } from '../audit.ts'
import { requireStillWithin, requireWithinCeiling } from '../access/ceiling.ts'
import { isCappedBy, type AccountChange, type JudgedChange } from '../access/judge.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { Deps } from '../deps.ts'
import { orFail } from '../store-failures.ts'
import { refuseSelf } from './attach.ts'
import { createKeepInvariants } from './keep-invariants.ts'
import { createTakeBackFields } from './take-back.ts'

/**
 * The attributes without what a change gave them: each that still is as it was written is what it was before,
 * and what somebody else has changed since stays.
 */
const attributesBefore = (
  { attributes: before }: Account,
  { written, present }: { written: Account; present: Account },
): Attributes => {
  const left = new Map(Object.entries(present.attributes))
  for (const name of new Set([...Object.keys(before), ...Object.keys(written.attributes)])) {
    const was = before[name]
    if (left.get(name) !== written.attributes[name]) continue
    if (was === undefined) left.delete(name)
    else left.set(name, was)
  }
  return Object.fromEntries(left)
}

/** Changes of accounts that the caller dominates. */
export const createAccountUpdates = (deps: Pick<Deps, 'store' | 'policies' | 'clock' | 'audit'>) => {
  const { store, policies, clock, audit } = deps
  const keepInvariants = createKeepInvariants(deps)
  const takeBackFields = createTakeBackFields(deps)

  /** What a change gave is taken back; what somebody else has changed since, field by field, stays. */
  const putBack = (before: Account, written: Account): Promise<void> =>
    takeBackFields(written, (present) => ({
      name: present.name === written.name ? before.name : present.name,
      email: present.email === written.email ? before.email : present.email,
      attributes: attributesBefore(before, { written, present }),
    }))

  /** Disables or enables an account. Throws `not_found` or `last_super_admin`. */
  const setStatus = async (request: {
    principal: Principal
    target: Account
    status: AccountStatus
    origin: RequestOrigin
  }): Promise<Account> => {
    const { principal, target, status, origin } = request
    const account = await orFail(store.accounts.setStatus({ id: target.id, status, now: clock.now() }), {
      conflict: 'last_super_admin',
      not_found: 'not_found',
    })
    audit.record({
      event: status === 'disabled' ? 'account-disable' : 'account-enable',
      outcome: 'success',
      targetId: account.id,
      ...actorFields(principal, origin),
    })
    return account
  }

  /**
   * Changes fields of an account, if it still is of the version that the caller has read. Attributes select
   * policies and stand in their conditions: a change of them is under the ceiling too, where the caller does
   * not cap the account in any case. Throws `precondition_failed`, `precondition_required`,
   * `exceeds_ceiling`, `limit_reached`.
   */
  const update = async (request: {
    principal: Principal
    target: Account
    fields: AccountChanges
    precondition: Precondition
    origin: RequestOrigin
  }): Promise<Account> => {
    const { principal, target, fields, precondition, origin } = request
    refuseSelf(principal, target)
    requireMatch(precondition, String(target.version))
    let judged: [JudgedChange, AccountChange] | undefined
    if (fields.attributes !== undefined && !isCappedBy(principal, target)) {
      const after = { ...target, attributes: fields.attributes }
      const snapshot = policies.current()
      const ancestors = target.parentId === null ? [] : await store.accounts.getLineage(target.path)
      judged = [
        { before: snapshot, after: snapshot, principal, ip: origin.ip, now: clock.now() },
        { before: target, after, ancestors: ancestors.slice(0, -1) },
      ]
      await requireWithinCeiling(...judged)
    }
    const { id, version } = target
    const write = (): Promise<Account> =>
      orFail(store.accounts.update({ id, version, fields, now: clock.now() }), {
        stale: 'precondition_failed',
        not_found: 'not_found',
      })
    const { attributes } = fields
    const account =
      attributes === undefined
        ? await write()
        : await keepInvariants({
            account: { ...target, attributes },
            isNew: false,
            write,
            undo: (written) => putBack(target, written),
          })
    if (judged !== undefined) {
      const undo = (): Promise<unknown> => putBack(target, account)
      await requireStillWithin(policies, judged[0], { ...judged[1], after: account, undo })
    }
    audit.record({
      event: 'account-update',
      outcome: 'success',
      targetId: id,
      ...actorFields(principal, origin),
    })
    return account
  }

  /** Deletes an account. Throws `not_found`, `has_children`, `last_super_admin`. */
  const remove = async (request: {
    principal: Principal
    target: Account
    origin: RequestOrigin
  }): Promise<void> => {
    const { principal, target, origin } = request
    const { id } = target
    const outcome = await orFail(store.accounts.delete({ id, now: clock.now() }), {
      conflict: 'last_super_admin',
      not_found: 'not_found',
    })
    if (outcome === 'has_children') throw new Failure('has_children')
    audit.record({
      event: 'account-delete',
      outcome: 'success',
      targetId: id,
      ...actorFields(principal, origin),
    })
  }

  return { setStatus, update, remove }
}
