import { Type } from 'typebox'
import { Account, idParams } from './accounts.ts'
import { route } from './route.ts'
import { closed, nullable, Timestamp } from './schema.ts'

const Session = closed(
  {
    id: Type.String(),
    client_id: Type.String(),
    ip: nullable<string>({ type: 'string' }),
    user_agent: nullable<string>({ type: 'string' }),
    created_at: Timestamp,
    last_used_at: Timestamp,
    expires_at: { ...Timestamp, description: 'Absolute expiry; refreshing never extends it' },
    current: Type.Boolean({ description: 'The session of this request' }),
  },
  { title: 'Session' },
)

export const getMe = route({
  operationId: 'auth.me',
  method: 'GET',
  path: '/auth/me',
  tag: 'Sessions',
  summary: 'The account that the token belongs to',
  auth: 'access',
  action: 'authctl:GetSelf',
  resource: 'account/${caller.path}',
  responses: { 200: { description: 'The account', schema: Account } },
  errors: [],
})

export const logout = route({
  operationId: 'auth.logout',
  method: 'POST',
  path: '/auth/logout',
  tag: 'Sessions',
  summary: 'End the session of this token',
  auth: 'access',
  action: 'authctl:Logout',
  resource: 'session/${caller.path}',
  responses: {
    200: { description: 'Ended', schema: closed({ detail: Type.String() }, { title: 'Detail' }) },
  },
  errors: [],
})

export const listSessions = route({
  operationId: 'sessions.list',
  method: 'GET',
  path: '/auth/sessions',
  tag: 'Sessions',
  summary: "The caller's live sessions, newest first",
  auth: 'access',
  action: 'authctl:ListOwnSessions',
  resource: 'session/${caller.path}',
  responses: {
    200: {
      description: 'The sessions',
      schema: closed({ items: Type.Array(Session) }, { title: 'SessionList' }),
    },
  },
  errors: [],
})

export const revokeSession = route({
  operationId: 'sessions.revoke',
  method: 'DELETE',
  path: '/auth/sessions/{id}',
  tag: 'Sessions',
  summary: "End one of the caller's sessions",
  auth: 'access',
  action: 'authctl:RevokeOwnSession',
  resource: 'session/${caller.path}',
  params: closed({ id: Type.String({ pattern: '^ses_[0-9a-z]{26}$' }) }),
  responses: {
    200: { description: 'Ended', schema: closed({ detail: Type.String() }, { title: 'Detail' }) },
  },
  errors: ['not_found'],
})

export const revokeOtherSessions = route({
  operationId: 'sessions.revokeOthers',
  method: 'DELETE',
  path: '/auth/sessions',
  tag: 'Sessions',
  summary: 'End every session of the caller but this one',
  auth: 'access',
  action: 'authctl:RevokeOwnSession',
  resource: 'session/${caller.path}',
  responses: {
    200: {
      description: 'How many ended',
      schema: closed({ detail: Type.String(), revoked: Type.Integer() }, { title: 'SessionsRevoked' }),
    },
  },
  errors: [],
})

export const listAccountSessions = route({
  operationId: 'accounts.sessions',
  method: 'GET',
  path: '/accounts/{id}/sessions',
  tag: 'Accounts',
  summary: 'The live sessions of an account, newest first',
  auth: 'access',
  action: 'authctl:ListSessions',
  target: 'dominated',
  resource: 'account/${target.path}',
  params: idParams,
  responses: {
    200: {
      description: 'The sessions',
      schema: closed({ items: Type.Array(Session) }, { title: 'SessionList' }),
    },
  },
  errors: ['not_found'],
})

export const revokeAccountSessions = route({
  operationId: 'accounts.revokeSessions',
  method: 'DELETE',
  path: '/accounts/{id}/sessions',
  tag: 'Accounts',
  summary: 'End every session of an account',
  auth: 'access',
  action: 'authctl:RevokeSessions',
  target: 'dominated',
  resource: 'account/${target.path}',
  params: idParams,
  responses: {
    200: {
      description: 'How many ended',
      schema: closed({ detail: Type.String(), revoked: Type.Integer() }, { title: 'SessionsRevoked' }),
    },
  },
  errors: ['not_found'],
})
