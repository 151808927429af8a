import type { Routes } from '../../contract/routes.ts'
import type { AccountDeps } from '../../usecases/accounts/create.ts'
import type { Handlers } from '../reply.ts'
import { createCreateHandler, createLoginHandler } from '../role-handlers.ts'

/** The handlers of sub-clients. */
export const createSubClientHandlers = (deps: AccountDeps) => {
  const create = createCreateHandler(deps, {
    role: 'sub-client',
    noun: 'Sub-client',
    parentField: 'client_id',
  })

  return {
    'subclients.create': ({ body: { client_id: parentId, ...body }, caller, origin }) =>
      create({ body, caller, origin, parentId }),

    'subclients.login': createLoginHandler(deps, 'sub-client'),
  } satisfies Partial<Handlers<Routes>>
}
