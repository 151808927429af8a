import { createCatalogue, type Catalogue } from '../catalogue.ts'
import { findUnprovenRight } from '../ceiling/within.ts'
import { createBudget, GrantTooLarge, type Budget } from '../ceiling/grant.ts'
import { compilePolicy, type CompiledPolicy } from '../engine/compile.ts'
import { listOf } from '../engine/condition.ts'
import type { OwnedLayer, PrincipalFacts } from '../engine/decide.ts'
import { createLayer } from '../engine/layer.ts'
import type { Attachment, PolicyDocument, Selector, Service, Statement } from '../language.ts'
import { MANAGED_POLICIES, OWN_SERVICES } from '../managed.ts'
import { selectorText } from './canonical.ts'
import { listDifferences, type Difference } from './differences.ts'
import { ANYTHING } from './texts.ts'
import type { AccessChange } from './types.ts'

/** What a set says: all that matters of it for access. */
export interface AccessState {
  readonly services: readonly Service[]
  readonly documents: readonly PolicyDocument[]
  readonly attachments: readonly Attachment[]
}

/** Whether a change gives anybody anything, as far as it can be proved. */
export type NewAccess =
  | { readonly verdict: 'PASS' }
  | {
      readonly verdict: 'FAIL'
      /** Who gains it, in words. */
      readonly who: string
      /** A request that is denied before and allowed after. */
      readonly gained: Pick<AccessChange, 'action' | 'resource' | 'cause' | 'witness'>
    }
  | { readonly verdict: 'UNKNOWN'; readonly who: string; readonly reason: string }

/**
 * What somebody has of a set: one layer of policies and what bounds it; and what is not known here, as a
 * policy or as a boundary.
 */
interface Share {
  readonly own: readonly CompiledPolicy[]
  readonly boundaries: readonly CompiledPolicy[]
  readonly unknown: ReadonlySet<string>
}

interface Compiled {
  readonly state: AccessState
  readonly find: (name: string) => CompiledPolicy | undefined
  /** A name that is not known here, and what is: of a full name nothing tells whose namespace this is. */
  readonly foreign: (name: string) => string
}

const MANAGED = new Map(
  MANAGED_POLICIES.map((document) => {
    const name = `authctl:${document.Id}`
    return [name, compilePolicy(document, { name, hash: name })] as const
  }),
)

const compiled = (state: AccessState): Compiled => {
  const own = new Map(
    state.documents.map((document) => {
      const hash = JSON.stringify(document.Statement)
      return [document.Id, compilePolicy(document, { name: document.Id, hash })] as const
    }),
  )
  return {
    state,
    find: (name) => own.get(name) ?? MANAGED.get(name),
    foreign: (name) => `${name} ${own.get(name.slice(name.indexOf('/') + 1))?.hash ?? ''}`,
  }
}

/** Whether everybody whom the first selects is selected by the second too. */
const isNarrower = (one: Selector, other: Selector): boolean => {
  if (selectorText(one) === selectorText(other)) return true
  if (one.role === undefined || one.role !== other.role) return false
  return Object.entries(other.attributes ?? {}).every(
    ([name, value]) => one.attributes?.[name] !== undefined && String(one.attributes[name]) === String(value),
  )
}

/** What those have for certain whom a selector selects. */
const shareOf = ({ state, find, foreign }: Compiled, to: Selector): Share => {
  const entries = state.attachments.filter((entry) => isNarrower(to, entry.to))
  const own = entries.flatMap(({ policies = [] }) => listOf<string>(policies))
  const bounds = entries.flatMap(({ boundary = [] }) => listOf<string>(boundary))
  const unknownOf = (names: readonly string[], what: string): string[] =>
    names.flatMap((name) => (find(name) === undefined ? `${what} ${foreign(name)}` : []))
  return {
    own: [...new Set(own)].flatMap((name) => find(name) ?? []),
    boundaries: [...new Set(bounds)].flatMap((name) => find(name) ?? []),
    unknown: new Set([...unknownOf(own, 'policy'), ...unknownOf(bounds, 'boundary')]),
  }
}

/** Anybody: a principal without an id. */
const layerFor = (policies: readonly CompiledPolicy[], kind: OwnedLayer['kind'] = 'own'): OwnedLayer => ({
  kind,
  principal: {},
  layer: createLayer(policies),
})

const EVERYTHING: Statement = { Effect: 'Allow', Action: '*', Resource: '*' }
const everything = compilePolicy({ Statement: [EVERYTHING] }, { name: 'everything', hash: 'everything' })

const denying = (policies: readonly CompiledPolicy[]): CompiledPolicy[] =>
  policies.map((policy) => ({
    ...policy,
    statements: policy.statements.filter(({ effect }) => effect === 'Deny'),
    hash: `${policy.hash} deny`,
  }))

/**
 * Whether all that one layer allows to anybody the other allows; for certain, if true. Throws
 * `GrantTooLarge`.
 */
export const isWithin = (
  after: readonly CompiledPolicy[],
  before: readonly CompiledPolicy[],
  spend: Budget,
): boolean =>
  findUnprovenRight(
    { caller: {}, before: [], after: [layerFor(after)], granter: [layerFor(before)] },
    spend,
  ) === undefined

/**
 * What cannot be shown of one share beside another; undefined: it gives nothing that the other does not,
 * whatever else an account has, since what it allows is within, every Deny is still there, and every boundary
 * that was there has one within it.
 */
const unproven = (after: Share, before: Share, spend: Budget): string | undefined => {
  if (!isWithin(after.own, before.own, spend)) return 'what is allowed cannot be shown to be within what was'
  if (!isWithin([everything, ...denying(after.own)], [everything, ...denying(before.own)], spend))
    return 'a Deny is gone or narrower, and other policies of such an account may allow what it denied'
  return before.boundaries.every((bound) => after.boundaries.some((each) => isWithin([each], [bound], spend)))
    ? undefined
    : 'a boundary is gone or wider, and other policies of such an account may allow what it held back'
}

