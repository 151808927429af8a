import type { Routes } from '../../contract/routes.ts'
import { createSuperAdmins } from '../../usecases/accounts/bootstrap.ts'
import type { AccountDeps } from '../../usecases/accounts/create.ts'
import type { Deps } from '../../usecases/deps.ts'
import { createdReply } from '../account-replies.ts'
import type { Handlers } from '../reply.ts'
import { createCreateHandler, createLoginHandler } from '../role-handlers.ts'

/** The handlers of super-admins. */
export const createSuperAdminHandlers = (deps: AccountDeps & Pick<Deps, 'setupToken'>) => {
  const superAdmins = createSuperAdmins(deps)

  return {
    'superadmins.bootstrap': async ({ body, origin }) =>
      createdReply(
        'Super-admin',
        await superAdmins.bootstrap({ ...body, setupToken: body.setup_token, origin }),
      ),

    'superadmins.create': createCreateHandler(deps, {
      role: 'super-admin',
      noun: 'Super-admin',
      parentField: 'parent_id',
    }),

    'superadmins.login': createLoginHandler(deps, 'super-admin'),
  } satisfies Partial<Handlers<Routes>>
}
