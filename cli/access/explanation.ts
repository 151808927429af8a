import type { AccessDecision, ExplainedDecision, Explanation } from '@authctl/sdk'
import { reasonOf } from './question.ts'
import type { View } from '../output/print.ts'
import type { Row, Table } from '../output/table.ts'

type Layer = Explanation['layers'][number]
type Statement = Layer['matched'][number]
type NearMiss = Layer['near_misses'][number]

const MAX_VALUES = 3

const listOf = (values: readonly string[]): string => {
  const shown = values.slice(0, MAX_VALUES).join(' or ')
  return values.length > MAX_VALUES ? `${shown} or ${values.length - MAX_VALUES} more` : shown
}

/** A statement as people find it again: its policy, its name or number, and where it is written. */
const nameOf = ({ policy, sid, statement, source }: Statement): string =>
  `${policy} ${sid ?? `statement ${statement}`}${source === null ? '' : ` (${source})`}`

/** What kept a statement from allowing: `orders.total is 900, wanted NumericLessThanEquals 500`. */
const missOf = (miss: NearMiss): string => {
  const { failed, key, operator, expected } = miss
  const actual = miss.actual as readonly string[] | null
  const what = failed === 'condition' ? (key ?? '') : `the ${failed}`
  const wanted = failed === 'condition' ? (operator ?? '') : operator === null ? '' : 'none of'
  const is = actual === null ? 'is missing' : `is ${actual.length === 0 ? 'empty' : actual.join(', ')}`
  return `${what} ${is}, wanted ${[wanted, listOf(expected)].filter((word) => word !== '').join(' ')}`
}

const becauseOf = ({ matched, near_misses: misses, outcome }: Layer): string[] => {
  const deciding = matched.filter(({ effect }) => (effect === 'Deny') === (outcome === 'deny'))
  if (outcome !== 'none') return deciding.map(nameOf)
  if (misses.length === 0) return ['no statement is near']
  return misses.map((miss) => `${nameOf(miss)}: ${missOf(miss)}`)
}

/** Each layer on the way up with what it says and why; more reasons of one layer stand below the first. */
const layerTable = ({ layers, decided_by: decidedBy }: Explanation): Table => {
  const deciding = (decidedBy as { layer?: number } | null)?.layer
  const rows = layers.flatMap((layer, index): Row[] => {
    const [first, ...others] = becauseOf(layer)
    const outcome = index === deciding ? `${layer.outcome}, decides` : layer.outcome
    return [
      { layer: `${layer.kind} of ${layer.principal}`, outcome, because: first },
      ...others.map((because) => ({ because })),
    ]
  })
  return { rows, columns: ['layer', 'outcome', 'because'] }
}

const listTable = (column: string, items: readonly string[]): Table[] =>
  items.length === 0 ? [] : [{ rows: items.map((item) => ({ [column]: item })), columns: [column] }]

const tablesOf = (explanation: Explanation): Table[] => [
  layerTable(explanation),
  ...listTable('missing_keys', explanation.missing_keys),
  ...listTable('would_allow_if', explanation.would_allow_if),
  {
    rows: explanation.revisions.map(({ namespace, number, id }) => ({ namespace, revision: number, id })),
    columns: ['namespace', 'revision', 'id'],
  },
]

/** The question that is explained. */
export type Asked = Pick<ExplainedDecision, 'action' | 'resource'> & {
  readonly principal: string | undefined
  readonly decided?: string
}

/**
 * A decision with its reasons: the question, each layer, what was missing, what would allow, and by which
 * revisions.
 */
export const explanationView = (asked: Asked, decision: AccessDecision, data: unknown): View => {
  const { explanation } = decision
  const { principal = 'you', action, resource, decided } = asked
  const row = {
    principal,
    action,
    resource,
    decided,
    decision: decision.decision,
    reason: reasonOf(decision),
  }
  // Where no policy was asked, what the layers would say is beside the point.
  const isAsked = explanation !== undefined && decision.reason === null
  return {
    data,
    rows: [row],
    columns: Object.keys(row),
    isRecord: true,
    nameColumn: 'decision',
    more: isAsked ? tablesOf(explanation) : [],
  }
}
