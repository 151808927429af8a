import { expect, test } from 'vitest'
import { GrantTooLarge, type Grant } from '../../policies/ceiling/grant.ts'
import { findUnprovenRight } from '../../policies/ceiling/within.ts'
import { compilePolicy } from '../../policies/engine/compile.ts'
import {
  decide,
  type Context,
  type ContextValue,
  type OwnedLayer,
  type PrincipalFacts,
} from '../../policies/engine/decide.ts'
import { createLayer, type Layer } from '../../policies/engine/layer.ts'
import type { ConditionBlock, Scalar, Statement } from '../../policies/language.ts'
import { diceOf, drawFacts, drawPattern, drawRequest, drawStatement, type Dice } from './draws.ts'

/** The bar is a million: `PROVER_PAIRS=1000000`, of a seed that `PROVER_SEED` names. */
const PAIRS = Number(process.env['PROVER_PAIRS'] ?? 2500)
const SEED = Number(process.env['PROVER_SEED'] ?? 20_260_101)
const REQUESTS = 12
/** After so many pairs a long run says how far it is. */
const TOLD = 50_000

const prefixed = (prefix: 'caller' | 'principal', facts: Context): Context => {
  const all: Record<string, ContextValue> = {}
  for (const name in facts) {
    const value = facts[name]
    if (value !== undefined) all[`${prefix}.${name}`] = value
  }
  return all
}

const layerOf = (statements: readonly Statement[], n = 0): Layer =>
  createLayer(
    statements.map((statement) =>
      compilePolicy({ Statement: [statement] }, { name: `p${n}`, hash: JSON.stringify(statement) }),
    ),
  )
const withoutCaller = (context: Context): Context =>
  Object.fromEntries(Object.entries(context).filter(([key]) => !key.startsWith('caller.')))

const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T]

/** The statement, with something of it in other words: wider mostly, and sometimes narrower. */
const varied = (dice: Dice, statement: Statement): Statement[] => {
  const conditions: [string, string, readonly Scalar[]][] = Object.entries(statement.Condition ?? {}).flatMap(
    ([name, keys]) =>
      Object.entries(keys).map(([key, values]): [string, string, readonly Scalar[]] => [
        name,
        key,
        listOf<Scalar>(values),
      ]),
  )
  const block = (list: typeof conditions): ConditionBlock => {
    const all: Record<string, Record<string, readonly Scalar[]>> = {}
    for (const [name, key, values] of list) all[name] = { ...all[name], [key]: values }
    return all
  }
  const [first, ...rest] = conditions
  const element = (name: 'Resource' | 'Action', value: string): Statement[] =>
    statement[name] === undefined
      ? [statement]
      : [{ ...statement, [name]: [...listOf(statement[name]), value] }]
  switch (dice.below(10)) {
    case 0:
      return [{ ...statement, Condition: block(rest) }]
    case 1:
      return element('Resource', `order/${drawPattern(dice)}`)
    case 2:
      return element('Action', 'orders:*')
    case 3: {
      const [resource = '*', ...others] = listOf(statement.Resource)
      const at = dice.below(resource.length)
      const wider = resource.includes('$') ? '*' : `${resource.slice(0, at)}*${resource.slice(at + 1)}`
      return statement.Resource === undefined ? [statement] : [{ ...statement, Resource: [wider, ...others] }]
    }
    case 4: {
      // Each value in a statement of its own.
      if (first === undefined) return [statement]
      const [name, key, values] = first
      return values.map((value) => ({ ...statement, Condition: block([[name, key, [value]], ...rest]) }))
    }
    case 5: {
      if (first === undefined) return [statement]
      const [name, key, values] = first
      const joined = dice.oneIn(2)
        ? [values.join(',')]
        : [...values, dice.pick(['a', 'b', '2', '10.0.0.0/8'])]
      return [{ ...statement, Condition: block([[name, key, joined], ...rest]) }]
    }
    case 6: {
      // Two halves by a condition and its opposite.
      const key = dice.pick(['resource.n', 'resource.env'])
      const [one, other] = dice.pick([
        ['NumericLessThan', 'NumericGreaterThanEquals'],
        ['NumericEquals', 'NumericNotEquals'],
        ['StringLike', 'StringNotLike'],
        ['StringEqualsIfExists', 'StringNotEquals'],
        ['NumericLessThanEqualsIfExists', 'NumericGreaterThan'],
      ])
      return [one, other].map((name) => ({
        ...statement,
        Condition: { ...statement.Condition, [name]: { ...statement.Condition?.[name], [key]: ['2'] } },
      }))
    }
    case 7: {
      if (first === undefined) return [statement]
      const [name, key, values] = first
      const more = name.endsWith('IfExists')
        ? name.slice(0, -8)
        : name === 'Null' || name.startsWith('Size')
          ? name
          : `${name}IfExists`
      return [{ ...statement, Condition: block([[more, key, values], ...rest]) }]
    }
    case 8:
      return listOf(statement.Resource).length < 2
        ? [statement]
        : listOf(statement.Resource).map((resource) => ({ ...statement, Resource: resource }))
    default:
      return [statement]
  }
}

