import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePolicy, holdsAll, matchesAction } from '../../policies/engine/compile.ts'
import {
  decide,
  viewOf,
  type AccessRequest,
  type ContextValue,
  type OwnedLayer,
} from '../../policies/engine/decide.ts'
import {
  createLayer,
  indexOf,
  matchesStatementResource,
  statementsAbout,
  targetOf,
} from '../../policies/engine/layer.ts'
import { Beginnings, ResourceIndex } from '../../policies/engine/resource-index.ts'
import { matchTemplate, parseTemplate, type Template } from '../../policies/engine/template.ts'
import { networksTest, rangeOf } from '../../policies/engine/networks.ts'
import { isInNetwork, parseNetwork } from '../../policies/engine/values.ts'
import type { ConditionBlock, Statement } from '../../policies/language.ts'
import { diceOf, drawConditions, drawRequest, drawStatement, type Dice } from './draws.ts'

const RUNS = { numRuns: Number(process.env['POLICY_RUNS'] ?? 150) }

/** Few, so that many statements stand at the same place. */
const RESOURCES = [
  '*', 'order/*', 'order/a/*', 'order/a/b', 'order/**', 'cart/a/*', 'order/${principal.id}/*', 'order/${principal.id}/a',
  'order/a${principal.id}/*', 'order/${principal.id}', 'order/${principal.id}/${caller.team}/*', '${principal.id}/a',
  "order/${caller.team, 'a'}/*", "order/${caller.team, 'b'}/*", 'order/${caller.team}*', 'order/*/a', 'order/a/${*}',
  'order/${principal.id}/b/*', 'order/${principal.id}/*/a', '${caller.team}${principal.id}*', 'order/?/a/*',
] // prettier-ignore
const TEXTS = ['a', 'b', 'order', 'order/a', 'ab', '*', 'a/b']

/** A statement at one or two of few places; most are conditional. */
const drawCrowded = (dice: Dice, resources: readonly string[]): Statement => {
  const statement = drawStatement(dice)
  const places = [dice.pick(resources), ...(dice.oneIn(4) ? [dice.pick(resources)] : [])]
  return {
    Effect: statement.Effect,
    Action: dice.oneIn(3) ? '*' : 'orders:*',
    ...(dice.oneIn(4) ? { NotResource: places } : { Resource: places }),
    Condition: dice.oneIn(9) ? {} : drawConditions(dice),
  }
}

const drawCrowd = (dice: Dice, owner: string): OwnedLayer => {
  const resources = Array.from({ length: 1 + dice.below(dice.oneIn(2) ? 3 : 12) }, () => dice.pick(RESOURCES))
  const Statement = Array.from({ length: 1 + dice.below(60) }, () => drawCrowded(dice, resources))
  return {
    kind: 'own',
    principal: { 'principal.id': owner, 'principal.attributes.t': dice.pick(TEXTS) },
    layer: createLayer([compilePolicy({ Statement }, { name: 'crowd', hash: 'h' })]),
  }
}

const drawQuestion = (dice: Dice): AccessRequest => {
  const near = { Effect: 'Allow', Resource: dice.pick(RESOURCES) } as const
  const facts = { 'caller.id': 'a', 'principal.id': 'a', 'caller.team': dice.pick(TEXTS) }
  const { action, resource, context } = drawRequest(dice, [near], facts)
  const { 'principal.id': _owner, 'caller.team': team, ...rest } = context
  return {
    action,
    resource,
    context: { ...rest, ...(!dice.oneIn(4) && team !== undefined && { 'caller.team': team }) },
  }
}

const scan = ({ layer, principal, kind }: OwnedLayer, request: AccessRequest) => {
  const view = viewOf({ layer, principal, kind }, request)
  const about = layer.statements.filter(
    (statement) =>
      matchesAction(statement, request.action.toLowerCase()) &&
      matchesStatementResource(statement, request.resource, view),
  )
  return { about, matching: about.filter((statement) => holdsAll(statement, view)) }
}

