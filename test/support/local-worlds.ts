import { createHash } from 'node:crypto'
import {
  compilePolicy,
  MANAGED_POLICIES,
  OWN_SERVICES,
  type Attachment,
  type Context,
  type Statement,
} from '../../policies/index.ts'
import type { AccountId, KnownAccount, Role, UsernameKey } from '../../daemon/domain/account.ts'
import { differenceOf, earlierOf, wholeOf } from '../../daemon/domain/local/difference.ts'
import { createNaming, type Naming } from '../../daemon/domain/local/facts.ts'
import { createView, type LocalView } from '../../daemon/domain/local/view.ts'
import { Failure } from '../../daemon/domain/failure.ts'
import { requestContext } from '../../daemon/domain/policy-facts.ts'
import { PolicySnapshot, type Namespace } from '../../daemon/domain/policy-snapshot.ts'
import { lineageIds, maySee } from '../../daemon/domain/tree.ts'
import { reason, type Question } from '../../daemon/usecases/access/answer.ts'
import { layersOf } from '../../daemon/usecases/access/authorize.ts'
import { requireDeclared } from '../../daemon/usecases/access/question-context.ts'
import { loadNamespace } from '../../daemon/usecases/policies/namespaces.ts'
import { Lineage } from '../../sdk/local/lineage.ts'
import type { AccountFacts, Snapshot } from '../../sdk/types.gen.ts'
import { diceOf, drawStatement, type Dice } from '../policies/draws.ts'

/*
 * Worlds of accounts, namespaces and policies drawn from the whole language, with the daemon's answers to
 * questions about them, and with what the daemon hands out of them to an application.
 */

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url')

const TREE: readonly (readonly [Role, string])[] = [
  ['super-admin', 'sa_1'],
  ['admin', 'adm_1'],
  ['admin', 'adm_2'],
  ['client', 'adm_1/cli_1'],
  ['client', 'adm_1/cli_2'],
  ['sub-client', 'adm_1/cli_1/sub_1'],
  ['sub-client', 'adm_1/cli_1/sub_2'],
  ['user', 'usr_1'],
  ['user', 'usr_2'],
]
const NAMESPACES: readonly (readonly string[])[] = [
  ['root'],
  ['root', 'adm_1'],
  ['root', 'adm_2'],
  ['root', 'adm_1', 'cli_1'],
]
const VERBS = ['Read', 'Write', 'List', 'Later']
const KEYS = { tags: 'set<string>', total: 'number', at: 'date', from: 'ip' } as const

const serviceOf = (service: string, always: boolean) => ({
  service,
  actions: Object.fromEntries(
    VERBS.map((verb) => [
      verb,
      { resources: ['order', 'x'], keys: Object.keys(KEYS).map((key) => `${service}.${key}`) },
    ]),
  ),
  resource_types: { order: {}, x: {} },
  context_keys: Object.fromEntries(
    Object.entries(KEYS).map(([key, type]) => [
      `${service}.${key}`,
      { type, always: always && key === 'total' },
    ]),
  ),
})

const WORDS = ['a', 'b', 'ab', 'A', '1', '2', '2.5', 'true', '10.1.2.3', '2026-01-01T00:00:00Z', '😀']
const VALUES: readonly (readonly [string, readonly Context[string][]])[] = [
  ['resource.env', ['a', 'b', 'aB']],
  ['resource.owner', ['a', 1, '2', true, '10.1.2.3']],
  ['resource.n', [0, 1, 2.5, '3', 'many']],
  ['resource.flag', [true, false, 'true']],
  ['request.ip', ['10.1.2.3', '192.0.2.1', '2001:db8::1', 'nowhere']],
  ['request.time', [1_767_225_600, '2026-01-03T12:00:00Z']],
  ['orders.tags', [['a'], ['a', 'b'], [], 'a']],
  ['orders.total', [1, 2, 100, 'x']],
  ['orders.at', ['2026-01-01T00:00:00Z', 'never']],
  ['shop.total', [1, '2']],
  ['orders.unknown', [1]],
]

