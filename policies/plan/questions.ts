import type { Catalogue, DeclaredAction } from '../catalogue.ts'
import { holdsAll } from '../engine/compile.ts'
import {
  decide,
  ownValue,
  viewOf,
  type AccessRequest,
  type Context,
  type Decision,
  type OwnedLayer,
} from '../engine/decide.ts'
import { globUnits, literalUnits, matchGlob, type Glob } from '../engine/match.ts'
import { resolveText, variablesOf, type Template, type View } from '../engine/template.ts'
import type { Steps } from '../steps.ts'
import { circumstancesOf } from './circumstances.ts'
import { aboutAction, type Placed } from './placed.ts'
import { Reader, tellingTexts } from './texts.ts'

/** How many resources are asked about, for one action in one context. */
const MAX_RESOURCES = 64

/** What an account may do in one state. */
export interface Side {
  readonly layers: readonly OwnedLayer[]
  readonly placed: readonly Placed[]
  readonly catalogue: Catalogue
}

/** A question as its asker puts it: `said` is the part of the context that the server does not know. */
export interface Asking extends AccessRequest {
  readonly said: Context
}

/** A pattern with every variable replaced; undefined if one has no value: then it matches nothing. */
const globOf = (template: Template, owned: OwnedLayer, context: Context): Glob | undefined => {
  const view = viewOf(owned, { action: '', resource: '', context })
  const units: number[] = []
  for (const part of template) {
    const piece = typeof part === 'object' && !('key' in part) ? part : resolveText([part], view)
    if (piece === undefined) return undefined
    for (const unit of typeof piece === 'string' ? literalUnits(piece) : piece) units.push(unit)
  }
  return units
}

const ACCOUNT = /^account\/(?:.+\/)?[a-z]{2,3}_[0-9a-z]{26}$/

/** Whether the daemon refuses before it asks any policy: another account that does not stand below. */
const isOutside = (action: string, resource: string, facts: Context): boolean =>
  action.startsWith('authctl:') &&
  ACCOUNT.test(resource) &&
  !`${resource}/`.startsWith(`account/${String(facts['caller.path'])}/`)

const STAR = String(globUnits('*'))

/** What of a request makes other resources worth a question: what patterns name beyond the facts. */
const namedIn = (about: readonly Placed[]): ((said: Context) => string) => {
  const variables = about.flatMap(({ statement }) => statement.resource.patterns.flatMap(variablesOf))
  const keys = [...new Set(variables.map(({ key }) => key))]
  return (said) => JSON.stringify(keys.map((key) => ownValue(said, key) ?? null))
}

const bitsOf = (flags: readonly boolean[]): bigint => {
  let bits = 0n
  for (const flag of flags) bits = (bits << 1n) | (flag ? 1n : 0n)
  return bits
}

/** What of a {@link Matched} counts where these statements hold and the others do not. */
const holdingIn = (about: readonly Placed[], { resources }: DeclaredAction, context: Context): bigint => {
  const request = { action: '', resource: '', context }
  const views = new Map<OwnedLayer, View>()
  const statements = about.flatMap(({ statement, owned }) => {
    const view = views.get(owned) ?? viewOf(owned, request)
    views.set(owned, view)
    const isHolding = holdsAll(statement, view)
    return [isHolding, ...statement.resource.patterns.map(() => isHolding)]
  })
  return bitsOf([...resources.map(() => true), ...statements])
}

/** A resource with what answers about it depend on: its type, and the patterns that match it. */
interface Matched {
  readonly resource: string
  /** One for each type, and for each statement one that is set and one for each of its patterns. */
  readonly bits: bigint
}

