import type { Routes } from '../../contract/routes.ts'
import type { Deps } from '../../usecases/deps.ts'
import { createServices } from '../../usecases/policies/services.ts'
import { entityTag, type Handlers } from '../reply.ts'

/** The handlers of declared services. */
export const createServiceHandlers = (deps: Deps) => {
  const services = createServices(deps)

  return {
    'services.list': ({ caller }) => Promise.resolve({ status: 200, body: { items: services.list(caller) } }),

    'services.put': async ({ caller, params, query, text, precondition, origin }) => {
      const { stored, created } = await services.put({
        principal: caller,
        name: params.name,
        namespace: query.namespace,
        text,
        precondition,
        origin,
      })
      return { status: created ? 201 : 200, body: stored, headers: entityTag(stored.hash) }
    },

    'services.delete': async ({ caller, params, query, precondition, origin }) => {
      await services.remove({
        principal: caller,
        name: params.name,
        namespace: query.namespace,
        precondition,
        origin,
      })
      return { status: 200, body: { detail: 'Service deleted' } }
    },
  } satisfies Partial<Handlers<Routes>>
}
