import { Type } from 'typebox'
import { route } from '../route.ts'
import { closed, Detail } from '../schema.ts'
import { SessionList, SessionsRevoked } from '../schemas/session.ts'

/** `GET /auth/sessions`. */
export const listSessions = route({
  operationId: 'sessions.list',
  method: 'GET',
  path: '/auth/sessions',
  tag: 'Sessions',
  summary: "The caller's live sessions, newest first",
  auth: 'session',
  action: 'authctl:ListOwnSessions',
  resource: 'session/${caller.path}',
  responses: {
    200: {
      description: 'The sessions',
      schema: SessionList,
    },
  },
  errors: [],
})

/** `DELETE /auth/sessions/{id}`. */
export const revokeSession = route({
  operationId: 'sessions.revoke',
  method: 'DELETE',
  path: '/auth/sessions/{id}',
  tag: 'Sessions',
  summary: "End one of the caller's sessions",
  auth: 'session',
  action: 'authctl:RevokeOwnSession',
  resource: 'session/${caller.path}',
  params: closed({ id: Type.String({ pattern: '^ses_[0-9a-z]{26}$' }) }),
  responses: {
    200: { description: 'Ended', schema: Detail },
  },
  errors: ['not_found'],
})

/** `DELETE /auth/sessions`. */
export const revokeOtherSessions = route({
  operationId: 'sessions.revokeOthers',
  method: 'DELETE',
  path: '/auth/sessions',
  tag: 'Sessions',
  summary: 'End every session of the caller but this one',
  auth: 'session',
  action: 'authctl:RevokeOwnSession',
  resource: 'session/${caller.path}',
  responses: {
    200: {
      description: 'How many ended',
      schema: SessionsRevoked,
    },
  },
  errors: [],
})
