// SPDX-License-Identifier: LGPL-3.0-or-later
import { keyOf, type Catalogue, type DeclaredAction } from '../catalogue.ts'
import type { KeyType } from '../language.ts'
import type { Context, ContextValue, HeldLayer } from './decide.ts'
import { IS_OF_TYPE } from './context-value.ts'
import { unreadableKeys } from './readable.ts'

/**
 * What is wrong with one key of a context. `unreadable`: a policy about the action compares it as something
 * else; `undeclared`: no service declares it; `mistyped`: it is not of its declared type; `missing`: it is
 * declared as always there, and is not.
 */
export interface ContextFault {
  readonly key: string
  readonly fault: 'unreadable' | 'undeclared' | 'mistyped' | 'missing'
  /** What it must be; undefined where its value is not at fault. */
  readonly wanted: KeyType | undefined
}

const faultOf = (catalogue: Catalogue, key: string, value: ContextValue): ContextFault | undefined => {
  const type = (catalogue.keys.get(key) ?? keyOf(catalogue, key))?.type
  if (type === undefined) return { key, fault: 'undeclared', wanted: undefined }
  return IS_OF_TYPE[type](value) ? undefined : { key, fault: 'mistyped', wanted: type }
}

/** By declared action: what its requests always have. It does not change with the question. */
const always = new WeakMap<DeclaredAction, readonly string[]>()

const alwaysOf = ({ keys }: Catalogue, action: DeclaredAction): readonly string[] => {
  const known = always.get(action)
  if (known !== undefined) return known
  const found = [...action.keys].filter((key) => keys.get(key)?.always === true)
  always.set(action, found)
  return found
}

/**
 * What is wrong with what an asker says of the circumstances: it must be what the services declare, of the
 * declared types, with every key that is declared as always there. A policy could not tell a value of another
 * type, or one that is missing against the declaration, from one that it does not mean, and a Deny would not
 * see it. What is said of the resource no service declares; it must be what the policies of these `layers`
 * compare it as. Nothing is wrong where no service declares the action: it is denied whatever is said.
 */
export const contextFaults = (
  catalogue: Catalogue,
  { action, said, layers }: { action: string; said: Context; layers: readonly HeldLayer[] },
): ContextFault[] => {
  const declared = catalogue.actions.get(action)
  if (declared === undefined) return []
  const faults: ContextFault[] = unreadableKeys(layers, { action, context: said }).map(({ key, readAs }) => ({
    key,
    fault: 'unreadable',
    wanted: readAs,
  }))
  for (const key of Object.keys(said)) {
    const fault = faultOf(catalogue, key, said[key] as ContextValue)
    if (fault !== undefined) faults.push(fault)
  }
  for (const key of alwaysOf(catalogue, declared))
    if (!Object.hasOwn(said, key)) faults.push({ key, fault: 'missing', wanted: undefined })
  return faults
}
