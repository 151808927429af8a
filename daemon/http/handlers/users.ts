import type { Routes } from '../../contract/routes.ts'
import type { Deps } from '../../usecases/deps.ts'
import type { Handlers } from '../reply.ts'
import { createLoginHandler } from '../role-handlers.ts'

/** The handlers of end users. */
export const createUserHandlers = (deps: Deps) =>
  ({ 'users.login': createLoginHandler(deps, 'user') }) satisfies Partial<Handlers<Routes>>
