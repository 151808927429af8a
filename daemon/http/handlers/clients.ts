import type { Routes } from '../../contract/routes.ts'
import type { AccountDeps } from '../../usecases/accounts/create.ts'
import type { Handlers } from '../reply.ts'
import { createCreateHandler, createLoginHandler } from '../role-handlers.ts'

/** The handlers of clients. */
export const createClientHandlers = (deps: AccountDeps) => {
  const create = createCreateHandler(deps, { role: 'client', noun: 'Client', parentField: 'admin_id' })

  return {
    'clients.create': ({ body: { admin_id: parentId, ...body }, caller, origin }) =>
      create({ body, caller, origin, parentId }),

    'clients.login': createLoginHandler(deps, 'client'),
  } satisfies Partial<Handlers<Routes>>
}