const factsOf = ({ id, role = 'client', attributes = {} }: Selector): PrincipalFacts => ({
  'principal.id': id ?? ANYTHING,
  'principal.role': role,
  'principal.path': id ?? ANYTHING,
  ...Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [`principal.attributes.${name}`, value]),
  ),
})

const layersOf = ({ own, boundaries }: Share, principal: PrincipalFacts): OwnedLayer[] => [
  { ...layerFor(own), principal },
  ...boundaries.map((bound) => ({ ...layerFor([bound], 'boundary'), principal })),
]

interface Catalogues {
  readonly before: Catalogue
  readonly after: Catalogue
}

/** A request that somebody of the selector gains, if there is one that questions find. */
const findGain = (
  to: Selector,
  [before, after]: readonly [Share, Share],
  catalogues: Catalogues,
): Difference | undefined => {
  const principal = factsOf(to)
  const caller = Object.fromEntries(
    Object.entries(principal).map(([key, value]) => [key.replace('principal.', 'caller.'), value]),
  )
  const steps = listDifferences({
    id: ANYTHING,
    principal,
    context: { ...caller, 'request.time': 0 },
    before: layersOf(before, principal),
    after: layersOf(after, principal),
    catalogues,
  })
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value.differences.find(({ verb }) => verb === 'gain')
  }
}

const isSameSet = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  one.size === other.size && [...one].every((name) => other.has(name))

/** What can be asked about an action: resources of these types, and by which keys that are always there. */
interface Askable {
  readonly types: readonly string[]
  readonly needed: readonly string[]
}

const declarations = ({ services }: AccessState): Map<string, Askable> =>
  new Map(
    services.flatMap(({ service, actions, context_keys: known = {} }) =>
      Object.entries(actions).map(([verb, { resources, keys = [] }]) => {
        const needed = listOf(keys).filter((key) => known[key]?.always === true)
        return [`${service}:${verb}`, { types: listOf(resources), needed }] as const
      }),
    ),
  )

/**
 * The first action that can be asked about only after the change, about more resources, or without a key that
 * a Deny may look at.
 */
const widened = (before: AccessState, after: AccessState): string | undefined => {
  const known = declarations(before)
  return [...declarations(after)].find(([name, { types, needed }]) => {
    const old = known.get(name)
    return (
      old === undefined ||
      types.some((type) => !old.types.includes(type)) ||
      old.needed.some((key) => !needed.includes(key))
    )
  })?.[0]
}

const words = (to: Selector): string => `those of ${selectorText(to)}`

/** Everybody for whom the two states are compared, with what they have in both. */
const shares = (before: Compiled, after: Compiled) => {
  const selectors = new Map(
    [...before.state.attachments, ...after.state.attachments].map(({ to }) => [selectorText(to), to]),
  )
  const alone = (compiledState: Compiled, name: string): Share => {
    const policy = compiledState.find(name)
    return { own: policy === undefined ? [] : [policy], boundaries: [], unknown: new Set() }
  }
  const kept = before.state.documents.filter(({ Id }) => after.state.documents.some((each) => each.Id === Id))
  return [
    ...[...selectors.values()].map((to) => ({
      to,
      who: words(to),
      before: shareOf(before, to),
      after: shareOf(after, to),
    })),
    // What is attached to an account by hand is in no file.
    ...kept.map(({ Id }) => ({
      to: {},
      who: `an account to which ${Id} is attached by hand`,
      before: alone(before, Id),
      after: alone(after, Id),
    })),
  ]
}

const judge = (
  { to, who, before, after }: ReturnType<typeof shares>[number],
  catalogues: Catalogues,
): NewAccess => {
  if (!isSameSet(before.unknown, after.unknown))
    return { verdict: 'UNKNOWN', who, reason: 'policies that these files do not have come or go' }
  try {
    const reason = unproven(after, before, createBudget())
    if (reason === undefined) return { verdict: 'PASS' }
    const gained = before.unknown.size === 0 ? findGain(to, [before, after], catalogues) : undefined
    return gained === undefined ? { verdict: 'UNKNOWN', who, reason } : { verdict: 'FAIL', who, gained }
  } catch (error) {
    if (error instanceof GrantTooLarge)
      return { verdict: 'UNKNOWN', who, reason: 'there is too much to be compared' }
    throw error
  }
}

/**
 * Whether a change of a set gives anybody anything. PASS is a proof over all accounts, requests and
 * circumstances, whatever else accounts have beside the set; FAIL has a request that shows it; UNKNOWN is
 * what is neither. Patterns are compared exactly, conditions and variables as far as can be proved. `first`
 * of all that is not PASS a FAIL is told.
 */
export const proveNoNewAccess = (before: AccessState, after: AccessState): NewAccess => {
  const [old, fresh] = [compiled(before), compiled(after)]
  const catalogues = {
    before: createCatalogue([...OWN_SERVICES, ...before.services]),
    after: createCatalogue([...OWN_SERVICES, ...after.services]),
  }
  const verdicts = shares(old, fresh).map((share) => judge(share, catalogues))
  const failed = verdicts.find(({ verdict }) => verdict === 'FAIL')
  if (failed !== undefined) return failed
  const unknown = verdicts.find(({ verdict }) => verdict === 'UNKNOWN')
  if (unknown !== undefined) return unknown
  const action = widened(before, after)
  if (action === undefined) return { verdict: 'PASS' }
  const reason = `${action} can be asked about in more ways than before, and other policies may allow that`
  return { verdict: 'UNKNOWN', who: 'anybody', reason }
}