describe('many statements at the same places', () => {
  test('the index finds a statement exactly where a scan does, and one that matches', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0 }), (seed) => {
        const dice = diceOf(seed)
        const owned = drawCrowd(dice, dice.pick(TEXTS))
        for (let n = 0; n < 20; n++) {
          const request = drawQuestion(dice)
          const { about, matching } = scan(owned, request)
          const denies = matching.filter(({ effect }) => effect === 'Deny')
          const { verdict, statement } = decide([owned], request)
          expect(verdict).toBe(
            denies.length > 0 ? 'DENY_EXPLICIT' : matching.length > 0 ? 'ALLOW' : 'DENY_IMPLICIT',
          )
          if (statement !== undefined) expect(denies).toContain(statement)
          const target = targetOf(request.action, request.resource)
          const { deny, allow } = indexOf(owned.layer, target.folded)
          const view = viewOf(owned, request)
          const found = [...statementsAbout(deny, target, view), ...statementsAbout(allow, target, view)]
          expect(new Set(found)).toEqual(new Set(about))
        }
      }),
      RUNS,
    )
  })

  test.each<
    [what: string, conditions: readonly ConditionBlock[], said: ContextValue, holding: readonly number[]]
  >([
    [
      'below a bound',
      [1, 2, 3, 4, 5, 6].map((n) => ({ NumericLessThan: { 'resource.n': n } })),
      3,
      [3, 4, 5],
    ],
    [
      'up to a bound',
      [1, 2, 3, 4, 5, 6].map((n) => ({ NumericLessThanEquals: { 'resource.n': n } })),
      3,
      [2, 3, 4, 5],
    ],
    [
      'above a bound',
      [1, 2, 3, 4, 5, 6].map((n) => ({ NumericGreaterThan: { 'resource.n': n } })),
      3,
      [0, 1],
    ],
    [
      'from a bound',
      [1, 2, 3, 4, 5, 6].map((n) => ({ NumericGreaterThanEquals: { 'resource.n': n } })),
      3,
      [0, 1, 2],
    ],
    [
      'numbers that no double tells apart',
      [1, 2, 3, 4, 5, 6].map((n) => ({ NumericEquals: { 'resource.n': `99999999999999${n}.000001` } })),
      '999999999999993.000001',
      [2],
    ],
    [
      'a text',
      ['a', 'b', 'c', 'd', 'e', 'a'].map((text) => ({ StringEquals: { 'resource.n': text } })),
      'a',
      [0, 5],
    ],
    [
      'a text, and more',
      ['a', 'b', 'c', 'd', 'e', 'a'].map((text, n) => ({
        StringEquals: { 'resource.n': text },
        Null: { 'resource.more': n > 2 },
      })),
      'a',
      [5],
    ],
    [
      'IPv4',
      ['10.0.0.0/8', '10.1.0.0/16', '10.2.0.0/16', '::/0', '0.0.0.0/0', '10.1.2.3'].map((text) => ({
        IpAddress: { 'resource.n': text },
      })),
      '10.1.2.3',
      [0, 1, 4, 5],
    ],
    [
      'IPv6',
      ['10.0.0.0/8', '2001:db8::/32', '2001:db9::/32', '::/0', '0.0.0.0/0', '2001:db8::/48'].map((text) => ({
        IpAddress: { 'resource.n': text },
      })),
      '2001:db8::1',
      [1, 3, 5],
    ],
    [
      'a whole network',
      ['10.0.0.0/9', '10.128.0.0/9', '10.0.0.0/8', '10.1.0.0/16', '10.0.0.0/7', '10.0.0.0'].map((text) => ({
        IpAddress: { 'resource.n': text },
      })),
      '10.0.0.0/8',
      [2, 4],
    ],
  ])('of many with one need, by %s, those that hold are found', (_what, conditions, said, holding) => {
    const request = { action: 'orders:Read', resource: 'order/a', context: { 'resource.n': said } }
    const holds = (blocks: readonly ConditionBlock[]): boolean => {
      const Statement = blocks.map(
        (Condition) => ({ Effect: 'Allow', Action: '*', Resource: '*', Condition }) as const,
      )
      const layer = createLayer([compilePolicy({ Statement }, { name: 'p', hash: 'h' })])
      return decide([{ kind: 'own', principal: {}, layer }], request).verdict === 'ALLOW'
    }
    const others = conditions.filter((_condition, n) => !holding.includes(n))
    expect(holds(conditions)).toBe(true)
    // What does not hold does not in a crowd either, and each that holds is found in it.
    expect(holds([...others, ...others, ...others])).toBe(false)
    for (const n of holding) expect(holds([...others, ...others, conditions[n] ?? {}, ...others])).toBe(true)
  })

  test('an attribute that cannot be read meets each of many Denies, and none of many Allows', () => {
    const conditions: ConditionBlock[] = [
      { StringEquals: { 'caller.id': 'nobody' } },
      ...[1, 2, 3, 4, 5, 6].map((n) => ({ NumericLessThan: { 'principal.attributes.t': n } })),
    ]
    const statements = (Effect: 'Allow' | 'Deny'): Statement[] =>
      conditions.map((Condition) => ({ Effect, Action: '*', Resource: '*', Condition }))
    const verdict = (...Statement: Statement[]): string => {
      const layer = createLayer([compilePolicy({ Statement }, { name: 'p', hash: 'h' })])
      const owned: OwnedLayer = { kind: 'own', principal: { 'principal.attributes.t': '5,000' }, layer }
      return decide([owned], { action: 'orders:Read', resource: 'order/a', context: {} }).verdict
    }
    expect(verdict(...statements('Deny'))).toBe('DENY_EXPLICIT')
    expect(verdict(...statements('Allow'))).toBe('DENY_IMPLICIT')
  })

  test('addresses and whole networks lie in one of many networks exactly where they lie in it alone', () => {
    const draw = (dice: Dice): string => {
      const prefix = dice.pick([0, 7, 8, 9, 15, 16, 23, 24, 31, 32])
      const bits =
        (dice.below(2) === 0 ? 10 * 2 ** 24 : 192 * 2 ** 24) + dice.below(4) * 2 ** 22 + dice.below(512)
      const address = Math.floor(bits / 2 ** (32 - prefix)) * 2 ** (32 - prefix)
      const v4 = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
      return dice.oneIn(3) ? `2001:db8:${dice.below(3)}::/${dice.pick([48, 64, 128])}` : `${v4}/${prefix}`
    }
    fc.assert(
      fc.property(fc.integer({ min: 0 }), (seed) => {
        const dice = diceOf(seed)
        const networks = Array.from(
          { length: dice.below(12) },
          () => parseNetwork(draw(dice)) ?? expect.fail(),
        )
        const lies = networksTest(networks)
        for (let n = 0; n < 20; n++) {
          const wanted = parseNetwork(draw(dice)) ?? expect.fail()
          expect(lies(rangeOf(wanted))).toBe(networks.some((network) => isInNetwork(wanted, network)))
        }
      }),
      RUNS,
    )
  })
})

