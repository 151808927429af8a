import type { Routes } from '../../contract/routes.ts'
import type { Account, AccountId } from '../../domain/account.ts'
import {
  createBootstrap,
  createCreateAccount,
  createListAccounts,
  createSetStatus,
  type CreatedAccount,
  type NewAccount,
} from '../../usecases/accounts.ts'
import type { Deps, Origin } from '../../usecases/deps.ts'
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

const changed = (detail: string, account: Account): Reply => ({
  status: 200,
  body: { detail, account: toAccount(account) },
})

type CreateBody = Omit<NewAccount, 'role'> & { issue_token?: boolean }

export const createAccountHandlers = (deps: Deps) => {
  const bootstrap = createBootstrap(deps)
  const createAccount = createCreateAccount(deps)
  const list = createListAccounts(deps)
  const setStatus = createSetStatus(deps)

  const create = async (
    spec: { role: NewAccount['role']; noun: string; parentField: string; parentId?: string | undefined },
    request: { caller: Principal; body: CreateBody; origin: Origin },
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
        after: position && { createdAt: position[0], id: position[1] as AccountId },
        limit: query.limit ?? 50,
      })
      return {
        status: 200,
        body: { items: items.map(toAccount), next_cursor: next && encodeCursor([next.createdAt, next.id]) },
      }
    },

    'accounts.get': ({ target }) => Promise.resolve({ status: 200, body: toAccount(target) }),

    'accounts.disable': async ({ caller, target, origin }) =>
      changed('Account disabled', await setStatus({ principal: caller, target, status: 'disabled', origin })),

    'accounts.enable': async ({ caller, target, origin }) =>
      changed('Account enabled', await setStatus({ principal: caller, target, status: 'active', origin })),
  } satisfies Partial<Handlers<Routes>>
}
