import { listOf, type PolicyDocument, type Statement } from '../../../policies/index.ts'

/** What applications get of a policy: the statements about the actions of some services. */
export interface ReducedDocument {
  readonly Statement: readonly Statement[]
  /** Which statement of the policy each of them is, from 0. */
  readonly at: readonly number[]
}

/** What stands for something that is not to be told: the same each time, and of no use to find it by. */
export type Hide = (kind: 'policy' | 'sid' | 'mark', text: string) => string

const serviceOf = (pattern: string): string => pattern.slice(0, pattern.indexOf(':')).toLowerCase()

/**
 * The patterns that can match an action of the services. Wildcards stand in the verb only, so that what
 * stands before the colon tells.
 */
const patternsFor = (
  patterns: string | readonly string[],
  services: ReadonlySet<string>,
): readonly string[] => {
  const all = listOf(patterns)
  return all.filter((pattern) => pattern === '*' || services.has(serviceOf(pattern)))
}

/** The actions of a statement, as far as the services go; undefined: it is about none of theirs. */
const actionsFor = (
  { Action, NotAction }: Statement,
  services: ReadonlySet<string>,
): Pick<Statement, 'Action' | 'NotAction'> | undefined => {
  if (NotAction !== undefined) {
    const others = patternsFor(NotAction, services)
    if (others.includes('*')) return undefined
    return others.length === 0 ? { Action: '*' } : { NotAction: others }
  }
  const own = patternsFor(Action ?? [], services)
  return own.length === 0 ? undefined : { Action: own }
}

/**
 * The document without what no action of the services is decided by, and without what people are told by it.
 * For each of these actions it matches as before.
 * @param hideSid what the name of a statement is replaced by; undefined: it stays
 */
export const reduceDocument = (
  document: Pick<PolicyDocument, 'Statement'>,
  services: ReadonlySet<string>,
  hideSid: ((sid: string) => string) | undefined,
): ReducedDocument => {
  const kept = document.Statement.flatMap((statement, index): [Statement, number][] => {
    const actions = actionsFor(statement, services)
    if (actions === undefined) return []
    const { Sid, Action: _action, NotAction: _notAction, ...elements } = statement
    const named = Sid === undefined ? {} : { Sid: hideSid?.(Sid) ?? Sid }
    return [[{ ...named, ...elements, ...actions }, index]]
  })
  return { Statement: kept.map(([statement]) => statement), at: kept.map(([, index]) => index) }
}