describe('patterns that are looked up', () => {
  const written = [
    '*', 'a*', 'order/*', 'order/a*', 'order/?*', 'order/?a*', 'order/a/*', 'order/a/b', 'order/*/a', 'order/',
    'order/${principal.id}', 'order/${principal.id}*', 'order/a${principal.id}', 'order/a${principal.id}/*',
    'order/?${principal.id}*', '${principal.id}/a', 'a${principal.id}*', 'order/${principal.id}/${caller.team}',
    'order/*/${caller.team}', 'order/a${caller.team}',
  ] // prettier-ignore
  const texts = ['', 'a', 'b', 'ab', 'b/a', 'order/', 'order/a', 'order/b', 'order/ab', 'order/bb', 'order/ba', 'order/a/b', 'order/b/a', 'order/b/ba', 'order/ab/a', 'order/bb/c', 'cart/a'] // prettier-ignore
  const view = viewOf(
    { kind: 'own', principal: { 'principal.id': 'b' }, layer: createLayer([]) },
    { action: 'orders:Read', resource: '', context: {} },
  )
  const templateOf = (text: string): Template => parseTemplate(text, 'glob') ?? []
  /** Enough of them that nothing is compared one by one. */
  const beside = ['zz/1', 'zz/2', 'zz/3', 'zz/4', 'zz/5'].map(templateOf)

  test.each(written)('%s is found by the texts that it matches, and by no others', (pattern) => {
    for (const first of [true, false]) {
      const index = new ResourceIndex<boolean>()
      if (first) index.add(true, templateOf(pattern))
      for (const other of beside) index.add(false, other)
      if (!first) index.add(true, templateOf(pattern))
      const found = texts.filter((text) =>
        index.find(new Beginnings(text), view, (entry) => entry || undefined),
      )
      expect(found).toEqual(texts.filter((text) => matchTemplate(templateOf(pattern), text, view)))
    }
  })
})
