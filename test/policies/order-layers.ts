import { compilePolicy } from '../../policies/engine/compile.ts'
import type { OwnedLayer } from '../../policies/engine/decide.ts'
import { createLayer } from '../../policies/engine/layer.ts'
import type { ConditionBlock, Statement } from '../../policies/language.ts'
import type { Diagnostic } from '../../policies/text/diagnostics.ts'
import { validateDocument } from '../../policies/validate/document.ts'
import { CATALOGUE, documentOf } from './samples.ts'

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

/** What the validator says of a condition on reading one order. */
export const diagnosticsOf = (condition: string, effect = 'Allow'): readonly Diagnostic[] =>
  validateDocument(
    documentOf(
      `{"Effect": "${effect}", "Action": "orders:Read", "Resource": "order/a", "Condition": ${condition}}`,
    ),
    { file: 'a.json', catalogue: CATALOGUE },
  ).diagnostics
