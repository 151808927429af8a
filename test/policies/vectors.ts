import { readFileSync } from 'node:fs'
import { compilePolicy } from '../../policies/engine/compile.ts'
import type { Context, OwnedLayer } from '../../policies/engine/decide.ts'
import type { ConditionBlock, Scalar, Statement } from '../../policies/language.ts'
import { createLayer } from '../../policies/engine/layer.ts'

interface AwsDocument {
  readonly Statement: readonly Statement[]
}

/** A decision on which two independent evaluators agree. */
export interface PolicyVector {
  readonly id: string
  readonly expect: 'Allowed' | 'ExplicitlyDenied' | 'ImplicitlyDenied'
  readonly request: { readonly action: string; readonly resource: string; readonly context: Context }
  readonly own: readonly AwsDocument[]
  readonly ancestors: readonly (readonly AwsDocument[])[]
  readonly boundary?: readonly AwsDocument[]
}

export const readVectors = (): PolicyVector[] =>
  readFileSync(new URL('vectors/policy.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as PolicyVector)

/*
 * The vectors sit below the validator: keys in any case, `True`, and days for instants. Here they are brought
 * into the form that the validator asks for; nothing else of them is changed.
 */

const lowerVariables = (text: string): string =>
  text.replace(/\$\{([^}'*?$]+)/g, (_match, key: string) => `\${${key.toLowerCase()}`)

const inForm = (operator: string, value: Scalar): Scalar => {
  const text = lowerVariables(String(value))
  if (/^(?:Bool|Null)/.test(operator)) return text.toLowerCase()
  return operator.startsWith('Date') && /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text
}

const list = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T])

const conditionInForm = (block: ConditionBlock): ConditionBlock =>
  Object.fromEntries(
    Object.entries(block).map(([operator, keys]) => [
      operator,
      Object.fromEntries(
        Object.entries(keys).map(([key, values]) => [
          key.toLowerCase(),
          list(values).map((value) => inForm(operator, value)),
        ]),
      ),
    ]),
  )

const statementInForm = (statement: Statement): Statement => ({
  ...statement,
  ...(statement.Resource !== undefined && { Resource: list(statement.Resource).map(lowerVariables) }),
  ...(statement.NotResource !== undefined && {
    NotResource: list(statement.NotResource).map(lowerVariables),
  }),
  ...(statement.Condition !== undefined && { Condition: conditionInForm(statement.Condition) }),
})

const contextInForm = (context: Context): Context =>
  Object.fromEntries(
    Object.entries(context).map(([key, value]) => {
      const isDay = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value)
      const isBool = typeof value === 'string' && /^(?:true|false)$/i.test(value)
      return [key.toLowerCase(), isDay ? `${value}T00:00:00Z` : isBool ? value.toLowerCase() : value]
    }),
  )

/** The layers and the request of a vector. */
export const prepare = (
  vector: PolicyVector,
): { layers: OwnedLayer[]; request: { action: string; resource: string; context: Context } } => {
  const owned = (documents: readonly AwsDocument[], kind: OwnedLayer['kind']): OwnedLayer => ({
    kind,
    principal: {},
    layer: createLayer(
      documents.map(({ Statement }, index) => {
        const name = `${kind}-${index}`
        return compilePolicy({ Statement: Statement.map(statementInForm) }, { name, hash: name })
      }),
    ),
  })
  return {
    layers: [
      owned(vector.own, 'own'),
      ...(vector.boundary === undefined ? [] : [owned(vector.boundary, 'boundary')]),
      ...vector.ancestors.map((documents) => owned(documents, 'own')),
    ],
    request: { ...vector.request, context: contextInForm(vector.request.context) },
  }
}
