import { compilePolicy, type CompiledPolicy } from '../engine/compile.ts'
import { listOf } from '../engine/condition.ts'
import { symbolsOf, type Symbols } from '../engine/covers.ts'
import type { OwnedLayer, PrincipalFacts } from '../engine/decide.ts'
import { createLayer } from '../engine/layer.ts'
import { openSymbol, type Binding } from '../invariants/bindings.ts'
import type { HeldAccount, HeldLayer } from '../invariants/prove.ts'
import type { Attachment, Effect } from '../language.ts'
import { isSelected, rolesAbove, selectedToo, type Supposed } from './supposed.ts'

/** What the files of a set attach, and the policies that they have. */
export interface Given {
  readonly attachments: readonly Attachment[]
  /** By the name that an attachment has; undefined: it is in no file. */
  readonly find: (name: string) => CompiledPolicy | undefined
}

const whole = (effect: Effect): CompiledPolicy =>
  compilePolicy(
    { Statement: [{ Effect: effect, Action: '*', Resource: '*' }] },
    { name: 'unknown', hash: effect },
  )

/** What may be in a policy that these files do not have. */
const ANY_ALLOW = whole('Allow')
const ANY_DENY = whole('Deny')
/** A policy that allows nothing. */
const NOTHING = compilePolicy({ Statement: [] }, { name: 'unknown', hash: 'nothing' })

interface Attached {
  readonly policies: readonly string[]
  readonly boundaries: readonly string[]
}

const attachedBy = (entries: readonly Attachment[]): Attached => ({
  policies: [...new Set(entries.flatMap(({ policies = [] }) => listOf<string>(policies)))],
  boundaries: [...new Set(entries.flatMap(({ boundary = [] }) => listOf<string>(boundary)))],
})

const certainFor = (account: Supposed, { attachments }: Given): Attachment[] =>
  attachments.filter(({ to }) => isSelected(account, to))

const possibleFor = (account: Supposed, { attachments }: Given): Attachment[] =>
  attachments.filter(({ to }) => selectedToo(account, to) !== undefined)

const findAll = ({ find }: Given, names: readonly string[], otherwise?: CompiledPolicy): CompiledPolicy[] =>
  names.flatMap((name) => find(name) ?? otherwise ?? [])

/**
 * The accounts above one, nearest first: of the roles for which the files have something. Nothing
 * is asked, as an account of a test without a creator stands at the top.
 */
export const above = ({ role }: Supposed, { attachments }: Given): Supposed[] =>
  rolesAbove(role)
    .filter((each) => attachments.some(({ to }) => to.role === each))
    .map((each) => ({ role: each, attributes: {} }))

/** Facts of a supposed account. */
export const supposedFacts = <P extends 'caller' | 'principal'>(
  prefix: P,
  { role, attributes }: Supposed,
): Readonly<Record<`${P}.${string}`, string>> => {
  const facts: Partial<Record<`${P}.${string}`, string>> = {}
  facts[`${prefix}.role`] = role
  for (const [name, value] of Object.entries(attributes))
    facts[`${prefix}.attributes.${name}`] = String(value)
  return facts as Record<`${P}.${string}`, string>
}

/** What is called what in a proof: paths are made of the ids above. */
const valuesOf = (role: Supposed['role']): Binding['values'] => {
  const values = new Map<string, Symbols>()
  let path: Symbols = []
  for (const owner of [...rolesAbove(role).toReversed(), 'caller']) {
    const id = [openSymbol(owner, 'id')]
    path = path.length === 0 ? id : [...path, ...symbolsOf(['/']), ...id]
    values.set(`${owner}.id`, id).set(`${owner}.path`, path)
  }
  return values
}

/** What bounds an account beside its own layer. */
const boundsOf = (
  bounds: readonly CompiledPolicy[],
  place: Pick<HeldLayer, 'principal' | 'binding'>,
): HeldLayer[] => bounds.map((bound) => ({ ...place, allows: [bound], denies: [bound] }))

type Layering = (account: Supposed, allowing: readonly Attachment[], binding: Binding) => HeldLayer[]

/** The layers by which an account may do at most what is allowed: what denies for certain denies. */
const atMost =
  (given: Given): Layering =>
  (account, allowing, binding) => {
    const certain = attachedBy(certainFor(account, given))
    const place = { principal: supposedFacts('principal', account), binding }
    const allows = findAll(given, attachedBy(allowing).policies, ANY_ALLOW)
    return [
      { ...place, allows, denies: findAll(given, certain.policies) },
      ...boundsOf(findAll(given, certain.boundaries), place),
    ]
  }

/** The layers by which it may do that at least: what may deny denies. */
const atLeast =
  (given: Given): Layering =>
  (account, _allowing, binding) => {
    const possible = attachedBy(possibleFor(account, given))
    const place = { principal: supposedFacts('principal', account), binding }
    const allows = findAll(given, attachedBy(certainFor(account, given)).policies)
    return [
      { ...place, allows, denies: findAll(given, possible.policies, ANY_DENY) },
      ...boundsOf(findAll(given, possible.boundaries, NOTHING), place),
    ]
  }

/**
 * A supposed account as invariants are proved for it: `from` is the attachment by which it may be allowed
 * something, for what must never be; undefined: what it is allowed for certain counts, for what must always
 * be.
 */
export const heldAccount = (account: Supposed, from: Attachment | undefined, given: Given): HeldAccount => {
  const values = valuesOf(account.role)
  const layersOf = from === undefined ? atLeast(given) : atMost(given)
  return {
    caller: supposedFacts('caller', account),
    principal: supposedFacts('principal', account),
    binding: { owner: 'caller', values },
    layers: [
      ...layersOf(account, from === undefined ? [] : [from], { owner: 'caller', values }),
      ...above(account, given).flatMap((each) =>
        layersOf(each, possibleFor(each, given), { owner: each.role, values }),
      ),
    ],
  }
}

/** The layers of an account of which all is known; undefined, if it has policies that are in no file. */
export const layersOf = (
  account: Supposed,
  principal: PrincipalFacts,
  given: Given,
): OwnedLayer[] | undefined => {
  const { policies, boundaries } = attachedBy(certainFor(account, given))
  if ([...policies, ...boundaries].some((name) => given.find(name) === undefined)) return undefined
  return [
    { kind: 'own', principal, layer: createLayer(findAll(given, policies)) },
    ...findAll(given, boundaries).map((bound): OwnedLayer => ({
      kind: 'boundary',
      principal,
      layer: createLayer([bound]),
    })),
  ]
}
