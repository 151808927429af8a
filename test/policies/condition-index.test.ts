import { expect, test } from 'vitest'
import { compilePolicy, holdsAll, type CompiledStatement } from '../../policies/engine/compile.ts'
import { ConditionIndex } from '../../policies/engine/condition-index.ts'
import type { ConditionBlock, Scalar } from '../../policies/language.ts'
import { diceOf, type Dice } from './draws.ts'

/* Statements about the same resource, a handful of them under like conditions: few hold, and one is found. */

const RUNS = Number(process.env['POLICY_RUNS'] ?? 1500)

interface Kind {
  readonly key: string
  readonly operators: readonly string[]
  readonly limits: readonly Scalar[]
  readonly asked: readonly (string | readonly string[] | undefined)[]
}
const several = (count: number, text: (n: number) => string): string[] =>
  Array.from({ length: count }, (_value, n) => text(n))
const KINDS: readonly Kind[] = [
  {
    key: 'resource.n',
    operators: ['Equals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals', 'NotEquals', 'LessThanIfExists'].map((order) => `Numeric${order}`),
    limits: [1, 2, 3, 3, 4, 5, '${resource.m}', 'many'],
    asked: ['0', '1', '1.5', '2', '3', '4', '5', '6', 'many', undefined, ['3']],
  },
  {
    key: 'request.ip',
    operators: ['IpAddress', 'IpAddress', 'NotIpAddress', 'IpAddressIfExists'],
    limits: ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '11.0.0.0/8', '::/0', '2001:db8::/32', '2001:db8::1'],
    asked: ['10.1.2.3', '10.1.2.4', '10.2.0.1', '11.0.0.0', '12.0.0.1', '::1', '::a01:203', '2001:db8::1', '2001:db8::2', undefined],
  },
  {
    key: 'resource.e',
    operators: ['StringEquals', 'StringEquals', 'StringEqualsIgnoreCase', 'StringNotEquals', 'StringLike', 'StringEqualsIfExists', 'ForAnyValue:StringEquals'],
    limits: ['a', 'b', 'c', 'A', '${resource.m}'],
    asked: ['a', 'b', 'c', 'd', 'A', '3', undefined, ['a'], ['d']],
  },
  {
    key: 'request.time',
    operators: ['DateLessThan', 'DateGreaterThanEquals', 'DateEquals', 'TimeOfDay', 'TimeOfDay', 'Weekday'],
    limits: ['2026-01-01T00:00:00Z', '2026-01-01T13:00:00Z', '00:00-12:00 UTC', '12:00-24:00 UTC', 'Thu UTC', 'Mon-Wed UTC'],
    asked: ['2025-12-31T23:59:59Z', '2026-01-01T00:00:00Z', '2026-01-01T13:00:00Z', '1767225599', 'never', undefined],
  },
  {
    key: 'caller.attributes.n',
    operators: ['NumericLessThan', 'NumericGreaterThan', 'NumericEquals'],
    limits: [1, 2, 3],
    asked: ['0', '1', '2', '3', '4', '1,0', undefined],
  },
] // prettier-ignore

const drawBlock = (dice: Dice, { key, operators, limits }: Kind): ConditionBlock => {
  const block: Record<string, Record<string, Scalar[]>> = {}
  for (let n = dice.oneIn(3) ? 2 : 1; n > 0; n--) {
    const name = dice.pick(operators)
    const isLong = key === 'resource.e' && dice.oneIn(6)
    const values = isLong
      ? several(14 + dice.below(5), (m) => `x${m}`)
      : [dice.pick(limits), ...(dice.oneIn(4) ? [dice.pick(limits)] : [])]
    const isSet = name.startsWith('For')
    block[name] = { [key]: isSet ? values.filter((value) => !String(value).startsWith('$')) : values }
  }
  if (dice.oneIn(4)) block['Bool'] = { 'resource.b': [true] }
  // Another number, or a network.
  const more = dice.below(6)
  if (more === 0) block['NumericLessThanEquals'] = { ...block['NumericLessThanEquals'], 'resource.o': [2] }
  if (more === 1 && key !== 'request.ip') block['IpAddress'] = { 'request.ip': ['10.0.0.0/8'] }
  return block
}

const drawStatements = (dice: Dice, kinds: readonly Kind[]): readonly CompiledStatement[] => {
  const Effect = dice.oneIn(2) ? 'Allow' : 'Deny'
  const blocks = Array.from({ length: dice.oneIn(5) ? 1 + dice.below(4) : 5 + dice.below(6) }, () =>
    drawBlock(dice, dice.pick(kinds)),
  )
  const Statement = blocks.map((Condition) => ({ Effect, Action: '*', Resource: '*', Condition }) as const)
  return compilePolicy({ Statement }, { name: 'p', hash: 'p' }).statements
}

test('a statement is found exactly where one holds, and it does', () => {
  const found = { some: 0, none: 0 }
  for (let n = 0; n < RUNS; n++) {
    const dice = diceOf(20_260_101 + n * 7919)
    const kinds = dice.oneIn(3) ? [dice.pick(KINDS), dice.pick(KINDS)] : [dice.pick(KINDS)]
    const statements = drawStatements(dice, kinds)
    const index = new ConditionIndex()
    for (const statement of statements) index.add(statement)
    for (const { key, asked } of kinds)
      for (const value of [...asked, 'x15']) {
        const others = new Map<string, string | undefined>(
          KINDS.map((each) => [each.key, dice.oneIn(2) ? undefined : String(dice.pick(each.asked) ?? '')]),
        )
        others
          .set('resource.m', '3')
          .set('resource.o', dice.pick(['1', '2', '3']))
          .set('resource.b', dice.oneIn(2) ? 'true' : undefined)
        const view = { values: (name: string) => (name === key ? value : others.get(name)) }
        const holding = statements.filter((statement) => holdsAll(statement, view))
        const statement = index.find(view)
        if (statement === undefined) expect(holding).toEqual([])
        else expect(holding).toContain(statement)
        found[statement === undefined ? 'none' : 'some'] += 1
      }
  }
  expect(Math.min(found.some, found.none)).toBeGreaterThan(RUNS)
})
