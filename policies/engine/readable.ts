// SPDX-License-Identifier: LGPL-3.0-or-later
import { parseOperator, type Operator } from '../language.ts'
import { foldAction, matchesAction, type CompiledStatement } from './compile.ts'
import { IS_OF_TYPE } from './context-value.ts'
import type { AccessRequest, ContextValue, HeldLayer } from './decide.ts'
import type { Layer } from './layer.ts'
import { isOperand, variablesIn } from './operands.ts'

/** What conditions read a value as, other than as a text. */
export type ReadAs = Extract<Operator['family'], 'number' | 'date' | 'ip' | 'bool'>

/** Keys that no service declares, so that only conditions tell what they are. */
const OF_RESOURCE = 'resource.'

const READ_AS: ReadonlySet<string> = new Set<ReadAs>(['number', 'date', 'ip', 'bool'])

const isReadAs = (family: Operator['family'] | undefined): family is ReadAs =>
  family !== undefined && READ_AS.has(family)

interface Reader {
  readonly statement: CompiledStatement
  readonly readAs: ReadAs
  /** It is a variable in a value, where a whole network may stand. */
  readonly isVariable: boolean
}

const canRead = ({ readAs, isVariable }: Reader, value: ContextValue): boolean =>
  IS_OF_TYPE[readAs](value) ||
  (isVariable && readAs === 'ip' && typeof value === 'string' && isOperand(readAs, value))

/** Which statements of a layer read which of these keys as something; made when it is first asked for. */
const readersOf = new WeakMap<Layer, ReadonlyMap<string, readonly Reader[]>>()

const readersIn = (layer: Layer): ReadonlyMap<string, readonly Reader[]> => {
  const known = readersOf.get(layer)
  if (known !== undefined) return known
  const readers = new Map<string, Reader[]>()
  for (const statement of layer.statements)
    for (const condition of statement.conditions) {
      const readAs = parseOperator(condition.operatorName)?.operator.family
      if (!isReadAs(readAs)) continue
      const operands = variablesIn(condition).map(({ key }) => ({ key, isVariable: true }))
      for (const { key, isVariable } of [{ key: condition.key, isVariable: false }, ...operands]) {
        if (!key.startsWith(OF_RESOURCE)) continue
        const own = readers.get(key)
        if (own === undefined) readers.set(key, [{ statement, readAs, isVariable }])
        else own.push({ statement, readAs, isVariable })
      }
    }
  readersOf.set(layer, readers)
  return readers
}

/**
 * The `resource.*` keys of a request whose value is none of what a condition about the action reads it as. No
 * such value can be decided about: a Deny that compares it would not see it, so the question is to be
 * refused.
 */
export const unreadableKeys = (
  layers: readonly HeldLayer[],
  { action, context }: Pick<AccessRequest, 'action' | 'context'>,
): { readonly key: string; readonly readAs: ReadAs }[] => {
  const keys = Object.keys(context).filter((key) => key.startsWith(OF_RESOURCE))
  if (keys.length === 0) return []
  const folded = foldAction(action)
  return keys.flatMap((key) => {
    const reader = layers
      .flatMap(({ layer }) => readersIn(layer).get(key) ?? [])
      .find((each) => !canRead(each, context[key] as ContextValue) && matchesAction(each.statement, folded))
    return reader === undefined ? [] : [{ key, readAs: reader.readAs }]
  })
}
