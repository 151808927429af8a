import type { AccessDecision, ExplainedDecision, Explanation } from '@authctl/sdk'
import { reasonOf } from './question.ts'
import { paint } from '../output/color.ts'
import type { View } from '../output/print.ts'
import type { Row, Table } from '../output/table.ts'
import { makeSafe } from '../output/text.ts'
import { surroundings } from '../surroundings.ts'

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

/** A reason on a terminal: a line, and what is said of it below. */
type Reason = readonly [head: string, ...more: string[]]

const reasonsOf = ({ matched, near_misses: misses, outcome }: Layer): Reason[] => {
  if (outcome !== 'none')
    return matched
      .filter(({ effect }) => (effect === 'Deny') === (outcome === 'deny'))
      .map((each): Reason => [nameOf(each)])
  return misses.length === 0 ? [['no statement is near']] : misses.map((miss) => [nameOf(miss), missOf(miss)])
}

const INDENT = '  '
const DEFAULT_WIDTH = 80

/** The same for a terminal, whose width a table of long names would not fit. */
const outlineOf = async ({
  layers,
  decided_by: decidedBy,
  missing_keys: missing,
  would_allow_if: ways,
  revisions,
}: Explanation): Promise<string> => {
  const { wrap } = await import('../output/cells.ts')
  const { stdout } = surroundings()
  const room = stdout.columns || DEFAULT_WIDTH
  const lines = (depth: number, text: string): string[] => {
    const [first = '', ...rest] = wrap(makeSafe(text), room - (depth + 1) * INDENT.length)
    return [first, ...rest.map((each) => INDENT + each)].map((each) => INDENT.repeat(depth) + each)
  }
  const head = (text: string): string[] => lines(0, text).map((each) => paint(stdout, 'bold', each))
  const list = (title: string, items: readonly string[]): string[] =>
    items.length === 0 ? [] : ['', ...head(title), ...items.flatMap((each) => lines(1, each))]
  const deciding = (decidedBy as { layer?: number } | null)?.layer
  return [
    ...layers.flatMap((layer, index) => [
      ...head(
        `${layer.kind} of ${layer.principal}: ${layer.outcome}${index === deciding ? ', decides' : ''}`,
      ),
      ...reasonsOf(layer).flatMap(([name, ...more]) => [
        ...lines(1, name),
        ...more.flatMap((each) => lines(2, each)),
      ]),
    ]),
    ...list('missing keys', missing),
    ...list('would allow if', ways),
    ...list(
      'by the revisions',
      revisions.map(({ namespace, number, id }) => `${number} of ${namespace} (${id})`),
    ),
  ].join('\n')
}

const partsOf = async (explanation: Explanation): Promise<(Table | string)[]> =>
  surroundings().stdout.isTTY === true ? [await outlineOf(explanation)] : tablesOf(explanation)

/** The question that is explained. */
export type Asked = Pick<ExplainedDecision, 'action' | 'resource'> & {
  readonly principal: string | undefined
  readonly decided?: string
}

/**
 * A decision with its reasons: the question, each layer, what was missing, what would allow, and by which
 * revisions.
 */
export const explanationView = async (
  asked: Asked,
  decision: AccessDecision,
  data: unknown,
): Promise<View> => {
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
    more: isAsked ? await partsOf(explanation) : [],
  }
}
