import type { Routes } from '../../contract/routes.ts'
import type { Deps } from '../../usecases/deps.ts'
import { createPasswords } from '../../usecases/sessions/passwords.ts'
import type { Handlers } from '../reply.ts'

/** The handlers of passwords. */
export const createPasswordHandlers = (deps: Deps) => {
  const passwords = createPasswords(deps)

  return {
    'passwords.change': async ({ caller, body, origin }) => {
      await passwords.change({
        principal: caller,
        currentPassword: body.current_password,
        newPassword: body.new_password,
        origin,
      })
      return { status: 200, body: { detail: 'Password changed; every other session has ended' } }
    },
  } satisfies Partial<Handlers<Routes>>
}
