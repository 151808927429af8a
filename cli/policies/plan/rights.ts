import type { Invariant, Selector, Statement } from '../../../policies/index.ts'
import { ruleOf } from '../../../policies/invariants/index.ts'
import { selectorText } from '../../../policies/plan/index.ts'
import { cell } from '../../output/table.ts'

const elementOf = (name: string, values: string | readonly string[] | undefined): string =>
  values === undefined ? '' : `${name}${cell(values)}`

/** Requests as a statement names them, nothing of it left out: `orders:Read on order/*`. */
const requestWords = ({
  Action,
  NotAction,
  Resource,
  NotResource,
  Condition = {},
}: Omit<Statement, 'Effect' | 'Sid'>): string => {
  const conditions = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => `${operator} ${key} ${cell(values)}`),
  )
  const what = elementOf('', Action) || elementOf('all but ', NotAction)
  const where = elementOf('', Resource) || elementOf('all but ', NotResource)
  const when = conditions.length === 0 ? '' : ` when ${conditions.join(' and ')}`
  return `${what} on ${where}${when}`
}

/** A right in words: `Allow orders:Read on order/*`. */
export const rightWords = (statement: Statement): string => `${statement.Effect} ${requestWords(statement)}`

/**
 * What an invariant says, a line each for whom it names: `neverGrants orders:Refund on *, to role=client`.
 */
export const invariantWords = (invariant: Invariant): string[] => {
  const proved = ruleOf(invariant)
  if (proved === undefined) return [`needsApproval ${cell(invariant.needsApproval?.objects)}`]
  const { to = [], ...requests } = proved.rule
  const selectors = Array.isArray(to) ? (to as readonly Selector[]) : [to as Selector]
  const whom = selectors.length === 0 ? '' : `, to ${selectors.map(selectorText).join(' and ')}`
  return [`${proved.kind} ${requestWords(requests)}${whom}`]
}