/** What takes too long to be compared is not proven either. */
const isProven = (grant: Grant): boolean => {
  try {
    return findUnprovenRight(grant) === undefined
  } catch (error) {
    if (error instanceof GrantTooLarge) return false
    throw error
  }
}

interface Pair {
  readonly given: readonly Statement[]
  readonly before: readonly Statement[]
  readonly gives: readonly Statement[]
  readonly bound: readonly Statement[] | undefined
}

const drawPair = (dice: Dice): Pair => {
  const given = Array.from({ length: 1 + dice.below(2) }, () => drawStatement(dice, 'Allow'))
  const denies = dice.oneIn(3) ? [drawStatement(dice, 'Deny')] : []
  const like = given
    .flatMap((each) => varied(dice, each))
    .flatMap((each) => (dice.oneIn(2) ? [each] : varied(dice, each)))
  const against = dice.oneIn(3)
    ? [dice.oneIn(2) || denies.length === 0 ? drawStatement(dice, 'Deny') : (denies[0] as Statement)]
    : []
  return {
    given: [...given, ...denies],
    before: dice.oneIn(3)
      ? [...given.slice(1), ...denies, ...(dice.oneIn(2) ? [drawStatement(dice)] : [])]
      : [],
    gives: [...like, ...(dice.oneIn(2) ? [drawStatement(dice, 'Allow')] : []), ...against],
    bound: dice.oneIn(4) ? [...varied(dice, given[0] as Statement), drawStatement(dice)] : undefined,
  }
}

/** The layers of a pair, each compiled once: who owns them is another matter. */
const createSides = ({ given, before, gives, bound }: Pair, isBounded: boolean) => {
  const [is, was, giving] = [layerOf(given), layerOf(before), layerOf(gives)]
  const bounds = bound === undefined ? [] : [layerOf(bound, 1)]
  const wasBounds = isBounded ? bounds : []
  const owned =
    (principal: PrincipalFacts, kind: OwnedLayer['kind'] = 'own') =>
    (layer: Layer): OwnedLayer => ({ kind, principal, layer })
  return (owner: PrincipalFacts, ownerBefore: PrincipalFacts, giver: PrincipalFacts) => ({
    before:
      before.length === 0 ? [] : [owned(ownerBefore)(was), ...wasBounds.map(owned(ownerBefore, 'boundary'))],
    after: [owned(owner)(is), ...bounds.map(owned(owner, 'boundary'))],
    granter: [owned(giver)(giving)],
  })
}

/* The prover never says that a grant is within what its giver has when a request shows that it is not. */
test(
  `no sampled request contradicts one of ${PAIRS} proven grants`,
  () => {
    let [proven, shown, n] = [0, 0, 0]
    for (; proven < PAIRS; n++) {
      const dice = diceOf(SEED + n * 7919)
      const pair = drawPair(dice)
      const account = drawFacts(dice, dice.pick(['u', 'a']))
      const isOpen = dice.oneIn(3)
      // Its attributes may change too, and a boundary may have been there before.
      const was = !isOpen && dice.oneIn(3) ? drawFacts(dice, String(account['id'])) : account
      const sidesOf = createSides(pair, dice.oneIn(2))
      const giver = prefixed('principal', drawFacts(dice, 'g'))
      const [owner, ownerBefore] = [prefixed('principal', account), prefixed('principal', was)]
      const asked = isOpen
        ? { ...sidesOf({}, {}, giver), caller: {} }
        : {
            ...sidesOf(owner, ownerBefore, giver),
            caller: prefixed('caller', account),
            callerBefore: prefixed('caller', was),
          }
      if (!isProven(asked)) continue
      proven += 1
      if (proven % TOLD === 0)
        process.stdout.write(`PROVER_SEED=${SEED}: ${proven} proven of ${n + 1} drawn, ${shown} shown\n`)
      for (let m = 0; m < REQUESTS; m++) {
        const other = isOpen ? drawFacts(dice, dice.pick(['u', 'a', 'ab', 'a,b'])) : account
        const caller = isOpen && dice.oneIn(2) ? drawFacts(dice, dice.pick(['u', 'b'])) : other
        const principal = isOpen ? prefixed('principal', other) : owner
        const { before, after, granter } = sidesOf(principal, isOpen ? principal : ownerBefore, giver)
        const said = drawRequest(dice, pair.given, prefixed('caller', caller))
        const { verdict } = decide(after, said)
        if (verdict !== 'ALLOW') continue
        const then = {
          ...said,
          context: { ...withoutCaller(said.context), ...prefixed('caller', isOpen ? caller : was) },
        }
        if (decide(before, then).verdict === 'ALLOW') continue
        shown += 1
        if (decide(granter, said).verdict === 'ALLOW') continue
        expect.fail(
          JSON.stringify({ seed: SEED, n, isOpen, pair, owner: other, caller, giver, request: said }),
        )
      }
    }
    // A request that says something is one that the grant allows.
    expect(shown).toBeGreaterThan(PAIRS / 4)
  },
  60_000 + PAIRS * 10,
)
