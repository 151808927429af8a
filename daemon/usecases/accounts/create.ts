import {
  ID_PREFIX,
  type Account,
  type AccountId,
  type AccountStatus,
  type Attributes,
  type Role,
} from '../../domain/account.ts'
import { Failure } from '../../domain/failure.ts'
import { requireAcceptablePassword } from '../../domain/password.ts'
import { canonicalPhone } from '../../domain/phone.ts'
import { requireMatch, type Precondition } from '../../domain/precondition.ts'
import type { Principal } from '../../domain/session.ts'
import { childPath, dominates, maySee, PARENT_ROLE } from '../../domain/tree.ts'
import { canonicalUsername } from '../../domain/username.ts'
import { StoreFailure, type AccountChanges } from '../../ports/stores/index.ts'
import { actorFields, originFields } from '../audit.ts'
import type { Authorize } from '../access/authorize.ts'
import { isCappedBy, requireWithinCeiling } from '../access/ceiling.ts'
import { DEFAULT_CLIENT_ID, type CoreDeps, type Deps, type Origin } from '../deps.ts'
import { attachableName, refuseSelf } from './attach.ts'
import { RATE_LIMITS, takeLimits } from '../limits.ts'
import { openSession, type IssuedToken } from '../sessions/open.ts'
import { notFound } from '../../domain/failure.ts'

/** What creating needs beside the rest: to ask whether the caller may also attach. */
export type AccountDeps = Deps & { readonly authorize: Authorize }

export interface NewAccount {
  readonly role: Exclude<Role, 'user'>
  readonly name: string
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly number?: string | undefined
  readonly email?: string | undefined
  readonly attributes?: Attributes | undefined
  /** Policies to attach and a boundary, as the caller names them. */
  readonly policies?: readonly string[] | undefined
  readonly boundary?: string | undefined
}

export interface CreatedAccount {
  readonly account: Account
  readonly token?: IssuedToken
}

type Identifiers = Pick<Account, 'username' | 'usernameKey' | 'phone'>

/** What the account is found by, in canonical form. */
const identifiersOf = ({ settings }: CoreDeps, { username, number }: NewAccount): Identifiers => ({
  ...(username === undefined ? { username: null, usernameKey: null } : canonicalUsername(username)),
  phone: number === undefined ? null : canonicalPhone(number, settings.defaultRegion),
})

/** Refuses identifiers that are taken, so that no password is hashed for them. That they are free is known by the insertion alone. */
const requireFree = async (
  { store }: CoreDeps,
  role: Role,
  { usernameKey, phone }: Identifiers,
): Promise<void> => {
  const found =
    (usernameKey === null ? undefined : await store.accounts.findByUsername(role, usernameKey)) ??
    (phone === null ? undefined : await store.accounts.findByPhone(role, phone))
  if (found !== undefined) throw new Failure('account_exists')
}

/** The account to store, with its password hashed. */
const buildAccount = async (
  { random, clock, hasher }: CoreDeps,
  { input, identifiers, parent }: { input: NewAccount; identifiers: Identifiers; parent: Account | null },
): Promise<Account> => {
  const password =
    input.password === undefined ? null : requireAcceptablePassword(input.password, '/password')
  const passwordHash = password === null ? null : await hasher.hash(password)
  const now = clock.now()
  const id = `${ID_PREFIX[input.role]}_${random.rowKey(now)}` as AccountId
  return {
    id,
    role: input.role,
    name: input.name,
    ...identifiers,
    email: input.email ?? null,
    parentId: parent?.id ?? null,
    path: childPath(parent, id),
    status: 'active',
    attributes: input.attributes ?? {},
    policies: [],
    boundary: null,
    passwordHash,
    epoch: 1,
    createdAt: now,
    updatedAt: now,
    version: 1,
  }
}

const refuseParent = (field: string, detail: string): never => {
  throw new Failure('invalid_request', { errors: [{ pointer: `/${field}`, code: 'parent', detail }] })
}

/**
 * The account to create under: the caller itself, or the one it names and dominates. At the top of the tree only super-admins create, whatever
 * policies allow (rule 1).
 */
