import { findUnprovenRight } from '../../policies/ceiling/within.ts'
import { compilePolicy } from '../../policies/engine/compile.ts'
import type { Context, OwnedLayer, PrincipalFacts } from '../../policies/engine/decide.ts'
import { createLayer } from '../../policies/engine/layer.ts'
import type { Statement } from '../../policies/language.ts'

/*
 * Words of proofs: the giver has `has`, the account gets `given`, and each has attributes of its own.
 */

/** A layer of these statements, all of one policy. */
export const layerOf = (
  Statement: readonly Statement[],
  principal: PrincipalFacts,
  kind: OwnedLayer['kind'] = 'own',
): OwnedLayer => ({
  kind,
  principal,
  layer: createLayer([compilePolicy({ Statement }, { name: 'p', hash: JSON.stringify(Statement) })]),
})
/** The one who gives. */
export const GIVER: PrincipalFacts = { 'principal.id': 'g', 'principal.role': 'admin' }
/** The account as the owner of its layer. */
export const OWNER: PrincipalFacts = {
  'principal.id': 'u',
  'principal.role': 'client',
  'principal.attributes.n': 0.5,
}
/** The account as the caller of its requests. */
export const CALLER: Context = {
  'caller.id': 'u',
  'caller.role': 'client',
  'caller.attributes.n': 0.5,
  'caller.attributes.none': [],
}

/** An Allow. */
export const allow = (
  Action: string | readonly string[],
  Resource: string | readonly string[],
  Condition?: Statement['Condition'],
): Statement => ({ Effect: 'Allow', Action, Resource, ...(Condition === undefined ? {} : { Condition }) })
/** A Deny. */
export const deny = (Action: string, Resource: string, Condition?: Statement['Condition']): Statement => ({
  ...allow(Action, Resource, Condition),
  Effect: 'Deny',
})
/** The same Allow under these conditions. */
export const when = (Condition: NonNullable<Statement['Condition']>): Statement =>
  allow('s:A', 'r/*', Condition)

interface Sides {
  readonly given: readonly Statement[]
  readonly has: readonly Statement[]
  readonly before?: readonly Statement[]
  readonly bounds?: readonly (readonly Statement[])[]
  readonly giverBounds?: readonly (readonly Statement[])[]
}

/** Whether the account is shown to gain nothing that the giver lacks. */
export const isProven = ({ given, has, before, bounds = [], giverBounds = [] }: Sides): boolean =>
  findUnprovenRight({
    caller: CALLER,
    before: before === undefined ? [] : [layerOf(before, OWNER)],
    after: [layerOf(given, OWNER), ...bounds.map((each) => layerOf(each, OWNER, 'boundary'))],
    granter: [layerOf(has, GIVER), ...giverBounds.map((each) => layerOf(each, GIVER, 'boundary'))],
  }) === undefined
