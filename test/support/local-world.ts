import { createChance, type Chance } from '../fuzz/chance.ts'
import { PASSWORD, signedIn, type SignedIn } from './accounts.ts'
import type { Api } from './api.ts'
import { policyOf, put } from './policy-calls.ts'

/** An account of a world, with where it stands. */
export interface Citizen extends SignedIn {
  readonly role: 'admin' | 'client' | 'sub-client'
  /** The word that stands in everything of its tenant, and in nothing of others. */
  readonly tag: string
  readonly username: string
  /** Its creators, nearest first. */
  readonly above: readonly Citizen[]
}

/** A tree of tenants with policies, attachments and boundaries by chance. */
export interface World {
  readonly citizens: readonly Citizen[]
  readonly chance: Chance
  /** Makes one change of policies, attachments or accounts. */
  readonly change: () => Promise<void>
  /** A question by chance, with what is said of the circumstances. */
  readonly question: () => {
    action: string
    resource: string
    context: Record<string, string | number | string[]>
  }
}

export const SERVICES = {
  orders: {
    service: 'orders',
    actions: {
      Read: { resources: ['order'], keys: ['orders.total', 'orders.tags'] },
      Write: { resources: ['order', 'basket'], keys: ['orders.total'] },
    },
    resource_types: { order: {}, basket: {} },
    context_keys: {
      'orders.total': { type: 'number', always: false },
      'orders.tags': { type: 'set<string>', always: false },
    },
  },
  billing: {
    service: 'billing',
    actions: { Refund: { resources: ['invoice'], keys: ['billing.day'] } },
    resource_types: { invoice: {} },
    context_keys: { 'billing.day': { type: 'date', always: false } },
  },
} as const

const ACTIONS = ['orders:Read', 'orders:Write', 'billing:Refund'] as const
const TIERS = ['gold', 'silver'] as const

const mustBeDone = async (answer: Promise<{ status: number; text: string }>): Promise<void> => {
  const { status, text } = await answer
  if (status >= 300) throw new Error(text)
}

const MANAGED = {
  'super-admin': 'SuperAdmin',
  admin: 'Admin',
  client: 'Client',
  'sub-client': 'SubClient',
  user: 'User',
} as const

const ANYWHERE = [
  undefined,
  { StringEquals: { 'caller.role': ['client', 'sub-client'] } },
  { StringEqualsIfExists: { 'principal.attributes.tier': 'gold' } },
  { StringLike: { 'resource.region': 'eu-*' } },
  { IpAddressIfExists: { 'request.ip': '10.0.0.0/8' } },
]
const OF_ORDERS = [...ANYWHERE, { NumericLessThan: { 'orders.total': 50 } }]
const OF_READING = [...OF_ORDERS, { 'ForAnyValue:StringEquals': { 'orders.tags': ['a', 'b'] } }]

/** What a statement can be about: the actions, the types of their resources, and conditions that fit them. */
const SUBJECTS = [
  { actions: { Action: 'orders:*' }, types: ['order', 'basket'], conditions: OF_ORDERS },
  { actions: { Action: ['orders:Read'] }, types: ['order'], conditions: OF_READING },
  { actions: { Action: ['billing:*'] }, types: ['invoice'], conditions: ANYWHERE },
  {
    actions: { Action: ['orders:Read', 'billing:Refund'] },
    types: ['order', 'invoice'],
    conditions: ANYWHERE,
  },
  { actions: { Action: '*' }, types: [], conditions: ANYWHERE },
]
const DENIED = [
  ...SUBJECTS,
  {
    actions: { NotAction: ['billing:*', 'orders:Read', 'authctl:*', 'places:*'] },
    types: ['basket'],
    conditions: ANYWHERE,
  },
]

