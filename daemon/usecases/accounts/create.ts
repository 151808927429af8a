import {
  newAccount,
  ROLES,
  type Account,
  type KnownAccount,
  type AccountId,
  type Attributes,
  type Role,
} from '../../domain/account.ts'
import { Failure, notFound } from '../../domain/failure.ts'
import { requireAcceptablePassword } from '../../domain/password.ts'
import { canonicalPhone } from '../../domain/phone.ts'
import type { Principal } from '../../domain/session.ts'
import { dominates } from '../../domain/tree.ts'
import { canonicalUsername } from '../../domain/username.ts'
import { actorFields } from '../audit.ts'
import type { Authorize } from '../access/authorize.ts'
import { requireStillWithin, requireWithinCeiling } from '../access/ceiling.ts'
import type { JudgedChange } from '../access/judge.ts'
import { createKeepInvariants } from './keep-invariants.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import { DEFAULT_APPLICATION_ID, type Deps } from '../deps.ts'
import { orFail, takeBack } from '../store-failures.ts'
import { attachableName } from './attach.ts'
import { openSession, type IssuedToken, type SessionDeps } from '../sessions/open.ts'

/** What creating needs beside the rest: to ask whether the caller may also attach. */
export type AccountDeps = SessionDeps &
  Pick<Deps, 'hasher' | 'policies' | 'audit'> & { readonly authorize: Authorize }

/** What a caller says of the account that it wants. */
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

/** The account as stored, with its first token if one was asked for. */
export interface CreatedAccount {
  readonly account: Account
  readonly token?: IssuedToken
}

type Identifiers = Pick<Account, 'username' | 'usernameKey' | 'phone'>

/** What the account is found by, in canonical form. */
export const identifiersOf = (
  { settings }: Pick<Deps, 'settings'>,
  { username, number }: NewAccount,
): Identifiers => ({
  ...(username === undefined ? { username: null, usernameKey: null } : canonicalUsername(username)),
  phone: number === undefined ? null : canonicalPhone(number, settings.defaultRegion),
})

/**
 * Refuses identifiers that are taken, so that no password is hashed for them. That they are free is known by
 * the insertion alone.
 */
const requireFree = async (
  { store }: Pick<Deps, 'store'>,
  role: Role,
  { usernameKey, phone }: Identifiers,
): Promise<void> => {
  const found =
    (usernameKey === null ? undefined : await store.accounts.findByUsername(role, usernameKey)) ??
    (phone === null ? undefined : await store.accounts.findByPhone(role, phone))
  if (found !== undefined) throw new Failure('account_exists')
}

/** The account to store, with its password hashed. */
export const buildAccount = async (
  { random, clock, hasher, settings }: Pick<Deps, 'random' | 'clock' | 'hasher' | 'settings'>,
  {
    input,
    identifiers,
    parent,
  }: { input: NewAccount; identifiers: Identifiers; parent: KnownAccount | null },
): Promise<Account> => {
  const password =
    input.password === undefined
      ? null
      : requireAcceptablePassword(input.password, {
          pointer: '/password',
          context: {
            ...identifiers,
            name: input.name,
            email: input.email,
            serviceNames: settings.serviceNames,
          },
        })
  const passwordHash = password === null ? null : await hasher.hash(password)
  const now = clock.now()
  return newAccount(
    { role: input.role, rowKey: random.rowKey(now), parent, now },
    {
      name: input.name,
      ...identifiers,
      email: input.email ?? null,
      attributes: input.attributes ?? {},
      passwordHash,
    },
  )
}

const refuseParent = (field: string, detail: string): never => {
  throw new Failure('invalid_request', { errors: [{ pointer: `/${field}`, code: 'parent', detail }] })
}

/**
 * The account to create under: the caller itself, or the one it names and dominates. At the top of the tree
 * only super-admins create, whatever policies allow (rule 1).
 */
