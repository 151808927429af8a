import { Type } from 'typebox'
import { route } from '../route.ts'
import { closed, Cursor } from '../schema.ts'
import { AccountId } from '../schemas/account.ts'
import { AccountFactsPage, PolicyChanges, Snapshot, snapshotRevision } from '../schemas/snapshot.ts'

const Services = Type.Optional(
  Type.String({
    pattern: '^[a-z][a-z0-9-]{0,31}(?:,[a-z][a-z0-9-]{0,31}){0,31}$',
    description:
      'Whose actions are decided, such as `orders,billing`; all that are declared, if you name none',
    examples: ['orders'],
  }),
)
const Revision = snapshotRevision('The `revision` that you have')
const Position = Type.String({
  minLength: 1,
  maxLength: 1024,
  pattern: '^[A-Za-z0-9_.-]+$',
  description: 'The `position` of the last change that you have seen',
})

const Nonce = Type.Optional(
  Type.String({
    pattern: '^[A-Za-z0-9_-]{16,64}$',
    description: 'Made up by you: the signature names it, so that nobody answers with what was said before',
    examples: ['9f86d081884c7d659a2feaa0c55ad015'],
  }),
)

/** How many accounts one call names. */
export const MOST_FACTS = 200

/** Those that are asked for together do not hang on each other: one that is no id is not there. */
const WORD = '\\w{1,64}'

const GUARD = {
  auth: 'access',
  action: 'authctl:LoadPolicies',
  resource: 'account/${caller.path}',
} as const

/** `GET /policies/snapshot`. */
export const getSnapshot = route({
  operationId: 'snapshots.get',
  method: 'GET',
  path: '/policies/snapshot',
  tag: 'Local decisions',
  summary: 'The policies that an application decides by',
  description:
    'Reduced to what the application may see. With `since`, what differs from that revision, or the whole if the daemon does not know it. With `If-None-Match`, 304 while nothing has changed.',
  ...GUARD,
  query: closed({ services: Services, since: Type.Optional(Revision) }),
  responses: {
    200: { description: 'The snapshot', schema: Snapshot },
    304: { description: 'Nothing has changed' },
  },
  errors: ['limit_reached'],
})

/** `GET /policies/snapshot/accounts`. */
export const getFacts = route({
  operationId: 'snapshots.accounts',
  method: 'GET',
  path: '/policies/snapshot/accounts',
  tag: 'Local decisions',
  summary: 'What decisions need to know of accounts',
  description:
    'Of those that `ids` names, each with those above it; or page by page of all below `below`. What the application may not load is told like what is not there.',
  ...GUARD,
  query: closed({
    ids: Type.Optional(
      Type.String({
        pattern: `^${WORD}(?:,${WORD}){0,${MOST_FACTS - 1}}$`,
        description: `Up to ${MOST_FACTS} ids, joined by commas; what is none is missing`,
        examples: ['cli_01k3v9xq2m8rjt5w7ybd4gnhce'],
      }),
    ),
    below: Type.Optional(AccountId),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 500, default: 200, description: 'Accounts a page' }),
    ),
    cursor: Type.Optional(Cursor),
    nonce: Nonce,
  }),
  responses: { 200: { description: 'The facts', schema: AccountFactsPage } },
  errors: ['not_found', 'limit_reached'],
})

/** `GET /policies/events`. */
export const followEvents = route({
  operationId: 'snapshots.events',
  method: 'GET',
  path: '/policies/events',
  tag: 'Local decisions',
  summary: 'A stream of what changes for an application',
  description:
    'Server-Sent Events, each with a `PolicyChanges` as its data and the position as its id: at once when something changes, and every second while nothing does. It goes on after `Last-Event-ID`, or `after`. It ends with the token, with the application, and when the daemon shuts down; connect again.',
  ...GUARD,
  query: closed({ services: Services, after: Type.Optional(Position), nonce: Nonce }),
  responses: {
    200: {
      description: 'The stream',
      contentType: 'text/event-stream',
      schema: PolicyChanges,
      streamed: true,
    },
  },
  errors: ['limit_reached', 'overloaded'],
})

/** `GET /policies/changes`. */
export const pollChanges = route({
  operationId: 'snapshots.changes',
  method: 'GET',
  path: '/policies/changes',
  tag: 'Local decisions',
  summary: 'What has changed for an application, for those who cannot follow the stream',
  description:
    'Waits up to `wait` seconds for something to change after the position, or until the policies are of another revision than yours, and answers what an event of the stream would say.',
  ...GUARD,
  query: closed({
    services: Services,
    after: Type.Optional(Position),
    revision: Type.Optional(Revision),
    wait: Type.Optional(Type.Integer({ minimum: 0, maximum: 30, default: 0, description: 'Seconds' })),
    nonce: Nonce,
  }),
  responses: { 200: { description: 'The changes', schema: PolicyChanges } },
  errors: ['limit_reached', 'overloaded'],
})
