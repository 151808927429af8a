import type { Routes } from '../../contract/routes.ts'
import type { Account, AccountId } from '../../domain/account.ts'
import {
  createCreateAccount,
  type AccountDeps,
  type CreatedAccount,
  type NewAccount,
} from '../../usecases/accounts/create.ts'
import { createBootstrap } from '../../usecases/accounts/bootstrap.ts'
import { createDeleteAccount, createSetStatus, createUpdateAccount } from '../../usecases/accounts/update.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import { createListAccounts } from '../../usecases/accounts/list.ts'
import type { Principal } from '../../domain/session.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import type { Handlers, Reply } from '../reply.ts'
import { toAccount, toToken } from '../views.ts'

const created = (noun: string, { account, token }: CreatedAccount): Reply => ({
  status: 201,
  body: {
    detail: `${noun} created successfully`,
    ...(token === undefined ? {} : { token: toToken(token) }),
    account: toAccount(account),
  },
})

/** The version of an account is its entity tag. */
const tagged = ({ version }: Account) => ({ ETag: `"${version}"` })

const changed = (detail: string, account: Account): Reply => ({
  status: 200,
  headers: tagged(account),
  body: { detail, account: toAccount(account) },
})

type CreateBody = Omit<NewAccount, 'role'> & { issue_token?: boolean }

export const createAccountHandlers = (deps: AccountDeps) => {
  const bootstrap = createBootstrap(deps)
  const createAccount = createCreateAccount(deps)
  const list = createListAccounts(deps)
  const setStatus = createSetStatus(deps)
  const update = createUpdateAccount(deps)
  const remove = createDeleteAccount(deps)

  const create = async (
    spec: { role: NewAccount['role']; noun: string; parentField: string; parentId?: string | undefined },
    request: { caller: Principal; body: CreateBody; origin: RequestOrigin },
  ): Promise<Reply> => {
    const { issue_token: issueToken = true, ...input } = request.body
    const result = await createAccount({
      principal: request.caller,
      input: { ...input, role: spec.role },
      parent: { field: spec.parentField, id: spec.parentId },
      issueToken,
      origin: request.origin,
    })
    return created(spec.noun, result)
  }

  return {
    'superadmins.bootstrap': async ({ body, origin }) =>
      created('Super-admin', await bootstrap({ ...body, setupToken: body.setup_token, origin })),

    'superadmins.create': (request) =>
      create({ role: 'super-admin', noun: 'Super-admin', parentField: 'parent_id' }, request),
    'admins.create': (request) => create({ role: 'admin', noun: 'Admin', parentField: 'parent_id' }, request),
    'clients.create': ({ body: { admin_id: parentId, ...body }, caller, origin }) =>
      create({ role: 'client', noun: 'Client', parentField: 'admin_id', parentId }, { body, caller, origin }),
    'subclients.create': ({ body: { client_id: parentId, ...body }, caller, origin }) =>
      create(
        { role: 'sub-client', noun: 'Sub-client', parentField: 'client_id', parentId },
        { body, caller, origin },
      ),

    'accounts.list': async ({ caller, query }) => {
      const position = decodeCursor(query.cursor, 'number', 'string')
      const { items, next } = await list({
        principal: caller,
        role: query.role,
        parentId: query.parent_id,
        status: query.status,
        attribute: query.attribute,
        text: query.text,
        after: position && { createdAt: position[0], id: position[1] as AccountId },
        limit: query.limit ?? 50,
      })
      return {
        status: 200,
        body: { items: items.map(toAccount), next_cursor: next && encodeCursor([next.createdAt, next.id]) },
      }
    },

    'accounts.get': ({ target }) =>
      Promise.resolve({ status: 200, body: toAccount(target), headers: tagged(target) }),

    'accounts.update': async ({ caller, target, body, precondition, origin }) =>
      changed(
        'Account updated',
        await update({ principal: caller, target, fields: body, precondition, origin }),
      ),

    'accounts.delete': async ({ caller, target, origin }) => {
      await remove({ principal: caller, target, origin })
      return { status: 200, body: { detail: 'Account deleted' } }
    },

    'accounts.disable': async ({ caller, target, origin }) =>
      changed('Account disabled', await setStatus({ principal: caller, target, status: 'disabled', origin })),

    'accounts.enable': async ({ caller, target, origin }) =>
      changed('Account enabled', await setStatus({ principal: caller, target, status: 'active', origin })),
  } satisfies Partial<Handlers<Routes>>
}
