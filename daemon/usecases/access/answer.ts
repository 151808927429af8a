import {
  type CompiledStatement,
  type Context,
  decide,
  type Decision,
  foldAction,
  type Verdict,
} from '../../../policies/index.ts'
import { roleOfId, type Account } from '../../domain/account.ts'
import type { PolicySnapshot } from '../../domain/policy-snapshot.ts'
import { isActive, type Lineage } from '../../domain/session.ts'
import { lineageIds, maySee } from '../../domain/tree.ts'
import { layersOf } from './authorize.ts'

/** What is asked: may somebody do this to that? */
export interface Question {
  readonly action: string
  /** Canonical `type/path`. */
  readonly resource: string
  /** What the asker says of the circumstances. */
  readonly context?: Context | undefined
}

/** A question in other words: what it says of services that nobody knows is passed over. */
export interface ForeignQuestion extends Question {
  /** Keys of the service of the action: those that it declares are said, and the others are not. */
  readonly ofAction?: Context | undefined
}

/** The decision of one question. */
export interface Answer {
  readonly allowed: boolean
  readonly decision: Verdict
  /** Why no policy was asked. */
  readonly reason: 'unknown_action' | 'unknown_resource_type' | 'not_active' | 'outside' | null
}

/**
 * The account that a resource `account/path` is, or that owns the application `application/path`, by its
 * path; undefined for any other resource.
 */
const accountOf = (resource: string): Pick<Account, 'id' | 'role' | 'path'> | undefined => {
  const [, type, named = ''] = /^(account|application)\/(.*)$/.exec(resource) ?? []
  if (type === undefined) return undefined
  const path = type === 'application' ? named.replace(/\/app_[^/]*$/, '') : named
  const id = lineageIds(path).at(-1)
  const role = id && roleOfId(id)
  return id === undefined || !role ? undefined : { id, role, path }
}

const refused = (reason: Answer['reason']): Answer => ({ allowed: false, decision: 'DENY_IMPLICIT', reason })

/** Why a question is answered before any policy is asked. */
const refusalOf = (
  snapshot: PolicySnapshot,
  { account, ancestors, application }: Lineage,
  question: Question,
): Answer | undefined => {
  const declared = snapshot.catalogueOf(account).actions.get(question.action)
  if (declared === undefined) return refused('unknown_action')
  const type = question.resource.split('/')[0] ?? ''
  if (!declared.resources.includes(type)) return refused('unknown_resource_type')
  if (application?.status === 'disabled') return refused('not_active')
  if (!isActive([...ancestors, account]) || ancestors.length !== lineageIds(account.path).length - 1)
    return refused('not_active')
  const actedOn = foldAction(question.action).startsWith('authctl:')
    ? accountOf(question.resource)
    : undefined
  return actedOn === undefined || maySee(account, actedOn) ? undefined : refused('outside')
}

/** An answer with what decided it: of an ALLOW, the Allow of each layer in their order. */
export interface Reasoned {
  readonly answer: Answer
  /** Undefined if no policy was asked. */
  readonly decision: Decision | undefined
  readonly allowing: readonly CompiledStatement[]
}

/** Decides a question about an account by the policies of a snapshot, with what decided it. */
export const reason = (
  snapshot: PolicySnapshot,
  lineage: Lineage,
  question: Question & { context: Context },
): Reasoned => {
  const refusal = refusalOf(snapshot, lineage, question)
  if (refusal !== undefined) return { answer: refusal, decision: undefined, allowing: [] }
  const allowing: CompiledStatement[] = []
  const decision = decide(layersOf(snapshot, lineage), question, allowing)
  const { verdict } = decision
  return { answer: { allowed: verdict === 'ALLOW', decision: verdict, reason: null }, decision, allowing }
}

/** Decides a question about an account by the policies of a snapshot. */
export const answer = (...asked: Parameters<typeof reason>): Answer => reason(...asked).answer
