import type { Catalogue, DeclaredAction } from '../catalogue.ts'
import {
  decide,
  viewOf,
  type AccessRequest,
  type Context,
  type Decision,
  type OwnedLayer,
} from '../engine/decide.ts'
import { globUnits, literalUnits, type Glob } from '../engine/match.ts'
import { resolveText, type Template } from '../engine/template.ts'
import type { Steps } from '../steps.ts'
import { circumstancesOf } from './circumstances.ts'
import { aboutAction, type Placed } from './placed.ts'
import { tellingTexts } from './texts.ts'

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

/** Resources of the action that tell the patterns of these statements apart; kept by what they are. */
const createResources = () => {
  const kept = new Map<string, readonly string[]>()
  return function* (
    about: readonly Placed[],
    { resources: types }: DeclaredAction,
    context: Context,
  ): Steps<readonly string[]> {
    const globs = new Map<string, Glob>()
    for (const { statement, owned } of about)
      for (const pattern of statement.resource.patterns) {
        const glob = globOf(pattern, owned, context)
        if (glob !== undefined && String(glob) !== STAR) globs.set(String(glob), glob)
      }
    const key = JSON.stringify([types, [...globs.keys()].sort()])
    const known = kept.get(key)
    if (known !== undefined) return known
    const found = yield* tellingTexts({
      globs: [...globs.values()],
      beginnings: types.map((type) => `${type}/`),
      isPath: true,
      most: MAX_RESOURCES,
    })
    kept.set(key, found)
    return found
  }
}

/**
 * Questions of one account about actions, in any number of states: enough that whatever the statements can
 * decide differently is asked. Resources of patterns that several actions share are looked for once.
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
    for (const said of yield* circumstancesOf(about, { catalogue, action, facts })) {
      const context = { ...facts, ...said }
      for (const resource of yield* resourcesFor(about, action, context))
        if (!isOutside(name, resource, facts)) yield { action: name, resource, context, said }
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