const accountsOf = (dice: Dice): KnownAccount[] =>
  TREE.map(([role, path], index) => {
    const id = path.split('/').at(-1) as AccountId
    const isNamed = role !== 'user'
    return {
      id,
      role,
      name: null,
      username: isNamed ? id : null,
      usernameKey: isNamed ? (id as string as UsernameKey) : null,
      phone: null,
      email: null,
      parentId: (path.split('/').at(-2) as AccountId | undefined) ?? null,
      path,
      status: dice.oneIn(12) ? 'disabled' : 'active',
      attributes: dice.oneIn(2) ? { t: dice.pick(WORDS), team: dice.pick(['a', 'b']) } : {},
      policies: dice.oneIn(3) ? [dice.pick(['root/p0', 'root/p1', 'adm_1/p0', 'root/gone'])] : [],
      boundary: dice.oneIn(9) ? 'root/p1' : null,
      epoch: 0,
      createdAt: index,
      updatedAt: index,
      version: 1 + dice.below(3),
    }
  })

const WIDE: Statement = { Sid: 'Wide', Effect: 'Allow', Action: '*', Resource: '*' }

const attachmentOf = (dice: Dice, names: readonly string[]): Attachment => {
  const to = dice.pick<Attachment['to']>([
    ...TREE.map(([role]) => ({ role })),
    { role: 'user', attributes: { team: 'a' } },
    { username: 'CLI_1' },
    { id: 'sub_1' },
  ])
  const policies = [dice.pick(names), dice.pick(names)]
  return dice.oneIn(9) ? { to, policies, boundary: dice.pick(names) } : { to, policies }
}

const namespaceOf = async (dice: Dice, place: readonly string[], number: number): Promise<Namespace> => {
  const namespace = place.at(-1) ?? ''
  const texts = new Map<string, string>()
  const listed = (value: object) => {
    const text = JSON.stringify(value)
    texts.set(digest(text), text)
    return { hash: digest(text), updatedAt: 0 }
  }
  const names = ['p0', 'p1', 'p2']
  const policies = names.map((Id) => {
    const drawn = Array.from({ length: 1 + dice.below(6) }, () => drawStatement(dice))
    return [Id, listed({ Version: 'authctl/1', Id, Statement: dice.oneIn(2) ? [WIDE, ...drawn] : drawn })]
  })
  const services = namespace === 'root' ? [serviceOf('orders', dice.oneIn(3))] : [serviceOf('shop', false)]
  const everybody = TREE.map(([role]) => ({ to: { role }, policies: ['p0'] }))
  const revision = {
    namespace,
    above: place.slice(0, -1),
    number,
    parent: null,
    createdAt: 0,
    actorId: null,
    policies: Object.fromEntries(policies),
    services: Object.fromEntries(services.map((service) => [service.service, listed(service)])),
    attachments: [
      ...(namespace === 'root' ? everybody : []),
      ...Array.from({ length: dice.below(4) }, () => attachmentOf(dice, names)),
    ],
  }
  return loadNamespace(digest(`${namespace}${number}${JSON.stringify(revision)}`), revision, {
    texts,
    before: undefined,
  })
}

const MANAGED = new Map(
  MANAGED_POLICIES.map((document) => {
    const name = `authctl:${document.Id}`
    return [name, compilePolicy(document, { name, hash: name })]
  }),
)

/** Accounts and the policies in force. */
export interface LocalWorld {
  readonly accounts: readonly KnownAccount[]
  readonly snapshot: PolicySnapshot
}

/** The world of a seed. */
export const drawWorld = async (seed: number): Promise<LocalWorld> => {
  const dice = diceOf(seed)
  const namespaces = await Promise.all(NAMESPACES.map((place) => namespaceOf(dice, place, 1)))
  const byName = new Map(namespaces.map((each) => [each.revision.namespace, each]))
  return {
    accounts: accountsOf(dice),
    snapshot: new PolicySnapshot(byName, { managed: MANAGED, own: OWN_SERVICES }),
  }
}