const resolveParent = async (
  { store }: Deps,
  creator: Account,
  role: NewAccount['role'],
  named: { field: string; id: string | undefined },
): Promise<Account | null> => {
  const parentRole = PARENT_ROLE[role]
  if (parentRole === null) {
    if (creator.role === 'super-admin') return null
    throw new Failure('forbidden', { reason: `a ${creator.role} creates no ${role}` })
  }
  if (creator.role === parentRole) {
    if (named.id !== undefined)
      refuseParent(named.field, `${named.field} is for callers above the ${parentRole}; leave it out.`)
    return creator
  }
  if (named.id === undefined)
    return refuseParent(named.field, `Name the ${parentRole} to create the ${role} under.`)
  const parent = await store.accounts.get(named.id as AccountId)
  if (parent === undefined || parent.role !== parentRole || !dominates(creator, parent)) return notFound()
  return parent
}

const insertOrConflict = async (
  insert: Promise<void>,
  code: 'account_exists' | 'already_bootstrapped',
): Promise<void> => {
  try {
    await insert
  } catch (error) {
    if (error instanceof StoreFailure && error.kind === 'conflict') throw new Failure(code, { cause: error })
    if (error instanceof StoreFailure && error.kind === 'not_found')
      throw new Failure('not_found', { cause: error })
    throw error
  }
}

/** The new account with what is to be attached from the beginning: by somebody who may attach, and within the ceiling. */
const attachFirst = (
  { policies, clock, authorize }: AccountDeps,
  request: { principal: Principal; account: Account; input: NewAccount; origin: Origin },
): Account => {
  const { principal, account, input, origin } = request
  const { policies: names = [], boundary = null } = input
  const resource = `account/${account.path}`
  if (names.length > 0) authorize({ principal, action: 'authctl:AttachPolicy', resource, origin })
  if (boundary !== null) authorize({ principal, action: 'authctl:SetBoundary', resource, origin })
  const snapshot = policies.current()
  const fullOf = (name: string): string => attachableName(snapshot, { principal, target: account, name })
  const attached = {
    policies: [...new Set(names.map(fullOf))],
    boundary: boundary === null ? null : fullOf(boundary),
  }
  const after = { ...account, ...attached }
  requireWithinCeiling(snapshot, { principal, before: undefined, after, ip: origin.ip, now: clock.now() })
  return after
}

export interface CreateAccountRequest {
  readonly principal: Principal
  readonly input: NewAccount
  /** The body field that names the parent, and its value. */
  readonly parent: { readonly field: string; readonly id: string | undefined }
  readonly issueToken: boolean
  readonly origin: Origin
}

/** Creates an account one level below its parent. Throws `account_exists`, `not_found` (parent or policy), `exceeds_ceiling`, and the refusals of its fields. */
export const createCreateAccount =
  (deps: AccountDeps) =>
  async ({
    principal,
    input,
    parent: named,
    issueToken,
    origin,
  }: CreateAccountRequest): Promise<CreatedAccount> => {
    const parent = await resolveParent(deps, principal.account, input.role, named)
    const identifiers = identifiersOf(deps, input)
    if (input.password !== undefined) await requireFree(deps, input.role, identifiers)
    const plain = await buildAccount(deps, { input, identifiers, parent })
    const account = attachFirst(deps, { principal, account: plain, input, origin })
    await insertOrConflict(deps.store.accounts.insert(account), 'account_exists')
    deps.audit.record({
      event: 'account-create',
      outcome: 'success',
      actorId: principal.account.id,
      targetId: account.id,
      role: account.role,
      ...originFields(origin),
    })
    if (!issueToken) return { account }
    const { token } = await openSession(deps, { account, clientId: DEFAULT_CLIENT_ID, origin })
    return { account, token }
  }

export interface SuperAdminInput {
  readonly name: string
  readonly username: string
  readonly password: string
}

/** Creates the first super-admin; the store lets one caller through. Throws `already_bootstrapped`. */
export const insertFirstSuperAdmin = async (deps: CoreDeps, fields: SuperAdminInput): Promise<Account> => {
  const input = { ...fields, role: 'super-admin' } as const
  const identifiers = identifiersOf(deps, input)
  const account = await buildAccount(deps, { input, identifiers, parent: null })
  await insertOrConflict(deps.store.accounts.insertFirstSuperAdmin(account), 'already_bootstrapped')
  deps.setupToken.discard()
  deps.audit.record({ event: 'bootstrap', outcome: 'success', targetId: account.id, role: account.role })
  return account
}

