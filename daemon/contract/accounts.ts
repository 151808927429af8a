import { Type } from 'typebox'
import { route } from './route.ts'
import {
  Attributes,
  closed,
  Cursor,
  nullable,
  oneOf,
  PageLimit,
  pageOf,
  Password,
  PhoneInput,
  PolicyName,
  Timestamp,
  Username,
} from './schema.ts'
import { Token } from './tokens.ts'

export const ROLES = ['super-admin', 'admin', 'client', 'sub-client', 'user'] as const
export const ACCOUNT_STATUSES = ['active', 'disabled'] as const

export const AccountId = Type.String({
  pattern: '^(sa|adm|cli|sub|usr)_[0-9a-z]{26}$',
  description: 'A prefixed account id, never reused',
})
const parentId = (prefix: string, description: string) =>
  Type.String({ pattern: `^${prefix}_[0-9a-z]{26}$`, description })

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

export const AccountPage = pageOf(Account, 'AccountPage')

export const AccountReply = closed({ detail: Type.String(), account: Account }, { title: 'AccountReply' })

/** The answer of the create endpoints; `token` is absent with `issue_token: false`. */
export const CreatedAccount = closed(
  { detail: Type.String(), token: Type.Optional(Token), account: Account },
  { title: 'CreatedAccount' },
)

const name = Type.String({ minLength: 1, maxLength: 200, description: 'Display name' })

const credentials = {
  username: Type.Optional(Username),
  password: Type.Optional(Password),
  number: Type.Optional(PhoneInput),
}

const newAccount = {
  name,
  ...credentials,
  email: Type.Optional(Type.String({ format: 'email', maxLength: 254 })),
  attributes: Type.Optional(Attributes),
  policies: Type.Optional(
    Type.Array(PolicyName, { maxItems: 20, description: 'Policies to attach, within your own rights' }),
  ),
  boundary: Type.Optional(PolicyName),
  issue_token: Type.Optional(
    Type.Boolean({
      default: true,
      description: 'false: do not sign the new account in; the answer has no `token`',
    }),
  ),
}

/** A username needs a password and the reverse; at least one way to sign in. */
const credentialRules = {
  dependentRequired: { username: ['password'], password: ['username'] },
  anyOf: [{ required: ['username'] }, { required: ['number'] }],
}

export const NewSuperAdmin = closed(
  { name, username: Username, password: Password, issue_token: newAccount.issue_token },
  { title: 'NewSuperAdmin' },
)
export const NewAdmin = closed(newAccount, { title: 'NewAdmin', ...credentialRules })
export const NewClient = closed(
  {
    ...newAccount,
    admin_id: Type.Optional(
      parentId('adm', 'The admin to create the client under; required of a super-admin, refused to others'),
    ),
  },
  { title: 'NewClient', ...credentialRules },
)
export const NewSubClient = closed(
  {
    ...newAccount,
    client_id: Type.Optional(
      parentId(
        'cli',
        'The client to create the sub-client under; required of admins and super-admins, refused to others',
      ),
    ),
  },
  { title: 'NewSubClient', ...credentialRules },
)

const CREATE_ERRORS = ['account_exists', 'invalid_phone', 'password_unacceptable', 'overloaded'] as const
/** The parent and the policies that the body names may be none that the caller can see, or has itself. */
const CREATE_BELOW_ERRORS = [...CREATE_ERRORS, 'not_found', 'exceeds_ceiling', 'limit_reached'] as const

const createRoute = <
  const T extends { operationId: string; path: string; action: `${string}:${string}`; noun: string },
  const B,
>(
  spec: T & { body: B; description: string },
) =>
  ({
    operationId: spec.operationId as T['operationId'],
    method: 'POST',
    path: spec.path,
    tag: 'Accounts',
    summary: `Create a ${spec.noun}`,
    description: spec.description,
    auth: 'access',
    action: spec.action,
    resource: 'account/${caller.path}',
    body: spec.body,
    idempotent: true,
    responses: {
      201: {
        description: `The ${spec.noun}, signed in unless \`issue_token\` is false`,
        schema: CreatedAccount,
      },
    },
    errors: CREATE_ERRORS,
  }) as const

export const createSuperAdmin = route(
  createRoute({
    operationId: 'superadmins.create',
    path: '/auth/superadmin/create',
    action: 'authctl:CreateSuperAdmin',
    noun: 'super-admin',
    description: 'Super-admins only.',
    body: NewSuperAdmin,
  }),
)
export const createAdmin = route({
  ...createRoute({
    operationId: 'admins.create',
    path: '/auth/admin/create',
    action: 'authctl:CreateAdmin',
    noun: 'admin',
    description: 'Super-admins only.',
    body: NewAdmin,
  }),
  errors: CREATE_BELOW_ERRORS,
})
export const createClientAccount = route({
  ...createRoute({
    operationId: 'clients.create',
    path: '/auth/client/create',
    action: 'authctl:CreateClient',
    noun: 'client',
    description: 'An admin creates it under itself; a super-admin names the admin in `admin_id`.',
    body: NewClient,
  }),
  errors: CREATE_BELOW_ERRORS,
})
export const createSubClient = route({
  ...createRoute({
    operationId: 'subclients.create',
    path: '/auth/subclient/create',
    action: 'authctl:CreateSubClient',
    noun: 'sub-client',
    description: 'A client creates it under itself; an admin or super-admin names the client in `client_id`.',
    body: NewSubClient,
  }),
  errors: CREATE_BELOW_ERRORS,
})

export const bootstrap = route({
  operationId: 'superadmins.bootstrap',
  method: 'POST',
  path: '/auth/superadmin/bootstrap',
  tag: 'Accounts',
  summary: 'Create the first super-admin with the one-time set-up token',
  description:
    'The daemon writes the token to `setup-token` (mode 0600) in its data directory while no super-admin exists.',
  auth: 'none',
  action: 'authctl:Bootstrap',
  resource: 'account/root',
  body: closed(
    {
      setup_token: Type.String({ minLength: 1, maxLength: 128 }),
      name,
      username: Username,
      password: Password,
    },
    { title: 'Bootstrap' },
  ),
  responses: { 201: { description: 'The first super-admin, signed in', schema: CreatedAccount } },
  errors: [
    'invalid_setup_token',
    'already_bootstrapped',
    'password_unacceptable',
    'overloaded',
    'rate_limited',
  ],
})

export const idParams = closed({ id: AccountId })

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
        nullable<string>({ type: 'string', format: 'email', maxLength: 254 } as never, {
          description: 'null takes it away',
        }),
      ),
      attributes: Type.Optional(Attributes),
    },
    { title: 'AccountChanges', minProperties: 1 },
  ),
  responses: { 200: { description: 'The account', schema: AccountReply } },
  errors: ['not_found', 'exceeds_ceiling', 'limit_reached'],
})

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
    200: { description: 'Deleted', schema: closed({ detail: Type.String() }, { title: 'Detail' }) },
  },
  errors: ['not_found', 'has_children', 'last_super_admin'],
})
