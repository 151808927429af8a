import { Type } from 'typebox'
import { route } from '../route.ts'
import { Attributes, closed, Cursor, Detail, nullable, oneOf, PageLimit } from '../schema.ts'
import {
  Account,
  ACCOUNT_STATUSES,
  AccountId,
  AccountPage,
  AccountReply,
  idParams,
  ROLES,
} from '../schemas/account.ts'
import { name } from '../schemas/new-account.ts'
import { SessionList, SessionsRevoked } from '../schemas/session.ts'

/** `GET /accounts`. */
export const listAccounts = route({
  operationId: 'accounts.list',
  method: 'GET',
  path: '/accounts',
  tag: 'Accounts',
  summary: 'List the accounts below the caller',
  description:
    'Keyset-paged, oldest first. Only accounts that the caller dominates are listed. With `attribute` or `text` a page may be short, or empty: go on until `next_cursor` is null.',
  auth: 'access',
  action: 'authctl:ListAccounts',
  resource: 'account/${caller.path}',
  query: closed({
    role: Type.Optional(oneOf(ROLES)),
    parent_id: Type.Optional(AccountId),
    status: Type.Optional(oneOf(ACCOUNT_STATUSES)),
    attribute: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z_][A-Za-z0-9_-]{0,63}:',
        maxLength: 2200,
        description: '`name:value`: accounts with this attribute',
        examples: ['tier:gold'],
      }),
    ),
    text: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'Part of the id, name, username, e-mail address or phone number; case does not matter',
      }),
    ),
    limit: Type.Optional(PageLimit),
    cursor: Type.Optional(Cursor),
  }),
  responses: { 200: { description: 'One page', schema: AccountPage } },
  errors: [],
})

/** `GET /accounts/{id}`. */
export const getAccount = route({
  operationId: 'accounts.get',
  method: 'GET',
  path: '/accounts/{id}',
  tag: 'Accounts',
  summary: 'Read one account',
  auth: 'access',
  action: 'authctl:GetAccount',
  target: 'visible',
  resource: 'account/${target.path}',
  params: idParams,
  responses: { 200: { description: 'The account', schema: Account } },
  errors: ['not_found'],
})

/** `POST /accounts/{id}/disable`. */
export const disableAccount = route({
  operationId: 'accounts.disable',
  method: 'POST',
  path: '/accounts/{id}/disable',
  tag: 'Accounts',
  summary: 'Disable an account',
  description:
    'Ends its sessions and stops its sign-ins with the next request, and cuts off everything below it until it is enabled again. Repeating it changes nothing.',
  auth: 'access',
  action: 'authctl:DisableAccount',
  target: 'dominated',
  resource: 'account/${target.path}',
  params: idParams,
  responses: { 200: { description: 'The account', schema: AccountReply } },
  errors: ['not_found', 'last_super_admin'],
})

/** `POST /accounts/{id}/enable`. */
export const enableAccount = route({
  operationId: 'accounts.enable',
  method: 'POST',
  path: '/accounts/{id}/enable',
  tag: 'Accounts',
  summary: 'Enable a disabled account',
  description: 'It can sign in again; sessions that ended stay ended. Repeating it changes nothing.',
  auth: 'access',
  action: 'authctl:EnableAccount',
  target: 'dominated',
  resource: 'account/${target.path}',
  params: idParams,
  responses: { 200: { description: 'The account', schema: AccountReply } },
  errors: ['not_found'],
})

/** `PATCH /accounts/{id}`. */
export const updateAccount = route({
  operationId: 'accounts.update',
  method: 'PATCH',
  path: '/accounts/{id}',
  tag: 'Accounts',
  summary: 'Change fields of an account',
  description: 'What is left out stays; `attributes` are replaced as a whole.',
  auth: 'access',
  action: 'authctl:UpdateAccount',
  target: 'dominated',
  resource: 'account/${target.path}',
  params: idParams,
  precondition: true,
  body: closed(
    {
      name: Type.Optional(name),
      email: Type.Optional(
        nullable<string>(
          { type: 'string', format: 'email', maxLength: 254 },
          {
            description: 'null takes it away',
          },
        ),
      ),
      attributes: Type.Optional(Attributes),
    },
    { title: 'AccountChanges', minProperties: 1 },
  ),
  responses: { 200: { description: 'The account', schema: AccountReply } },
  errors: ['not_found', 'exceeds_ceiling', 'invariant_broken', 'limit_reached'],
})

/** `DELETE /accounts/{id}`. */
export const deleteAccount = route({
  operationId: 'accounts.delete',
  method: 'DELETE',
  path: '/accounts/{id}',
  tag: 'Accounts',
  summary: 'Delete an account',
  description:
    'Ends everything it was given. Its username and phone number are free; its id is never used again. Accounts below it must be deleted first.',
  auth: 'access',
  action: 'authctl:DeleteAccount',
  target: 'dominated',
  resource: 'account/${target.path}',
  params: idParams,
  responses: {
    200: { description: 'Deleted', schema: Detail },
  },
  errors: ['not_found', 'has_children', 'last_super_admin'],
})

/** `GET /accounts/{id}/sessions`. */
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
      schema: SessionList,
    },
  },
  errors: ['not_found'],
})

/** `DELETE /accounts/{id}/sessions`. */
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
      schema: SessionsRevoked,
    },
  },
  errors: ['not_found'],
})
