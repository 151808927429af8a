// SPDX-License-Identifier: LGPL-3.0-or-later
import type { Scalar } from '../language.ts'
import type { PrincipalFacts } from './decide.ts'

/** What of an account policies can ask for. */
export interface Subject {
  readonly id: string
  readonly role: string
  /** Ids from the top of the tree to the account, joined by `/`. */
  readonly path: string
  readonly attributes: Readonly<Record<string, Scalar>>
}

/** The account as the owner of a layer, `principal.*`, or as who asks, `caller.*`. */
export const accountFacts = <P extends 'principal' | 'caller'>(
  prefix: P,
  { id, role, path, attributes }: Subject,
): Record<`${P}.${string}`, Scalar> => {
  // Written out, they lie in one piece of memory.
  const facts: Record<string, Scalar> =
    prefix === 'caller'
      ? { 'caller.id': id, 'caller.role': role, 'caller.path': path }
      : { 'principal.id': id, 'principal.role': role, 'principal.path': path }
  for (const [name, value] of Object.entries(attributes)) facts[`${prefix}.attributes.${name}`] = value
  return facts
}

/** What the policies of an account's layer know of it. */
export const principalFacts = (account: Subject): PrincipalFacts => accountFacts('principal', account)
