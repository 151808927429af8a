import fc from 'fast-check'
import { compilePolicy } from '../../policies/engine/compile.ts'
import type { AccessRequest, OwnedLayer } from '../../policies/engine/decide.ts'
import type { Statement } from '../../policies/language.ts'
import { createLayer } from '../../policies/engine/layer.ts'
import { diceOf, drawRequest, drawStatement } from './draws.ts'

/** Statements of one account on the way to the root. */
export interface LayerSource {
  readonly owner: string
  readonly statements: readonly Statement[]
}

const action = fc.constantFrom('orders:Read', 'orders:Write', 'orders:List', 'places:Get')
const actionPattern = fc.oneof(
  action,
  fc.constantFrom('*', 'orders:*', 'orders:?ead', 'ORDERS:write', 'places:G*'),
)
const segment = fc.constantFrom('a', 'b', 'ab')
const resource = fc
  .tuple(fc.constantFrom('order', 'place'), fc.array(segment, { minLength: 1, maxLength: 3 }))
  .map(([type, path]) => [type, ...path].join('/'))
const resourcePattern = fc.oneof(
  resource,
  resource.map((text) => `${text}/*`),
  resource.map((text) => text.replace('a', '?')),
  fc.constantFrom(
    '*',
    'order/*',
    'order/${principal.id}/*',
    'order/*/b',
    "place/${caller.team, 'a'}",
    'order/${caller.team}',
  ),
)
const conditions = fc.constantFrom<NonNullable<Statement['Condition']>>(
  {},
  { StringEquals: { 'caller.team': ['a', 'b'] } },
  { StringNotLike: { 'caller.team': 'a*' } },
  { NumericLessThan: { 'request.size': 3 } },
  { Bool: { 'request.mfa': true } },
  { IpAddress: { 'request.ip': '10.0.0.0/8' }, Null: { 'caller.team': 'false' } },
  { 'ForAnyValue:StringEquals': { 'request.scopes': ['x', 'y'] } },
  { 'ForAllValues:StringLike': { 'request.scopes': 'x*' } },
)
const several = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(arbitrary, { minLength: 1, maxLength: 3 })

const meetingStatement: fc.Arbitrary<Statement> = fc
  .record({
    Effect: fc.constantFrom<'Allow' | 'Deny'>('Allow', 'Allow', 'Deny'),
    actions: several(actionPattern),
    notAction: fc.constantFrom(false, false, false, true),
    resources: several(resourcePattern),
    notResource: fc.constantFrom(false, false, false, true),
    Condition: conditions,
  })
  .map(({ Effect, actions, notAction, resources, notResource, Condition }) => ({
    Effect,
    [notAction ? 'NotAction' : 'Action']: actions,
    [notResource ? 'NotResource' : 'Resource']: resources,
    Condition,
  }))

const seed = fc.integer({ min: 0 })

/** Half of them made of few words that meet often, half drawn from the whole language. */
export const anyStatement: fc.Arbitrary<Statement> = fc.oneof(
  meetingStatement,
  seed.map((number) => drawStatement(diceOf(number))),
)

export const anyLayer: fc.Arbitrary<LayerSource> = fc.record({
  owner: segment,
  statements: fc.array(anyStatement, { maxLength: 6 }),
})

const meetingRequest: fc.Arbitrary<AccessRequest> = fc.record({
  action,
  resource,
  context: fc.record(
    {
      'caller.team': fc.constantFrom('a', 'b', '*'),
      'request.size': fc.constantFrom(1, 3, 'many'),
      'request.mfa': fc.boolean(),
      'request.ip': fc.constantFrom('10.1.2.3', '192.0.2.1'),
      'request.scopes': fc.subarray(['x', 'xy', 'y']),
    },
    { requiredKeys: [] },
  ),
})

/** Every request says when it is; the daemon does. */
export const anyRequest: fc.Arbitrary<AccessRequest> = fc
  .tuple(fc.boolean(), meetingRequest, seed)
  .map(([isMeeting, request, number]) => {
    const dice = diceOf(number)
    const drawn = drawRequest(dice, [drawStatement(dice)], { 'caller.id': dice.pick(['a', 'b', 'ab']) })
    return isMeeting
      ? { ...request, context: { ...drawn.context, ...request.context } }
      : { ...drawn, action: request.action }
  })

/** The layers ready to be asked; all statements of one are one policy, or one policy each. */
export const prepareLayers = (sources: readonly LayerSource[], split = false): OwnedLayer[] =>
  sources.map(({ owner, statements }) => {
    const documents = split ? statements.map((statement) => [statement]) : [statements]
    return {
      kind: 'own',
      principal: { 'principal.id': owner },
      layer: createLayer(
        documents.map((Statement, index) =>
          compilePolicy({ Statement }, { name: `p${index}`, hash: JSON.stringify(Statement) }),
        ),
      ),
    }
  })