const resolveParent = async (
  { store }: Pick<Deps, 'store'>,
  creator: KnownAccount,
  role: NewAccount['role'],
  named: { field: string; id: string | undefined },
): Promise<KnownAccount | null> => {
  const parentRole = ROLES[role].parent
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

/**
 * The new account with what is to be attached from the beginning: by somebody who may attach, and within the
 * ceiling.
 */
const attachFirst = async (
  { policies, clock, authorize }: Pick<AccountDeps, 'policies' | 'clock' | 'authorize'>,
  request: { principal: Principal; account: Account; input: NewAccount; origin: RequestOrigin },
): Promise<{ account: Account; judged: JudgedChange }> => {
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
  const judged = { before: snapshot, after: snapshot, principal, ip: origin.ip, now: clock.now() }
  await requireWithinCeiling(judged, { before: undefined, after })
  return { account: after, judged }
}

/**
 * What was attached from the beginning is still there, now that it was written, and gives what was judged;
 * otherwise the account is taken back. Throws `not_found`, and as the ceiling does.
 */
const requireStillGiven = async (
  { policies }: Pick<AccountDeps, 'policies'>,
  account: Account,
  { judged, undo }: { judged: JudgedChange; undo: () => Promise<unknown> },
): Promise<void> => {
  // The policies were read again when the invariants were looked at, after the account was written.
  const given = [...account.policies, ...(account.boundary === null ? [] : [account.boundary])]
  if (given.some((full) => policies.current().find(full) === undefined)) {
    await undo()
    notFound()
  }
  await requireStillWithin(policies, judged, { before: undefined, after: account, undo })
}

/**
 * Takes an account back that was just created. Where others stand below it already, it stays with nothing
 * attached, without attributes that select more, and disabled: that cuts off all below it as well.
 */
const createUncreate = (
  { store, clock, audit }: Pick<AccountDeps, 'store' | 'clock' | 'audit'>,
  by: ReturnType<typeof actorFields>,
): ((created: Account) => Promise<void>) => {
  const shut = async ({ id }: Account): Promise<void> => {
    const now = clock.now()
    const { version } = await store.accounts.setStatus({ id, status: 'disabled', now })
    await store.accounts.update({ id, version, fields: { policies: [], attributes: {} }, now })
    audit.record({
      event: 'account-disable',
      outcome: 'success',
      targetId: id,
      reason: 'it could not be taken back: others stand below it',
      ...by,
    })
  }
  return (created) =>
    takeBack({
      written: created,
      read: () => store.accounts.get(created.id),
      write: async (present) => {
        const outcome = await store.accounts.delete({ id: present.id, now: clock.now() })
        if (outcome === 'has_children') await shut(present)
      },
      what: `the account ${created.id}`,
    })
}

/** A creation: by whom, of what, under which parent. */
export interface CreateAccountRequest {
  readonly principal: Principal
  readonly input: NewAccount
  /** The body field that names the parent, and its value. */
  readonly parent: { readonly field: string; readonly id: string | undefined }
  readonly issueToken: boolean
  readonly origin: RequestOrigin
}

/**
 * Creates an account one level below its parent. Throws `account_exists`, `not_found` (parent or policy),
 * `exceeds_ceiling`, `invariant_broken`, and the refusals of its fields.
 */
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
    const { account, judged } = await attachFirst(deps, { principal, account: plain, input, origin })
    const by = actorFields(principal, origin)
    const undo = (): Promise<void> => createUncreate(deps, by)(account)
    await createKeepInvariants(deps)({
      account,
      isNew: true,
      write: async () => {
        const inserting = deps.store.accounts.insert(account)
        await orFail(inserting, { conflict: 'account_exists', not_found: 'not_found' })
        return account
      },
      undo,
    })
    await requireStillGiven(deps, account, { judged, undo })
    deps.audit.record({
      event: 'account-create',
      outcome: 'success',
      targetId: account.id,
      role: account.role,
      ...by,
    })
    if (!issueToken) return { account }
    const { token } = await openSession(deps, { account, applicationId: DEFAULT_APPLICATION_ID, origin })
    return { account, token }
  }
