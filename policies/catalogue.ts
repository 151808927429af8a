// SPDX-License-Identifier: LGPL-3.0-or-later
import { BUILT_IN_KEYS, type ContextKey, type Service } from './language.ts'
import { globUnits, matchGlob } from './engine/match.ts'
import { ATTRIBUTE_KEY_PART } from './names.ts'

/** An action as it is declared. */
export interface DeclaredAction {
  /** `service:Verb` in canonical case. */
  readonly name: string
  readonly resources: readonly string[]
  readonly keys: ReadonlySet<string>
  /** Declared as one that is not to be granted broadly. */
  readonly isSensitive?: boolean
  /** Deprecated: the name of the action that is to be used in its place. */
  readonly replacedBy?: string | undefined
}

/** Everything that policies may name. */
export interface Catalogue {
  readonly actions: ReadonlyMap<string, DeclaredAction>
  readonly byService: ReadonlyMap<string, readonly DeclaredAction[]>
  /** Keys that services declare; the built-in ones are beside them. */
  readonly keys: ReadonlyMap<string, ContextKey>
  /** By resource type, the attributes whose values are never written down. */
  readonly privateAttributes: ReadonlyMap<string, ReadonlySet<string>>
}

/** The catalogue of these services. If two declare the same action or key, the first counts. */
export const createCatalogue = (services: readonly Service[]): Catalogue => {
  const actions = new Map<string, DeclaredAction>()
  const byService = new Map<string, DeclaredAction[]>()
  const keys = new Map<string, ContextKey>()
  const privateAttributes = new Map<string, Set<string>>()
  for (const { service, actions: declared, context_keys: own = {}, resource_types: types } of services) {
    const ofService = byService.get(service) ?? []
    byService.set(service, ofService)
    for (const [verb, declaration] of Object.entries(declared)) {
      const { resources, keys: names = [], sensitive = false, replaced_by } = declaration
      const name = `${service}:${verb}`
      if (actions.has(name)) continue
      const replacedBy = replaced_by === undefined ? undefined : `${service}:${replaced_by}`
      const action = { name, resources, keys: new Set(names), isSensitive: sensitive, replacedBy }
      actions.set(name, action)
      ofService.push(action)
    }
    for (const [name, key] of Object.entries(own)) if (!keys.has(name)) keys.set(name, key)
    for (const [type, { private: attributes }] of Object.entries(types)) {
      if (attributes === undefined) continue
      const known = privateAttributes.get(type) ?? new Set()
      for (const attribute of [attributes].flat()) known.add(attribute)
      privateAttributes.set(type, known)
    }
  }
  return { actions, byService, keys, privateAttributes }
}

/**
 * The declared actions that a pattern (`service:Verb` with wildcards in the verb, or `*`) matches, in exact
 * case.
 */
export const actionsMatching = ({ actions, byService }: Catalogue, pattern: string): DeclaredAction[] => {
  if (pattern === '*') return [...actions.values()]
  const exact = actions.get(pattern)
  if (exact !== undefined) return [exact]
  const glob = globUnits(pattern)
  const ofService = byService.get(pattern.slice(0, pattern.indexOf(':'))) ?? []
  return ofService.filter(({ name }) => matchGlob(glob, name))
}

/** Whether every request for one of these actions has the key. */
export const isAlwaysThere = (
  catalogue: Catalogue,
  key: string,
  actions: readonly DeclaredAction[],
): boolean => {
  const known = keyOf(catalogue, key)
  return known?.always === true && (known.isBuiltIn || actions.every(({ keys }) => keys.has(key)))
}

const ATTRIBUTE = new RegExp(`^((?:principal|caller)\\.attributes\\.|resource\\.)${ATTRIBUTE_KEY_PART}$`)

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

const OF_RESOURCE = 'resource.'

/** Whether the values of a context key of requests about a type of resources are never written down. */
export const isPrivate = ({ keys, privateAttributes }: Catalogue, key: string, type: string): boolean =>
  key.startsWith(OF_RESOURCE)
    ? privateAttributes.get(type)?.has(key.slice(OF_RESOURCE.length)) === true
    : keys.get(key)?.private === true

/** All names of keys, for suggestions. */
export const keyNames = ({ keys }: Catalogue): string[] => [...Object.keys(BUILT_IN_KEYS), ...keys.keys()]
