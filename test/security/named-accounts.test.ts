import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PASSWORD } from '../support/accounts.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'
import {
  createRelatives,
  dominates,
  RELATIONS,
  SIGNED_IN,
  targetOf,
  type Relation,
  type Relatives,
  type SignedInActor,
} from '../support/relatives.ts'

/*
 * G1 where a request names an account elsewhere than in its path: in a query, in a body, in the name of a
 * policy. Everybody × every such place × every relation, against the rules of the hierarchy.
 */

interface Place {
  readonly method: string
  readonly path: (id: string) => string
  readonly body?: (id: string) => object
  /**
   * What the caller is told. `served`: anything but a refusal of its identity, its rights, or the account.
   */
  readonly expected: (actor: SignedInActor, relation: Relation) => 'served' | 'forbidden' | 'not_found'
}

const OWNERS: readonly SignedInActor[] = ['root', 'admin', 'client']
/**
 * Whether the account in the relation has a namespace of its own: admins and clients have, super-admins share
 * the root.
 */
const hasNamespace = (actor: SignedInActor, relation: Relation): boolean =>
  (actor === 'root' && relation === 'subtree') ||
  (actor === 'admin' && ['self', 'subtree'].includes(relation)) ||
  (actor === 'client' && ['self', 'parent'].includes(relation))

const readable: Place['expected'] = (actor, relation) => {
  if (!OWNERS.includes(actor)) return 'forbidden'
  return hasNamespace(actor, relation) ? 'served' : 'not_found'
}
const writable: Place['expected'] = (actor, relation) => {
  const read = readable(actor, relation)
  return read === 'served' && relation === 'parent' ? 'forbidden' : read
}
/** Oneself, and whom one manages. */
const managed: Place['expected'] = (actor, relation) =>
  relation === 'self' || dominates(actor, relation) ? 'served' : 'not_found'

const question = { action: 'places:List', resource: 'place/all' }
const invalid = { nothing: 'valid' }
let names = 0
const child = (field: string) => (id: string) => ({
  name: 'x',
  username: `named${++names}`,
  password: PASSWORD,
  issue_token: false,
  [field]: id,
})

const PLACES: Readonly<Record<string, Place>> = {
  'the namespace of a list of policies': {
    method: 'GET',
    path: (id) => `/policies?namespace=${id}`,
    expected: readable,
  },
  'the namespace in the name of a policy': {
    method: 'PUT',
    path: (id) => `/policies/${id}%2Fx`,
    body: () => invalid,
    expected: writable,
  },
  'the namespace of attachments that are read': {
    method: 'GET',
    path: (id) => `/attachments?namespace=${id}`,
    expected: writable,
  },
  'the namespace of attachments that are put': {
    method: 'PUT',
    path: (id) => `/attachments?namespace=${id}`,
    body: () => invalid,
    expected: writable,
  },
  'the namespace of a service': {
    method: 'PUT',
    path: (id) => `/services/x?namespace=${id}`,
    body: () => invalid,
    expected: writable,
  },
  'the principal of a check': {
    method: 'POST',
    path: () => '/access/check',
    body: (principal) => ({ ...question, principal }),
    expected: managed,
  },
  'a principal among a hundred checks': {
    method: 'POST',
    path: () => '/access/check/batch',
    body: (principal) => ({
      checks: Array.from({ length: 100 }, (_v, n) => (n === 99 ? { ...question, principal } : question)),
    }),
    expected: managed,
  },
  'the client of a sub-client': {
    method: 'POST',
    path: () => '/auth/subclient/create',
    body: child('client_id'),
    expected: (actor, relation) => {
      if (!OWNERS.includes(actor)) return 'forbidden'
      // A client that names a client, and an id of another role, are mistakes of the request: 400, which
      // tells nothing of accounts.
      if (actor === 'client') return 'served'
      return actor === 'admin' && relation === 'subtree' ? 'served' : 'not_found'
    },
  },
}

let daemon: TestDaemon
let relatives: Relatives

beforeAll(async () => {
  daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
  relatives = await createRelatives(daemon)
})
afterAll(() => daemon.stop())

const told = async ({ method, path, body }: Place, id: string, token?: string): Promise<string> => {
  const { status, body: answer } = await daemon.api.call(method, path(id), {
    ...(token === undefined ? {} : { token }),
    ...(body === undefined ? {} : { body: body(id) }),
  })
  const { code } = answer as { code?: string }
  if (code === 'forbidden' || code === 'authentication_required') return code
  if (status === 404) return 'not_found'
  return status < 500 ? 'served' : `${status}`
}

/** Ids that the form of the field does not take: the request is refused by its form, for any account. */
const isOtherForm = (place: string, id: string): boolean =>
  (place.startsWith('the namespace') && !/^(?:adm|cli)_/.test(id)) ||
  (place === 'the client of a sub-client' && !id.startsWith('cli_'))

describe('G1: accounts that are named in a query or a body', () => {
  test.each(Object.entries(PLACES))('%s', async (name, place) => {
    expect(await told(place, relatives.people.client.id)).toBe('authentication_required')
    for (const actor of SIGNED_IN)
      for (const relation of RELATIONS) {
        const id = targetOf(relatives, actor, relation)
        if (id === undefined) continue
        const expected = place.expected(actor, relation)
        const accepted = isOtherForm(name, id) ? [expected, 'served'] : [expected]
        const { access } = relatives.people[actor]
        expect(accepted, `${actor} names ${relation}`).toContain(await told(place, id, access))
      }
  })
})
