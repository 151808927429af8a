import type { Actor } from '../actors.ts'
import { idBelow, type Kitchen, type Make, matching, ownerOf } from './kitchen.ts'

const NAMES = 8

const policyName = ({ chance }: Kitchen): string => `fuzz-${chance.below(NAMES)}`

const deleteSeen =
  (prefix: string): Make =>
  (kitchen) => {
    const seen = kitchen.known.seenUnder(prefix)
    const [actor, target] = seen.length === 0 ? [] : kitchen.chance.pick(seen)
    return actor === undefined || target === undefined ? undefined : matching(kitchen, { actor, target })
  }

/** Statements of every form of the language; none takes anything from the callers of the run. */
const STATEMENTS = [
  { Sid: 'Places', Effect: 'Allow', Action: 'places:List', Resource: 'place/*' },
  { Sid: 'Some', Effect: 'Allow', Action: ['places:*'], Resource: ['place/a*', 'place/${principal.id}'] },
  { Sid: 'NotThat', Effect: 'Deny', Action: 'places:Write', Resource: 'place/forbidden-*' },
  {
    Sid: 'Own',
    Effect: 'Allow',
    Action: ['authctl:GetSelf', 'authctl:CheckAccess'],
    Resource: 'account/${principal.path}',
    Condition: { StringLike: { 'principal.id': ['adm_*', 'cli_*'] } },
  },
] as const

const putPolicy: Make = (kitchen) => {
  const name = policyName(kitchen)
  const first = kitchen.chance.below(STATEMENTS.length)
  const Statement = STATEMENTS.slice(first, first + 1 + kitchen.chance.below(2))
  return matching(kitchen, {
    actor: ownerOf(kitchen),
    target: `/policies/${name}`,
    body: { Version: 'authctl/1', Id: name, Statement },
  })
}

const serviceName = (kitchen: Kitchen, actor: Actor): string =>
  `fuzz-${actor.toLowerCase()}-${kitchen.chance.below(NAMES)}`

const putService: Make = (kitchen) => {
  const actor = ownerOf(kitchen)
  const service = serviceName(kitchen, actor)
  const verbs = ['Read', 'Write', 'Cancel'].slice(0, 1 + kitchen.chance.below(3))
  return matching(kitchen, {
    actor,
    target: `/services/${service}`,
    body: {
      service,
      actions: Object.fromEntries(verbs.map((verb) => [verb, { resources: ['order'] }])),
      resource_types: { order: {} },
    },
  })
}

/** What was declared is listed with the hash that is its tag. */
const listServices: Make = (kitchen) => {
  const actor = ownerOf(kitchen)
  const { known } = kitchen
  return {
    actor,
    target: '/services',
    onSuccess: ({ text }) => {
      const { items } = JSON.parse(text) as { items: { hash: string; service: { service: string } }[] }
      for (const { hash, service } of items)
        if (service.service.startsWith(`fuzz-${actor.toLowerCase()}-`))
          known.see({ actor, target: `/services/${service.service}` }, `"${hash}"`)
    },
  }
}

const getAttachments: Make = (kitchen) => {
  const actor = ownerOf(kitchen)
  return {
    actor,
    target: '/attachments',
    onSuccess: ({ text }) =>
      void kitchen.known.attachments.set(
        actor,
        (JSON.parse(text) as { attachments: readonly unknown[] }).attachments,
      ),
  }
}

const putAttachments: Make = (kitchen) => {
  const actor = ownerOf(kitchen)
  const present = kitchen.known.attachments.get(actor)
  if (present === undefined) return undefined
  const others = present.filter((one) => !JSON.stringify(one).includes('fuzz-'))
  const to = kitchen.chance.pick([{ role: 'user' }, { role: 'subclient' }, { role: 'client' }])
  const added = kitchen.chance.once(3) ? [] : [{ to, policies: [policyName(kitchen)] }]
  return matching(kitchen, { actor, target: '/attachments', body: { attachments: [...others, ...added] } })
}

const attachPolicy: Make = (kitchen) => {
  const id = idBelow(kitchen)
  const name = `root/${policyName(kitchen)}`
  return id === undefined
    ? undefined
    : {
        actor: 'root',
        target: `/accounts/${id}/policies/${encodeURIComponent(name)}`,
        onSuccess: () => kitchen.known.attached.add([id, name]),
      }
}

const detachPolicy: Make = ({ known }) => {
  const [id, name] = known.attached.take() ?? []
  return id === undefined || name === undefined
    ? undefined
    : { actor: 'root', target: `/accounts/${id}/policies/${encodeURIComponent(name)}` }
}

const setBoundary: Make = (kitchen) => {
  const id = idBelow(kitchen)
  const policy = kitchen.chance.pick([null, null, 'authctl:SuperAdmin'])
  return id === undefined
    ? undefined
    : { actor: 'root', target: `/accounts/${id}/boundary`, body: { policy } }
}

const planSet: Make = (kitchen) => ({
  actor: kitchen.chance.pick(['admin', 'client']),
  target: '/policies/plan',
  body: { set: 'fuzz', files: [{ path: 'authctl.json', text: '{"set": "fuzz"}' }] },
  onSuccess: ({ text }) => {
    kitchen.known.plan = JSON.parse(text) as object
  },
})

/** The plan of an account below. */
const approvePlan: Make = ({ known: { plan } }) =>
  plan && { actor: 'root', target: '/policies/approve', body: { plan }, isFixed: true }

/** A set beside what is in force. */
const applyInShadow: Make = ({ known, chance }) => {
  const actor = chance.pick(['admin', 'client'] as const)
  const statement = { Effect: 'Allow', Action: 'places:List', Resource: 'place/*' }
  const document = { Version: 'authctl/1', Id: 'fuzz-shadow', Statement: [statement] }
  const files = [
    { path: 'authctl.json', text: '{"set": "fuzz-shadow"}' },
    { path: 'documents/fuzz-shadow.json', text: JSON.stringify(document) },
  ]
  return {
    actor,
    target: '/policies/apply',
    body: { set: 'fuzz-shadow', files, shadow: true },
    onSuccess: () => {
      known.shadow = actor
    },
  }
}

/** What that would do in force. */
const promoteShadow: Make = ({ known: { shadow } }) =>
  shadow && { actor: shadow, target: '/policies/promote', body: { dry_run: true }, isFixed: true }

/** For policies, services and attachments. */
export const POLICY_RECIPES: Readonly<Record<string, Make>> = {
  'policies.get': (kitchen) => ({ actor: ownerOf(kitchen), target: `/policies/${policyName(kitchen)}` }),
  'policies.put': putPolicy,
  'policies.delete': deleteSeen('/policies/'),
  'policies.plan': planSet,
  'policies.approve': approvePlan,
  'policies.apply': applyInShadow,
  'policies.promote': promoteShadow,
  'policies.attach': attachPolicy,
  'policies.detach': detachPolicy,
  'policies.setBoundary': setBoundary,
  'services.list': listServices,
  'services.put': putService,
  'services.delete': deleteSeen('/services/'),
  'attachments.get': getAttachments,
  'attachments.put': putAttachments,
}