/** Creates the first super-admin for whoever holds the set-up token. */
export const createBootstrap =
  (deps: Deps) =>
  async (request: SuperAdminInput & { setupToken: string; origin: Origin }): Promise<CreatedAccount> => {
    const { origin } = request
    await takeLimits(deps, [RATE_LIMITS.bootstrapFrom(origin.ip)])
    if (await deps.store.accounts.hasSuperAdmin()) throw new Failure('already_bootstrapped')
    if (!deps.setupToken.matches(request.setupToken, deps.clock.now())) {
      deps.audit.record({
        event: 'bootstrap',
        outcome: 'failure',
        reason: 'wrong_setup_token',
        ...originFields(origin),
      })
      throw new Failure('invalid_setup_token')
    }
    const account = await insertFirstSuperAdmin(deps, request)
    const { token } = await openSession(deps, { account, clientId: DEFAULT_CLIENT_ID, origin })
    return { account, token }
  }

/** The account that a request is about, if the caller sees it, or dominates it; anything else is `not_found`. */
export const createFindTarget =
  ({ store }: Pick<Deps, 'store'>) =>
  async ({ account: caller }: Principal, id: string, relation: 'visible' | 'dominated'): Promise<Account> => {
    const found = await store.accounts.get(id as AccountId)
    const mayAct = relation === 'visible' ? maySee : dominates
    return found !== undefined && mayAct(caller, found) ? found : notFound()
  }

/** Disables or enables an account. Throws `not_found` or `last_super_admin`. */
export const createSetStatus =
  ({ store, clock, audit }: Deps) =>
  async (request: {
    principal: Principal
    target: Account
    status: AccountStatus
    origin: Origin
  }): Promise<Account> => {
    const { principal, target, status, origin } = request
    try {
      const account = await store.accounts.setStatus({ id: target.id, status, now: clock.now() })
      audit.record({
        event: status === 'disabled' ? 'account-disable' : 'account-enable',
        outcome: 'success',
        actorId: principal.account.id,
        targetId: account.id,
        ...originFields(origin),
      })
      return account
    } catch (error) {
      if (error instanceof StoreFailure && error.kind === 'conflict')
        throw new Failure('last_super_admin', { cause: error })
      if (error instanceof StoreFailure && error.kind === 'not_found') return notFound()
      throw error
    }
  }

/**
 * Changes fields of an account, if it still is of the version that the caller has read. Attributes select policies and stand in their conditions:
 * a change of them is under the ceiling too, where the caller does not cap the account in any case. Throws `precondition_failed`, `precondition_required`, `exceeds_ceiling`, `limit_reached`.
 */
export const createUpdateAccount =
  ({ store, policies, clock, audit }: Deps) =>
  async (request: {
    principal: Principal
    target: Account
    fields: AccountChanges
    precondition: Precondition
    origin: Origin
  }): Promise<Account> => {
    const { principal, target, fields, precondition, origin } = request
    refuseSelf(principal, target)
    requireMatch(precondition, String(target.version))
    if (fields.attributes !== undefined && !isCappedBy(principal, target)) {
      const after = { ...target, attributes: fields.attributes }
      requireWithinCeiling(policies.current(), {
        principal,
        before: target,
        after,
        ip: origin.ip,
        now: clock.now(),
      })
    }
    try {
      const { id, version } = target
      const account = await store.accounts.update({ id, version, fields, now: clock.now() })
      audit.record({
        event: 'account-update',
        outcome: 'success',
        targetId: id,
        ...actorFields(principal, origin),
      })
      return account
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error
      if (error.kind === 'stale') throw new Failure('precondition_failed', { cause: error })
      if (error.kind === 'not_found') return notFound()
      throw error
    }
  }

/** Deletes an account. Throws `not_found`, `has_children`, `last_super_admin`. */
export const createDeleteAccount =
  ({ store, clock, audit }: Deps) =>
  async (request: { principal: Principal; target: Account; origin: Origin }): Promise<void> => {
    const { principal, target, origin } = request
    const { id } = target
    const outcome = await store.accounts.delete({ id, now: clock.now() }).catch((error: unknown) => {
      if (error instanceof StoreFailure && error.kind === 'conflict')
        throw new Failure('last_super_admin', { cause: error })
      if (error instanceof StoreFailure && error.kind === 'not_found') return notFound()
      throw error
    })
    if (outcome === 'has_children') throw new Failure('has_children')
    audit.record({
      event: 'account-delete',
      outcome: 'success',
      targetId: id,
      ...actorFields(principal, origin),
    })
  }
