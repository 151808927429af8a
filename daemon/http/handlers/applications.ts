import type { Routes } from '../../contract/routes.ts'
import { createApplications, type WithNewKey } from '../../usecases/applications/applications.ts'
import type { Authorize } from '../../usecases/access/authorize.ts'
import type { Deps } from '../../usecases/deps.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import { entityTag, type Handlers } from '../reply.ts'
import { toApplication } from '../views.ts'

const withKey = (detail: string, { application, keyId, serviceKey }: WithNewKey) => ({
  detail,
  application: toApplication(application),
  key_id: keyId,
  service_key: serviceKey,
})

/** The handlers of applications. */
export const createApplicationHandlers = (deps: Deps & { readonly authorize: Authorize }) => {
  const applications = createApplications(deps, deps.authorize)

  return {
    'applications.list': async ({ caller, query }) => {
      const [after] = decodeCursor(query.cursor, 'string') ?? []
      const { items, next } = await applications.list({
        principal: caller,
        ownerId: query.owner_id,
        after,
        limit: query.limit ?? 50,
      })
      return {
        status: 200,
        body: { items: items.map(toApplication), next_cursor: next && encodeCursor([next]) },
      }
    },

    'applications.create': async ({ caller, body, origin }) => {
      const created = await applications.create({
        principal: caller,
        name: body.name,
        ownerId: body.owner_id,
        policies: body.policies ?? null,
        keyExpiresIn: body.key_expires_in,
        jwks: body.jwks ?? { keys: [] },
        origin,
      })
      return { status: 201, body: withKey('Application created', created) }
    },

    'applications.get': ({ target }) =>
      Promise.resolve({
        status: 200,
        body: toApplication(target),
        headers: entityTag(String(target.version)),
      }),

    'applications.update': async ({ caller, target, body, precondition, origin }) => {
      const changed = await applications.update({
        principal: caller,
        target,
        fields: body,
        precondition,
        origin,
      })
      return {
        status: 200,
        body: { detail: 'Application updated', application: toApplication(changed) },
        headers: entityTag(String(changed.version)),
      }
    },

    'applications.rotate': async ({ caller, target, body, origin }) => {
      const rotated = await applications.rotate({
        principal: caller,
        target,
        overlapSeconds: body.overlap_seconds ?? 86_400,
        keyExpiresIn: body.key_expires_in,
        origin,
      })
      return { status: 200, body: withKey('Service key rotated', rotated) }
    },

    'applications.delete': async ({ caller, target, origin }) => {
      await applications.remove({ principal: caller, target, origin })
      return { status: 200, body: { detail: 'Application deleted' } }
    },
  } satisfies Partial<Handlers<Routes>>
}
