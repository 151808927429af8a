import type { Statement } from '../../policies/language.ts'

/** A grant as people write it: what the account gets, and what the giver has. All of it is truly within. */
export interface RealisticGrant {
  readonly what: string
  readonly given: readonly Statement[]
  readonly has: readonly Statement[]
}

const allow = (
  Action: string | readonly string[],
  Resource: string | readonly string[],
  Condition?: Statement['Condition'],
): Statement => ({ Effect: 'Allow', Action, Resource, ...(Condition === undefined ? {} : { Condition }) })
const deny = (
  Action: string | readonly string[],
  Resource: string | readonly string[],
  Condition?: Statement['Condition'],
): Statement => ({ ...allow(Action, Resource, Condition), Effect: 'Deny' })

/**
 * Twenty-one grants of a giver `adm_a` of role admin, to a client `adm_a/cli_c`, whose team is `blue` and who
 * is a `gold` customer.
 */
export const REALISTIC_GRANTS: readonly RealisticGrant[] = [
  {
    what: 'one verb of a service that the giver has whole',
    given: [allow('orders:Read', 'order/*')],
    has: [allow('orders:*', 'order/*')],
  },
  {
    what: 'a service but for a verb that both are denied',
    given: [allow('orders:*', 'order/*'), deny('orders:Delete', '*')],
    has: [allow('orders:*', 'order/*'), deny('orders:Delete', 'order/*')],
  },
  {
    what: 'the subtree of the client, of a giver who has its own',
    given: [allow('orders:*', 'order/${principal.path}/*')],
    has: [allow('orders:*', ['order/${principal.path}', 'order/${principal.path}/*'])],
  },
  {
    what: 'fewer values of an environment',
    given: [allow('orders:Read', 'order/*', { StringEquals: { 'resource.env': ['dev', 'stage'] } })],
    has: [allow('orders:*', 'order/*', { StringEquals: { 'resource.env': ['stage', 'test', 'dev'] } })],
  },
  {
    what: 'more values shut out',
    given: [
      allow('orders:Read', 'order/*', { StringNotEquals: { 'resource.env': ['prod', 'secret', 'lab'] } }),
    ],
    has: [allow('orders:Read', 'order/*', { StringNotEquals: { 'resource.env': ['secret', 'prod'] } })],
  },
  {
    what: 'one value where the giver has all that begin alike',
    given: [allow('orders:Read', 'order/*', { StringEquals: { 'resource.project': 'web-shop' } })],
    has: [allow('orders:Read', 'order/*', { StringLike: { 'resource.project': 'web-*' } })],
  },
  {
    what: 'a smaller amount',
    given: [allow('orders:Approve', 'order/*', { NumericLessThanEquals: { 'orders.total': 500 } })],
    has: [allow('orders:Approve', 'order/*', { NumericLessThan: { 'orders.total': 1000 } })],
  },
  {
    what: 'a range within a wider one',
    given: [
      allow('orders:Approve', 'order/*', {
        NumericGreaterThan: { 'orders.total': 10 },
        NumericLessThan: { 'orders.total': 50 },
      }),
    ],
    has: [
      allow('orders:Approve', 'order/*', {
        NumericGreaterThanEquals: { 'orders.total': 0 },
        NumericLessThanEquals: { 'orders.total': 50 },
      }),
    ],
  },
  {
    what: 'an office of the company network',
    given: [allow('orders:*', 'order/*', { IpAddress: { 'request.ip': ['10.20.0.0/16', '10.30.4.7'] } })],
    has: [allow('orders:*', 'order/*', { IpAddress: { 'request.ip': '10.0.0.0/8' } })],
  },
  {
    what: 'a network in two halves',
    given: [allow('orders:*', 'order/*', { IpAddress: { 'request.ip': '10.0.0.0/8' } })],
    has: [allow('orders:*', 'order/*', { IpAddress: { 'request.ip': ['10.0.0.0/9', '10.128.0.0/9'] } })],
  },
  {
    what: 'an earlier end',
    given: [allow('orders:Read', 'order/*', { DateLessThan: { 'request.time': '2026-06-30T00:00:00Z' } })],
    has: [
      allow('orders:Read', 'order/*', { DateLessThanEquals: { 'request.time': '2026-12-31T23:59:59Z' } }),
    ],
  },
  {
    what: 'two statements of the giver as one',
    given: [allow('orders:Read', 'order/*', { StringEquals: { 'resource.env': ['dev', 'stage'] } })],
    has: [
      allow('orders:Read', 'order/*', { StringEquals: { 'resource.env': 'dev' } }),
      allow('orders:*', 'order/*', { StringEquals: { 'resource.env': 'stage' } }),
    ],
  },
  {
    what: 'two lists of resources as one',
    given: [allow('orders:Read', ['order/eu/*', 'order/us/*'])],
    has: [allow('orders:Read', 'order/eu/*'), allow('orders:Read', 'order/us/*')],
  },
  {
    what: 'what the attribute of the client selects',
    given: [allow('orders:Read', 'order/${principal.attributes.team}/*')],
    has: [allow('orders:Read', ['order/blue/*', 'order/red/*'])],
  },
  {
    what: 'what only golden customers have of what all have',
    given: [allow('orders:Read', 'order/*', { StringEquals: { 'principal.attributes.tier': 'gold' } })],
    has: [allow('orders:Read', 'order/*')],
  },
  {
    what: 'a right that the giver has as an admin',
    given: [allow('orders:Read', 'order/*')],
    has: [allow('orders:*', 'order/*', { StringEquals: { 'principal.role': ['admin', 'super-admin'] } })],
  },
  {
    what: 'only its own orders, of a giver who has all but the locked ones',
    given: [
      allow('orders:Update', 'order/*', {
        StringEquals: { 'resource.owner': '${caller.id}', 'resource.status': 'open' },
      }),
    ],
    has: [allow('orders:*', 'order/*', { StringNotEquals: { 'resource.status': 'locked' } })],
  },
  {
    what: 'all but a folder, of a giver who is denied a folder in it',
    given: [{ Effect: 'Allow', Action: 'orders:Read', NotResource: ['order/secret/*', 'order/hr/*'] }],
    has: [allow('orders:Read', '*'), deny('*', 'order/secret/keys/*')],
  },
  {
    what: 'where a Deny of the giver is about another environment',
    given: [allow('orders:*', 'order/*', { StringEquals: { 'resource.env': 'dev' } })],
    has: [
      allow('orders:*', '*'),
      deny(['orders:Delete', 'orders:Update'], '*', { StringLike: { 'resource.env': 'prod*' } }),
    ],
  },
  {
    what: 'tags that are among those of the giver',
    given: [
      allow('orders:Read', 'order/*', {
        'ForAllValues:StringEquals': { 'orders.tags': ['new'] },
        Null: { 'orders.tags': false },
      }),
    ],
    has: [allow('orders:Read', 'order/*', { 'ForAnyValue:StringEquals': { 'orders.tags': ['new', 'old'] } })],
  },
  {
    what: 'what the giver has by day and by night',
    given: [allow('orders:Read', 'order/*')],
    has: [
      allow('orders:Read', 'order/*', { DateLessThan: { 'request.time': '2026-06-30T00:00:00Z' } }),
      allow('orders:Read', 'order/*', { DateGreaterThanEquals: { 'request.time': '2026-06-30T00:00:00Z' } }),
    ],
  },
]
