import { Type } from 'typebox'
import { Attributes, closed, nullable, oneOf, pageOf, Timestamp } from '../schema.ts'
import { Token } from './token.ts'

/** The roles of accounts, highest first. */
export const ROLES = ['super-admin', 'admin', 'client', 'sub-client', 'user'] as const

/** Whether an account can sign in. */
export const ACCOUNT_STATUSES = ['active', 'disabled'] as const

/** The id of an account of any role. */
export const AccountId = Type.String({
  pattern: '^(sa|adm|cli|sub|usr)_[0-9a-z]{26}$',
  description: 'A prefixed account id, never reused',
})

/** The path parameter that names an account. */
export const idParams = closed({ id: AccountId })

/** An account as callers see it; secrets and their digests are never part of it. */
export const Account = closed(
  {
    id: Type.String(),
    role: oneOf(ROLES),
    name: nullable<string>({ type: 'string' }),
    username: nullable<string>({ type: 'string' }),
    phone: nullable<string>({ type: 'string' }, { description: 'E.164' }),
    email: nullable<string>({ type: 'string' }),
    parent_id: nullable<string>({ type: 'string' }),
    path: Type.String({
      description:
        'The ids from the top of the tree to this account, joined by `/`; set by the server, immutable',
    }),
    status: oneOf(ACCOUNT_STATUSES),
    attributes: Attributes,
    policies: Type.Array(Type.String(), { description: 'Attached directly, by their full names' }),
    boundary: nullable<string>(
      { type: 'string' },
      { description: 'The policy that bounds it, if one is set directly' },
    ),
    created_at: Timestamp,
    updated_at: Timestamp,
    version: Type.Integer({ minimum: 1 }),
  },
  { title: 'Account' },
)

/** One page of accounts. */
export const AccountPage = pageOf(Account, 'AccountPage')

/** The answer of a route that changed an account. */
export const AccountReply = closed({ detail: Type.String(), account: Account }, { title: 'AccountReply' })

/** The answer of the create endpoints; `token` is absent with `issue_token: false`. */
export const CreatedAccount = closed(
  { detail: Type.String(), token: Type.Optional(Token), account: Account },
  { title: 'CreatedAccount' },
)
