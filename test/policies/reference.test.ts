import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compilePolicy } from '../../policies/engine/compile.ts'
import { decide, type Context, type OwnedLayer } from '../../policies/engine/decide.ts'
import { createLayer } from '../../policies/engine/layer.ts'
import type { Statement } from '../../policies/language.ts'
import { anyRequest, anyStatement } from './arbitraries.ts'
import { diceOf, drawFacts, drawRequest, drawStatement, type Dice } from './draws.ts'
import { decideByReference, matches, type ReferenceLayer } from './reference.ts'

const QUESTIONS = Number(process.env['POLICY_RUNS'] ?? 1500)

const prefixed = (prefix: string, facts: Context): Context =>
  Object.fromEntries(Object.entries(facts).map(([name, value]) => [`${prefix}.${name}`, value]))

const layerOf = ({ statements, principal }: ReferenceLayer): OwnedLayer => ({
  kind: 'own',
  principal,
  layer: createLayer([
    compilePolicy({ Statement: statements }, { name: 'p', hash: JSON.stringify(statements) }),
  ]),
})

const drawLayer = (dice: Dice): ReferenceLayer => ({
  statements: Array.from({ length: 1 + dice.below(4) }, () => drawStatement(dice)),
  principal: prefixed('principal', drawFacts(dice, dice.pick(['u', 'a', 'b']))),
})

test('decisions over the whole language are those that its words say', () => {
  const verdicts = new Map<string, number>()
  for (let n = 0; n < QUESTIONS; n++) {
    const dice = diceOf(20_260_101 + n * 7919)
    const layers = Array.from({ length: 1 + dice.below(2) }, () => drawLayer(dice))
    const prepared = layers.map(layerOf)
    const near = layers.flatMap(({ statements }) => statements)
    for (let m = 0; m < 3; m++) {
      const request = drawRequest(dice, near, prefixed('caller', drawFacts(dice, 'a')))
      const { verdict, statement, layer } = decide(prepared, request)
      expect(verdict, JSON.stringify({ layers, request })).toBe(decideByReference(layers, request))
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)
      if (statement === undefined) continue
      const source = layers[prepared.findIndex((each) => each === layer)]
      const written = source?.statements[statement.index] as Statement
      expect([written.Effect, matches(written, request, source?.principal ?? {})]).toEqual(['Deny', true])
    }
  }
  // Each of them often enough to say something.
  for (const verdict of ['ALLOW', 'DENY_EXPLICIT', 'DENY_IMPLICIT'])
    expect(verdicts.get(verdict)).toBeGreaterThan(QUESTIONS / 20)
})

test('one statement matches what its words say', () => {
  fc.assert(
    fc.property(anyStatement, anyRequest, (drawn, request) => {
      const statement: Statement = { ...drawn, Effect: 'Allow' }
      const principal = { 'principal.id': 'a' }
      const isAllowed = decide([layerOf({ statements: [statement], principal })], request).verdict === 'ALLOW'
      expect(isAllowed).toBe(matches(statement, request, principal))
    }),
    { numRuns: QUESTIONS },
  )
})
