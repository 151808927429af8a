import { Type, type Static, type TSchema } from 'typebox'
import { closed, nullable, oneOf, Timestamp } from '../schema.ts'
import { ACCOUNT_STATUSES, ROLES } from './account.ts'
import { anyObject } from './policy-text.ts'

/** Values by names that are not known beforehand. */
const byName = <T extends TSchema>(value: T, description: string) =>
  Type.Unsafe<Record<string, Static<T>>>({ type: 'object', additionalProperties: value, description })

/** In a difference, null takes the entry away. */
const entry = <T extends TSchema>(value: T) => Type.Union([value, Type.Null()])

const format = Type.Integer({
  minimum: 1,
  description: 'Of the protocol: a client refuses one that it does not know',
})
const language = Type.Integer({
  minimum: 1,
  description:
    'Of the policies: an engine of an older one refuses what it is given, and decides nothing by it',
})
const audience = Type.String({ description: 'The application that it is made for' })
const signature = nullable<string>(
  { type: 'string' },
  { description: 'A compact JWS by a published key; null where tokens are signed by `JWT_SECRET`' },
)
const reference = Type.String({ description: 'The name of a policy, or what stands for it' })

/** What decisions need to know of an account; nothing that it signs in with. */
export const AccountFacts = closed(
  {
    id: Type.String(),
    path: Type.String({ description: 'The ids from the top of the tree to this account, joined by `/`' }),
    role: oneOf(ROLES),
    status: oneOf(ACCOUNT_STATUSES),
    attributes: Type.Unsafe<Record<string, string | number | boolean>>({
      type: 'object',
      additionalProperties: { type: ['string', 'number', 'boolean'] },
    }),
    policies: Type.Array(reference, { description: 'Attached to the account itself' }),
    boundary: nullable<string>({ type: 'string' }),
    marks: Type.Array(Type.String(), {
      description: 'An attachment is for the account if all of its marks are among these',
    }),
    version: Type.Integer({ minimum: 1 }),
  },
  { title: 'AccountFacts' },
)

const SnapshotHead = closed({ id: Type.String(), number: Type.Integer() }, { title: 'SnapshotHead' })

const SnapshotPolicy = closed(
  {
    document: Type.String({ description: 'The digest of the document' }),
    size: Type.Integer({ description: 'How much of the bounds of an account it takes' }),
  },
  { title: 'SnapshotPolicy' },
)

const SnapshotAttachment = closed(
  {
    to: Type.Array(Type.String()),
    policies: Type.Array(reference),
    boundary: nullable<string>({ type: 'string' }),
  },
  { title: 'SnapshotAttachment' },
)

const SnapshotDocument = closed(
  {
    Statement: Type.Array(Type.Unsafe<Record<string, unknown>>(anyObject)),
    at: Type.Array(Type.Integer(), { description: 'Which statement of the policy each of them is, from 0' }),
  },
  { title: 'SnapshotDocument' },
)

/** The revision of a snapshot, as callers send it. */
export const snapshotRevision = (description: string) =>
  Type.String({
    pattern: '^[A-Za-z0-9_-]{43}$',
    description,
    examples: ['Yt3sN0wLqTz8bCk5uVhXr2mPjEa7dGf1iHo4JxQyRWs'],
  })

/** The policies that an application decides by, whole or as what differs from before. */
export const Snapshot = closed(
  {
    format,
    language,
    revision: Type.String({ description: 'The digest of all that is in force for the application' }),
    since: nullable<string>(
      { type: 'string' },
      { description: 'The revision that this is the difference from; null: it is whole' },
    ),
    audience,
    services: Type.Array(Type.String(), { description: 'Whose actions can be decided' }),
    heads: byName(entry(SnapshotHead), 'The revision in force in each namespace'),
    policies: byName(entry(SnapshotPolicy), 'By their names, or what stands for them'),
    attachments: byName(
      entry(Type.Array(SnapshotAttachment)),
      'By namespace, in the order in which they count',
    ),
    declared: byName(
      entry(Type.Array(Type.Unsafe<Record<string, unknown>>(anyObject))),
      'The services by namespace; `authctl` has those of the daemon, which come first',
    ),
    above: Type.Array(AccountFacts, {
      description: 'The accounts above the owner of the application, top first',
    }),
    documents: byName(SnapshotDocument, 'By their digests; of a difference, those that are new'),
    signature,
  },
  { title: 'Snapshot' },
)

/** Facts of accounts. */
export const AccountFactsPage = closed(
  {
    format,
    audience,
    accounts: Type.Array(AccountFacts, {
      description:
        'Those that were asked for, with those above them up to the owner of the application, top first',
    }),
    missing: Type.Array(Type.String(), { description: 'Ids of no account that the application may load' }),
    next_cursor: nullable<string>({ type: 'string' }, { description: 'null on the last page' }),
    signature,
  },
  { title: 'AccountFactsPage' },
)

const Ended = closed({ id: Type.String(), at: Timestamp }, { title: 'EndedTokens' })

const ApplicationLife = closed(
  {
    id: Type.String(),
    status: oneOf(['active', 'disabled', 'deleted'] as const),
    keys: Type.Array(
      closed({
        id: Type.String(),
        ends_at: nullable<string>(
          { type: 'string', format: 'date-time' },
          { description: 'null: it does not end by itself' },
        ),
      }),
    ),
  },
  { title: 'ApplicationLife' },
)

/** Why a stream ends. */
export const ENDINGS = ['draining', 'token_ended', 'not_allowed'] as const

/** What has changed since a position; also what is sent while nothing changes. */
export const PolicyChanges = closed(
  {
    format,
    audience,
    owner_id: Type.String({
      description: 'The account whose application it is: what concerns it and those below it is told',
    }),
    previous: nullable<string>(
      { type: 'string' },
      {
        description:
          'What came after this position is told here. If it is another than the `position` that was told last, something got lost on the way: go on from that one. null: it is the first',
      },
    ),
    position: Type.String({ description: 'Where to go on from: `after`, or `Last-Event-ID`' }),
    as_of: Type.String({
      format: 'date-time',
      description: 'Up to this instant nothing is missing that was written to the store',
    }),
    revision: Type.String({ description: 'Of the policies in force then' }),
    reset: Type.Boolean({ description: 'What lies between is not known: forget every account' }),
    accounts: Type.Array(Type.String(), { description: 'Forget what is known of these' }),
    ended_accounts: Type.Array(Ended, {
      description: 'Tokens of these accounts that were issued until then are worth nothing',
    }),
    ended_sessions: Type.Array(Ended, { description: 'Tokens of these sessions are worth nothing' }),
    ended_tokens: Type.Array(Ended, {
      description:
        'Single tokens of applications that were revoked, by their SHA-256 digests in base64url, and when they would have expired',
    }),
    applications: Type.Array(ApplicationLife, {
      description:
        'What each lives by now: its tokens are worth nothing while it is not `active`, and those of any other key, or of one from its `ends_at` on',
    }),
    ending: Type.Union([oneOf(ENDINGS), Type.Null()], { description: 'Why this is the last of the stream' }),
    signature,
  },
  { title: 'PolicyChanges' },
)