const statementOf = (chance: Chance, tag: string, index: number): object => {
  const isDeny = chance.once(5)
  const { actions, types, conditions } = chance.pick(isDeny ? DENIED : SUBJECTS)
  const rest = isDeny
    ? chance.pick(['/x*', `/${tag}/*`])
    : chance.pick(['/*', '/*', `/${tag}/*`, '/${principal.path}/*'])
  const condition = chance.pick(conditions)
  return {
    Sid: `${tag}-sid-${index}`,
    Effect: isDeny ? 'Deny' : 'Allow',
    ...actions,
    Resource: types.length === 0 ? (isDeny ? 'order/x*' : '*') : types.map((type) => type + rest),
    ...(condition === undefined ? {} : { Condition: condition }),
  }
}

/**
 * Grows a world from a seed, through the API and by the super-admin: two admins with two clients each, and
 * two sub-clients of each of those.
 */
export const growWorld = async (api: Api, root: SignedIn, seed: number): Promise<World> => {
  const chance = createChance(seed)
  let count = 0
  const grow = async (role: Citizen['role'], tag: string, parent: Citizen | undefined): Promise<Citizen> => {
    count += 1
    const username = `${tag}user${count}`
    const words = { admin: 'admin', client: 'client', 'sub-client': 'subclient' } as const
    const person = {
      name: `${tag} ${count}`,
      username,
      password: PASSWORD,
      number: `+9198765${String(10_000 + count)}`,
    }
    const by = parent?.access ?? root.access
    const created = signedIn(await api.post(`/auth/${words[role]}/create`, person, by))
    const fields = {
      email: `${tag}${count}@example.com`,
      attributes: { tier: chance.pick(TIERS), mark: tag },
    }
    await mustBeDone(
      api.call('PATCH', `/accounts/${created.id}`, {
        token: root.access,
        body: fields,
        headers: { 'if-match': '*' },
      }),
    )
    return { ...created, role, tag, username, above: parent === undefined ? [] : [parent, ...parent.above] }
  }
  const citizens: Citizen[] = []
  for (const word of ['acme', 'globex']) {
    const admin = await grow('admin', word, undefined)
    citizens.push(admin)
    for (const n of [1, 2]) {
      const client = await grow('client', `${word}${n}`, admin)
      citizens.push(client, await grow('sub-client', `${word}${n}`, client))
      citizens.push(await grow('sub-client', `${word}${n}`, client))
    }
  }
  for (const body of Object.values(SERVICES))
    await mustBeDone(put(api, `/services/${body.service}`, { token: root.access, body }))

  const owners: readonly (Citizen | undefined)[] = [
    undefined,
    ...citizens.filter(({ role }) => role !== 'sub-client'),
  ]
  const known = new Map<string, string[]>()
  const namespaceOf = (owner: Citizen | undefined): string => owner?.id ?? 'root'

  const putPolicy = async (owner: Citizen | undefined): Promise<void> => {
    const tag = owner?.tag ?? 'rootword'
    const names = known.get(namespaceOf(owner)) ?? []
    const name = names.length < 3 ? `${tag}-policy-${names.length}` : chance.pick(names)
    known.set(namespaceOf(owner), [...new Set([...names, name])])
    // What the daemon guards itself stays as it is, whatever is bounded by the policy.
    const daemons = { Sid: `${tag}-sid-daemon`, Effect: 'Allow', Action: 'authctl:*', Resource: '*' }
    const drawn = Array.from({ length: 1 + chance.below(3) }, (_, i) => statementOf(chance, tag, i))
    const statements = [...drawn, daemons]
    const document = { Version: 'authctl/1', Id: name, Description: `of ${tag}`, Statement: statements }
    await mustBeDone(
      put(api, `/policies/${namespaceOf(owner)}%2F${name}`, { token: root.access, body: document }),
    )
  }

  const attach = async (owner: Citizen | undefined): Promise<void> => {
    const names = known.get(namespaceOf(owner)) ?? []
    const below = citizens.filter(({ above }) => owner === undefined || above.includes(owner))
    const one = chance.pick(below)
    const selectors = [
      { role: chance.pick(below).role },
      { role: chance.pick(below).role, attributes: { tier: chance.pick(TIERS) } },
      { id: one.id },
      { username: one.username },
    ]
    const attachments = selectors.map((to) => ({
      to,
      policies: [chance.pick(names)],
      ...(chance.once(8) ? { boundary: chance.pick(names) } : {}),
    }))
    const managed = Object.entries(MANAGED).map(([role, name]) => ({
      to: { role },
      policies: [`authctl:${name}`, 'rootword-all', ...(chance.once(2) ? ['authctl:InheritCreator'] : [])],
    }))
    const body = { attachments: owner === undefined ? [...managed, ...attachments] : attachments }
    await mustBeDone(put(api, `/attachments?namespace=${namespaceOf(owner)}`, { token: root.access, body }))
  }

  /** By who owns the policy, who may not give more than it has. */
  const attachDirectly = async (): Promise<void> => {
    const citizen = chance.pick(citizens)
    const from = chance.pick<Citizen | undefined>([undefined, ...citizen.above])
    const name = chance.pick(known.get(namespaceOf(from)) ?? [])
    const token = from?.access ?? root.access
    const answer = api.post(`/accounts/${citizen.id}/policies/${name}`, {}, token)
    if ((await answer).status !== 403) await mustBeDone(answer)
  }

  const changes: readonly (() => Promise<void>)[] = [
    () => putPolicy(chance.pick(owners)),
    () => attach(chance.pick(owners)),
    attachDirectly,
    async () => {
      const { id } = chance.pick(citizens.filter(({ role }) => role === 'sub-client'))
      const verb = chance.pick(['disable', 'enable', 'enable'])
      await mustBeDone(api.post(`/accounts/${id}/${verb}`, {}, root.access))
    },
    async () => {
      const { id, tag } = chance.pick(citizens)
      const body = { attributes: { tier: chance.pick(TIERS), mark: tag } }
      const headers = { 'if-match': '*' }
      await mustBeDone(api.call('PATCH', `/accounts/${id}`, { token: root.access, body, headers }))
    },
  ]

  const all = policyOf(
    'rootword-all',
    {
      Effect: 'Allow',
      Action: ['orders:*', 'billing:*'],
      Resource: ['order/*', 'basket/*', 'invoice/*'],
    },
    {
      Effect: 'Deny',
      Action: 'orders:Write',
      Resource: 'order/x*',
      Condition: { NumericGreaterThan: { 'orders.total': 80 } },
    },
  )
  await mustBeDone(put(api, '/policies/rootword-all', { token: root.access, body: all }))
  for (const owner of owners) {
    for (const _n of [1, 2, 3]) await putPolicy(owner)
    await attach(owner)
  }
  for (let n = 0; n < 6; n++) await attachDirectly()

  return {
    citizens,
    chance,
    change: async () => chance.pick(changes)(),
    question: () => {
      const action = chance.once(20) ? 'orders:Nothing' : chance.pick(ACTIONS)
      const { tag } = chance.pick(citizens)
      const type =
        action === 'billing:Refund' && !chance.once(10)
          ? 'invoice'
          : chance.pick(['order', 'basket', 'order'])
      const resource = `${type}/${chance.pick(['x1', `${tag}/1`, '1'])}`
      const context: Record<string, string | number | string[]> = {
        ...(action === 'billing:Refund' || chance.once(2) ? {} : { 'orders.total': chance.below(100) }),
        ...(action === 'orders:Read' && chance.once(2) ? { 'orders.tags': [chance.pick(['a', 'c'])] } : {}),
        ...(chance.once(2) ? { 'resource.region': chance.pick(['eu-1', 'us-1']) } : {}),
        ...(chance.once(3) ? { 'request.ip': chance.pick(['10.1.2.3', '192.0.2.1']) } : {}),
      }
      return { action, resource, context }
    },
  }
}