/** The same world after a change of one namespace. */
export const changedWorld = async (world: LocalWorld, seed: number): Promise<LocalWorld> => {
  const dice = diceOf(seed)
  const next = await namespaceOf(dice, dice.pick(NAMESPACES), 2)
  return { ...world, snapshot: world.snapshot.with(next) }
}

/** A question of a seed. */
export const drawQuestion = (dice: Dice): Question & { context: Context } => {
  const said = VALUES.flatMap(([key, values]) => (dice.oneIn(4) ? [[key, dice.pick(values)] as const] : []))
  const segments = Array.from({ length: 1 + dice.below(3) }, () =>
    dice.pick(['a', 'b', 'ab', 'usr_1', 'sub_1', 'adm_1', 'cli_1']),
  )
  return {
    action: `${dice.pick(['orders', 'orders', 'shop'])}:${dice.pick([...VERBS, 'Fly'])}`,
    resource: [dice.pick(['order', 'order', 'x', 'y']), ...segments].join('/'),
    context: Object.fromEntries(said),
  }
}

/** What the daemon answers when the owner of an application asks about an account below it. */
export const daemonAnswer = (
  { accounts, snapshot }: LocalWorld,
  account: KnownAccount,
  { question, now }: { question: Question & { context: Context }; now: number },
): { decision: string; reason: string | null } => {
  const ancestors = lineageIds(account.path)
    .slice(0, -1)
    .flatMap((id) => accounts.find((each) => each.id === id) ?? [])
  const lineage = { account, ancestors }
  const { action, context: said } = question
  try {
    requireDeclared(snapshot.catalogueOf(account), { action, said, layers: layersOf(snapshot, lineage) })
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { decision: 'DENY_IMPLICIT', reason: 'invalid_question' }
  }
  const context = { ...requestContext(account, { ip: null, now }), ...said }
  const { decision, reason: why } = reason(snapshot, lineage, { ...question, context }).answer
  return { decision, reason: why }
}

/** What an application of an owner is handed out. */
export interface Handout {
  readonly owner: KnownAccount
  readonly view: LocalView
  readonly naming: Naming
}

/** What the daemon hands out of a world to an application of this owner. */
export const handOut = async (
  { accounts, snapshot }: LocalWorld,
  ownerId: string,
  { services, before }: { services?: readonly string[] | undefined; before?: Handout | undefined } = {},
): Promise<Handout> => {
  const owner = accounts.find(({ id }) => id === ownerId)
  if (owner === undefined) throw new Error(`there is no ${ownerId}`)
  const above = accounts.filter(({ id }) => id !== ownerId && lineageIds(owner.path).includes(id))
  const naming = createNaming(owner, (kind, text) => digest(`${ownerId} ${kind} ${text}`).slice(0, 22))
  const view = await createView(
    snapshot,
    { audience: ownerId, owner, above, services },
    { naming, digest, breathe: () => Promise.resolve(), before: before?.view },
  )
  return { owner, view, naming }
}

/** The answer of `GET /policies/snapshot`, as it comes over the wire. */
export const wireOf = ({ view }: Handout, since?: Handout): Snapshot => {
  const step = since === undefined ? wholeOf(view) : differenceOf(earlierOf(since.view), view)
  const { difference, documents } = step
  const { revision } = view
  const answer = { ...difference, revision, since: step.since, documents, signature: null }
  return JSON.parse(JSON.stringify(answer)) as Snapshot
}

/** The lineage of an account below the owner, as facts; undefined for one that it does not see. */
export const lineageFor = (
  { accounts }: LocalWorld,
  { owner, naming }: Handout,
  account: KnownAccount,
): Lineage | undefined => {
  if (!maySee(owner, account)) return undefined
  const above = new Set<string>(lineageIds(owner.path).slice(0, -1))
  const facts = lineageIds(account.path)
    .filter((id) => !above.has(id))
    .flatMap((id) => accounts.filter((each) => each.id === id))
    .map((each) => naming.facts(each))
  return new Lineage(JSON.parse(JSON.stringify(facts)) as AccountFacts[])
}
