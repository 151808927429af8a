import { compilePolicy } from '../../policies/engine/compile.ts'
import type { OwnedLayer } from '../../policies/engine/decide.ts'
import { createLayer } from '../../policies/engine/layer.ts'
import type { ConditionBlock, Statement } from '../../policies/language.ts'

/** A statement about reading orders. */
export const say = (Effect: 'Allow' | 'Deny', Condition: ConditionBlock = {}): Statement => ({
  Effect,
  Action: 'orders:Read',
  Resource: 'order/*',
  Condition,
})

/** The own layer of an account with one policy of these statements. */
export const layerOf = (
  statements: readonly Statement[],
  principal: OwnedLayer['principal'] = {},
): OwnedLayer => ({
  kind: 'own',
  principal,
  layer: createLayer([
    compilePolicy({ Statement: statements }, { name: 'p', hash: JSON.stringify(statements) }),
  ]),
})
