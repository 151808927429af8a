import { Type } from 'typebox'
import { closed, nullable, oneOf, pageOf, PolicyName, Timestamp } from '../schema.ts'

/** The states of an application. */
export const APPLICATION_STATUSES = ['active', 'disabled'] as const

const ApplicationIdParam = Type.String({
  pattern: '^app_[0-9a-z]{26}$',
  description: 'The id of an application, which is its `client_id`; never reused',
})

/** The path parameter that names an application. */
export const applicationParams = closed({ id: ApplicationIdParam })

const lastUsedAt = nullable<string>(
  { type: 'string', format: 'date-time' },
  { description: 'To the minute; null: never' },
)

const ServiceKey = closed(
  {
    id: Type.String(),
    created_at: Timestamp,
    expires_at: nullable<string>(
      { type: 'string', format: 'date-time' },
      { description: 'When it ends; null: not before it is rotated' },
    ),
    last_used_at: lastUsedAt,
  },
  { title: 'ServiceKey' },
)

/** The session layer of an application as callers name it. */
export const SessionPolicies = nullable<string[]>(Type.Array(PolicyName, { maxItems: 20 }), {
  description:
    'What it may do at most, of what its owner may do: policies of the owner’s namespace and of those above. null: as much as its owner; empty: nothing',
})

const KEY_MEMBER = Type.Optional(Type.String({ maxLength: 1024 }))

/** What makes a public key (RFC 7518 section 6). */
const KEY_MEMBERS = { crv: KEY_MEMBER, x: KEY_MEMBER, y: KEY_MEMBER, n: KEY_MEMBER, e: KEY_MEMBER }

/** The public keys of an application as they are sent (RFC 7517). */
export const SentPublicKeys = closed(
  {
    keys: Type.Array(
      Type.Object(
        {
          kty: Type.String({ maxLength: 16, description: '`EC`, `OKP` or `RSA`', examples: ['OKP'] }),
          ...KEY_MEMBERS,
          kid: Type.Optional(
            Type.String({ maxLength: 128, description: 'Its name. Default: its thumbprint (RFC 7638)' }),
          ),
          alg: Type.Optional(Type.String({ maxLength: 16, description: 'As the key has it' })),
          use: Type.Optional(Type.String({ maxLength: 16, description: '`sig`' })),
        },
        { title: 'PublicJwk', additionalProperties: true, maxProperties: 20 },
      ),
      { maxItems: 10 },
    ),
  },
  {
    title: 'PublicKeySet',
    description:
      'Public keys by which it proves itself (`private_key_jwt`, RFC 7523), two at most: P-256 for `ES256`, Ed25519 for `EdDSA`, RSA for `RS256`',
    examples: [{ keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }] }],
  },
)

const PublicKeys = closed(
  {
    keys: Type.Array(
      closed(
        {
          kty: Type.String(),
          ...KEY_MEMBERS,
          kid: Type.String(),
          alg: Type.String(),
          use: Type.Literal('sig'),
          last_used_at: lastUsedAt,
        },
        { title: 'RegisteredJwk' },
      ),
    ),
  },
  { title: 'RegisteredKeySet', description: 'Its public keys; two at most' },
)

/** An application as callers see it; its keys are told by their ids. */
export const Application = closed(
  {
    id: Type.String({ description: 'Its `client_id`' }),
    owner_id: Type.String({ description: 'The account that it acts for' }),
    name: Type.String(),
    status: oneOf(APPLICATION_STATUSES),
    policies: nullable<string[]>(Type.Array(Type.String()), {
      description: 'The session layer, by full names; null: there is none',
    }),
    keys: Type.Array(ServiceKey, { description: 'Newest first; at most two are live' }),
    jwks: PublicKeys,
    created_at: Timestamp,
    updated_at: Timestamp,
    version: Type.Integer({ minimum: 1 }),
  },
  { title: 'Application' },
)

/** One page of applications. */
export const ApplicationPage = pageOf(Application, 'ApplicationPage')

/** The answer of a route that changed an application. */
export const ApplicationReply = closed(
  { detail: Type.String(), application: Application },
  { title: 'ApplicationReply' },
)

/** The answer that holds a new service key, which is shown this once. */
export const ApplicationWithKey = closed(
  {
    detail: Type.String(),
    application: Application,
    key_id: Type.String({ description: 'The id of the new key' }),
    service_key: Type.String({
      description: 'The new key, prefix `authctl_sk_`: the `client_secret`. It is not shown again',
    }),
  },
  { title: 'ApplicationWithKey' },
)

/** The name of an application. */
export const ApplicationName = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'Display name',
  examples: ['Reports'],
})

/** When a new key ends by itself. */
export const KeyExpiry = Type.Integer({
  minimum: 60,
  maximum: 10 * 366 * 86_400,
  description:
    'Seconds until the new key ends by itself. Default: not before it is rotated, or with the key by which an application asks',
})