/** Resources of the action that tell the patterns of these statements apart; kept by what they are. */
const createResources = () => {
  const kept = new Map<string, readonly string[]>()
  const readers = new Map<string, Reader>()
  const readerOf = ([text, glob]: readonly [string, Glob]): Reader => {
    const reader = readers.get(text) ?? new Reader(glob)
    readers.set(text, reader)
    return reader
  }
  return function* (
    about: readonly Placed[],
    { resources: types }: DeclaredAction,
    context: Context,
  ): Steps<readonly Matched[]> {
    const patterns = about.map(({ statement, owned }) =>
      statement.resource.patterns.map((pattern) => globOf(pattern, owned, context)),
    )
    const globs = new Map<string, Glob>()
    for (const glob of patterns.flat())
      if (glob !== undefined && String(glob) !== STAR) globs.set(String(glob), glob)
    const key = JSON.stringify([types, [...globs.keys()].sort()])
    const known = kept.get(key)
    const found =
      known ??
      (yield* tellingTexts({
        readers: [...globs].map(readerOf),
        beginnings: types.map((type) => `${type}/`),
        isPath: true,
        most: MAX_RESOURCES,
      }))
    kept.set(key, found)
    const isMatch = (glob: Glob | undefined, resource: string): boolean =>
      glob !== undefined && matchGlob(glob, resource)
    return found.map((resource) => ({
      resource,
      bits: bitsOf([
        ...types.map((type) => resource.startsWith(`${type}/`)),
        ...patterns.flatMap((each) => [true, ...each.map((glob) => isMatch(glob, resource))]),
      ]),
    }))
  }
}

/**
 * Questions of one account about actions, in any number of states: enough that whatever the statements can
 * decide differently is asked, and what the same statements decide is asked once. Resources of patterns that
 * several actions share are looked for once.
 * Undefined comes between questions while the next is looked for: others may be served then.
 */
export const createQuestions = (facts: Context) => {
  const resourcesFor = createResources()
  return function* (
    sides: readonly Side[],
    name: string,
  ): Generator<Asking | undefined, undefined, undefined> {
    const declared = sides.flatMap(({ catalogue }) => catalogue.actions.get(name) ?? [])
    const [first] = declared
    if (first === undefined) return undefined
    const action: DeclaredAction = {
      name,
      resources: [...new Set(declared.flatMap(({ resources }) => resources))],
      keys: new Set(declared.flatMap(({ keys }) => [...keys])),
    }
    const seen = new Set<string>()
    const about = sides.flatMap(({ placed }) =>
      aboutAction(placed, action).filter(({ id }) => !seen.has(id) && seen.add(id)),
    )
    const catalogue = sides.findLast((side) => side.catalogue.actions.has(name))?.catalogue
    if (catalogue === undefined) return undefined
    const namedBy = namedIn(about)
    const asked = new Set<bigint>()
    const byNamed = new Map<string, { readonly resources: readonly Matched[]; readonly held: Set<bigint> }>()
    for (const said of yield* circumstancesOf(about, { catalogue, action, facts })) {
      yield undefined
      const context = { ...facts, ...said }
      const named = namedBy(said)
      const known = byNamed.get(named)
      const { resources, held } = known ?? {
        resources: yield* resourcesFor(about, action, context),
        held: new Set(),
      }
      if (known === undefined) byNamed.set(named, { resources, held })
      const holding = holdingIn(about, action, context)
      if (held.has(holding)) continue
      held.add(holding)
      for (const { resource, bits } of resources) {
        const kind = bits & holding
        if (asked.has(kind) || isOutside(name, resource, facts)) continue
        asked.add(kind)
        yield { action: name, resource, context, said }
      }
    }
    return undefined
  }
}

const REFUSED: Decision = { verdict: 'DENY_IMPLICIT', layer: undefined, statement: undefined }

/** The decision of a state: what no service declares there is denied before any policy is asked. */
export const decisionOf = ({ layers, catalogue }: Side, request: AccessRequest): Decision => {
  const declared = catalogue.actions.get(request.action)
  const type = request.resource.slice(0, request.resource.indexOf('/'))
  return declared?.resources.includes(type) === true ? decide(layers, request) : REFUSED
}

/**
 * The declared actions that an account may have in a state: those that an Allow of its own layers is about.
 */
export const possibleActions = ({ placed, catalogue }: Side): string[] => {
  const allows = placed.filter(({ statement, owned }) => statement.effect === 'Allow' && owned.kind === 'own')
  return [...catalogue.actions.values()]
    .filter((action) => aboutAction(allows, action).length > 0)
    .map(({ name }) => name)
}
