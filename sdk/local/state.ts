import {
  contextFaults,
  decide,
  malformedPart,
  malformedRest,
  ownedBy,
  ownValue,
  type AccessRequest,
  type Context,
  type OwnedLayer,
  type PrincipalFacts,
} from './engine.ts'
import type { Lineage } from './lineage.ts'
import { serviceOf, Standings, type PolicyContent, type Standing } from './standing.ts'
import type { LocalDecision, Question, Unasked, Verdict } from './types.ts'

/** What the policies say. */
export interface Answered {
  readonly decision: Verdict
  /** Null where policies have decided. */
  readonly reason: Unasked | null
  /** Whether it was decided here, or not at all. */
  readonly source: 'process' | 'nobody'
  /** The part at fault of a question that is none. */
  readonly pointer: string | null
}

const decided = (decision: Verdict, reason: Unasked | null = null): Answered => ({
  decision,
  reason,
  source: 'process',
  pointer: null,
})

/** The denial of what could not be decided here. */
export const undecided = (reason: Unasked, pointer: string | null = null): Answered => ({
  decision: 'DENY_IMPLICIT',
  reason,
  source: 'nobody',
  pointer,
})

const VERDICTS: Readonly<Record<Verdict, Answered>> = {
  ALLOW: decided('ALLOW'),
  DENY_EXPLICIT: decided('DENY_EXPLICIT'),
  DENY_IMPLICIT: decided('DENY_IMPLICIT'),
}
const UNKNOWN_ACTION = decided('DENY_IMPLICIT', 'unknown_action')
const UNKNOWN_TYPE = decided('DENY_IMPLICIT', 'unknown_resource_type')
const NOT_ACTIVE = decided('DENY_IMPLICIT', 'not_active')
const NOT_COVERED = undecided('not_covered')

const invalid = (pointer: string): Answered => undecided('invalid_question', pointer)

/** The decision that an answer is, by what is at hand. */
export const decisionOf = (answered: Answered, revision: string | null, staleMs: number): LocalDecision => ({
  allowed: answered.decision === 'ALLOW',
  ...answered,
  revision,
  staleMs,
  decisionId: null,
})

const SLASH = 47

/** Whether the resource, in canonical form, is of one of the types. */
const isOfType = (resource: string, types: readonly string[]): boolean => {
  for (const type of types)
    if (resource.charCodeAt(type.length) === SLASH && resource.startsWith(type)) return true
  return false
}

/** A question to the policies, which may ask it who asks, and when: in milliseconds since 1970. */
class Request implements AccessRequest {
  readonly action: string
  readonly resource: string
  readonly context: Context
  readonly owner: PrincipalFacts
  readonly #lineage: Lineage
  readonly #now: number

  constructor({ action, resource, context }: Question, lineage: Lineage, now: number) {
    this.action = action
    this.resource = resource
    this.context = context
    this.owner = lineage.principal
    this.#lineage = lineage
    this.#now = now
  }

  otherwise(key: string): ReturnType<typeof ownValue> {
    return key === 'request.time' ? Math.floor(this.#now / 1000) : ownValue(this.#lineage.caller, key)
  }
}

/** The layers that decide, and what they are asked. */
interface Trial {
  readonly layers: readonly OwnedLayer[]
  readonly request: AccessRequest
}

/** The policies of one revision, ready to be asked about accounts. It never changes. */
export class PolicyState {
  readonly content: PolicyContent
  readonly #standings: Standings

  constructor(content: PolicyContent) {
    this.content = content
    this.#standings = new Standings(content)
  }

  /** Decides about the last of a lineage at a time, in milliseconds; asks nobody. */
  decide(lineage: Lineage, question: Question, now: number): Answered {
    const standing = this.#standings.of(lineage)
    const known = this.#prejudge(standing, question)
    if (known !== undefined) return known
    return VERDICTS[decide(standing.layers, new Request(question, lineage, now)).verdict]
  }

  /** What the policies are asked; undefined: it is decided before. */
  trial(lineage: Lineage, question: Question, now: number): Trial | undefined {
    const standing = this.#standings.of(lineage)
    if (this.#prejudge(standing, question) !== undefined) return undefined
    const layers = ownedBy(lineage.principal, standing.layers)
    return { layers, request: new Request(question, lineage, now) }
  }

  /** What is decided before any policy is asked; undefined: they are to be asked. */
  #prejudge({ catalogue, actions, layers, isActive }: Standing, question: Question): Answered | undefined {
    const { action, resource, context } = question
    const declared = actions.get(action)
    if (declared === undefined) return this.#unknown(question)
    const malformed = malformedRest(question)
    if (malformed !== undefined) return invalid(malformed)
    const fault = contextFaults(catalogue, { action, said: context, layers })[0]
    if (fault !== undefined) return invalid(`/context/${fault.key}`)
    if (!isOfType(resource, declared.resources)) return UNKNOWN_TYPE
    return isActive ? undefined : NOT_ACTIVE
  }

  /** Why an action is not decided about here. */
  #unknown(question: Question): Answered {
    const malformed = malformedPart(question)
    if (malformed !== undefined) return invalid(malformed)
    return this.content.services.has(serviceOf(question.action)) ? UNKNOWN_ACTION : NOT_COVERED
  }
}
