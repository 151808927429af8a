import { Type } from 'typebox'
import { route } from '../route.ts'
import { closed, Detail } from '../schema.ts'
import { RefreshKey } from '../schemas/token.ts'

/** `POST /user/access/refresh-key`. */
export const setRefreshKey = route({
  operationId: 'refreshKeys.set',
  method: 'POST',
  path: '/user/access/refresh-key',
  alias: '/user/access/setrefreshkey/{new_key}',
  tag: 'Tokens',
  summary: "Set or change the caller's secret refresh key",
  description:
    'With it, an expired access token can be renewed without SMS. Changing it needs `old_key`; wrong old keys count towards the lock.',
  auth: 'session',
  action: 'authctl:SetRefreshKey',
  resource: 'account/${caller.path}',
  body: closed({ new_key: RefreshKey, old_key: Type.Optional(RefreshKey) }, { title: 'NewRefreshKey' }),
  responses: {
    200: { description: 'The key is set', schema: Detail },
  },
  errors: ['old_key_required', 'invalid_refresh_key', 'refresh_key_locked'],
})
