import { keyOf, type Catalogue } from '../catalogue.ts'
import type { Context, ContextValue, OwnedLayer } from './decide.ts'
import { VALUE_FORMS } from './context-value.ts'
import { unreadableKeys } from './readable.ts'

/**
 * What is wrong with one key of a context. `unreadable`: a policy about the action compares it as something
 * else; `undeclared`: no service declares it; `mistyped`: it is not of its declared type; `missing`: it is
 * declared as always there, and is not.
 */
export interface ContextFault {
  readonly key: string
  readonly fault: 'unreadable' | 'undeclared' | 'mistyped' | 'missing'
  /** What it must be, in words; empty where its value is not at fault. */
  readonly wanted: string
}

const faultOf = ([key, value]: readonly [string, ContextValue], catalogue: Catalogue): ContextFault[] => {
  const known = keyOf(catalogue, key)
  if (known === undefined) return [{ key, fault: 'undeclared', wanted: '' }]
  const { isOf, what } = VALUE_FORMS[known.type]
  return isOf(value) ? [] : [{ key, fault: 'mistyped', wanted: what }]
}

/** The keys that every request for the action has, by its declaration, and that this one does not. */
const missingKeys = (catalogue: Catalogue, action: string, context: Context): ContextFault[] =>
  [...(catalogue.actions.get(action)?.keys ?? [])]
    .filter((key) => catalogue.keys.get(key)?.always === true && !Object.hasOwn(context, key))
    .map((key) => ({ key, fault: 'missing', wanted: '' }))

/**
 * What is wrong with what an asker says of the circumstances: it must be what the services declare, of the
 * declared types, with every key that is declared as always there. A policy could not tell a value of another
 * type, or one that is missing against the declaration, from one that it does not mean, and a Deny would not
 * see it. What is said of the resource no service declares; it must be what the policies of these `layers`
 * compare it as. Nothing is wrong where no service declares the action: it is denied whatever is said.
 */
export const contextFaults = (
  catalogue: Catalogue,
  { action, said, layers }: { action: string; said: Context; layers: readonly OwnedLayer[] },
): ContextFault[] => {
  if (!catalogue.actions.has(action)) return []
  return [
    ...unreadableKeys(layers, { action, context: said }).map(({ key, readAs }): ContextFault => ({
      key,
      fault: 'unreadable',
      wanted: VALUE_FORMS[readAs].what,
    })),
    ...Object.entries(said).flatMap((each) => faultOf(each, catalogue)),
    ...missingKeys(catalogue, action, said),
  ]
}
