import type { Routes } from '../../contract/routes.ts'
import type { AccountDeps } from '../../usecases/accounts/create.ts'
import type { Handlers } from '../reply.ts'
import { createCreateHandler, createLoginHandler } from '../role-handlers.ts'

/** The handlers of admins. */
export const createAdminHandlers = (deps: AccountDeps) =>
  ({
    'admins.create': createCreateHandler(deps, { role: 'admin', noun: 'Admin', parentField: 'parent_id' }),
    'admins.login': createLoginHandler(deps, 'admin'),
  }) satisfies Partial<Handlers<Routes>>
