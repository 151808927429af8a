import type { DeclaredAction } from '../catalogue.ts'
import { decide, type AccessRequest, type Context, type Decision } from '../engine/decide.ts'
import { circumstancesOf } from './circumstances.ts'
import { aboutAction } from './placed.ts'
import { createResources } from './telling-resources.ts'
import { createWorth, type Side } from './worth.ts'

/** A question as its asker puts it: `said` is the part of the context that the server does not know. */
export interface Asking extends AccessRequest {
  readonly said: Context
}

const ACCOUNT = /^account\/(?:.+\/)?[a-z]{2,3}_[0-9a-z]{26}$/

/** Whether the daemon refuses before it asks any policy: another account that does not stand below. */
const isOutside = (action: string, resource: string, facts: Context): boolean =>
  action.startsWith('authctl:') &&
  ACCOUNT.test(resource) &&
  !`${resource}/`.startsWith(`account/${String(facts['caller.path'])}/`)

/**
 * Questions of one account about actions, in any number of states: enough that whatever the statements can
 * decide differently is asked, and what the same statements decide is asked once. Resources of patterns that
 * several actions share are looked for once.
 * Undefined comes between questions while the next is looked for: others may be served then.
 */
export const createQuestions = (facts: Context) => {
  const createTelling = createResources(facts)
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
    const resourcesIn = createTelling(about, action)
    const asked = new Set<bigint>()
    for (const { said, failing } of yield* circumstancesOf(about, {
      catalogue,
      action,
      facts,
      isWorth: createWorth(sides, name, about),
    })) {
      yield undefined
      const context = { ...facts, ...said }
      for (const { resource, kind } of yield* resourcesIn(context, failing)) {
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
