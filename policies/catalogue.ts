import { BUILT_IN_KEYS, type ContextKey, type Service } from './language.ts'
import { globUnits, matchGlob } from './match.ts'

/** An action as it is declared. */
export interface DeclaredAction {
  /** `service:Verb` in canonical case. */
  readonly name: string
  readonly resources: readonly string[]
  readonly keys: ReadonlySet<string>
}

/** Everything that policies may name. */
export interface Catalogue {
  readonly actions: ReadonlyMap<string, DeclaredAction>
  readonly resourceTypes: ReadonlySet<string>
  /** Keys that services declare; the built-in ones are beside them. */
  readonly keys: ReadonlyMap<string, ContextKey>
}

/** The catalogue of these services. Of two that declare the same action or key, the first counts. */
export const createCatalogue = (services: readonly Service[]): Catalogue => {
  const actions = new Map<string, DeclaredAction>()
  const resourceTypes = new Set<string>()
  const keys = new Map<string, ContextKey>()
  for (const { service, actions: declared, resource_types: types, context_keys: own = {} } of services) {
    for (const [verb, { resources, keys: names = [] }] of Object.entries(declared)) {
      const name = `${service}:${verb}`
      if (!actions.has(name)) actions.set(name, { name, resources, keys: new Set(names) })
    }
    for (const type of Object.keys(types)) resourceTypes.add(type)
    for (const [name, key] of Object.entries(own)) if (!keys.has(name)) keys.set(name, key)
  }
  return { actions, resourceTypes, keys }
}

/** The declared actions that a pattern matches, in exact case. */
export const actionsMatching = ({ actions }: Catalogue, pattern: string): DeclaredAction[] => {
  const exact = actions.get(pattern)
  if (exact !== undefined) return [exact]
  const glob = globUnits(pattern)
  return [...actions.values()].filter(({ name }) => matchGlob(glob, name))
}

const ATTRIBUTE = /^((?:principal|caller)\.attributes\.)[A-Za-z0-9_-]{1,64}$/

/** What is known of a context key: built in, or declared by a service; undefined if nothing is. */
export const keyOf = (
  { keys }: Catalogue,
  name: string,
): (ContextKey & { isBuiltIn: boolean }) | undefined => {
  const declared = keys.get(name)
  if (declared !== undefined) return { ...declared, isBuiltIn: false }
  const prefix = ATTRIBUTE.exec(name)?.[1]
  const lookedUp = prefix === undefined ? name : `${prefix}*`
  const builtIn = Object.hasOwn(BUILT_IN_KEYS, lookedUp) ? BUILT_IN_KEYS[lookedUp] : undefined
  return builtIn === undefined ? undefined : { ...builtIn, isBuiltIn: true }
}

/** All names of keys, for suggestions. */
export const keyNames = ({ keys }: Catalogue): string[] => [...Object.keys(BUILT_IN_KEYS), ...keys.keys()]
