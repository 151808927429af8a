import {
  isPrivate,
  keyOf,
  type Catalogue,
  type Context,
  type ContextValue,
  type Verdict,
} from '../../policies/index.ts'
import type { AccountId } from './account.ts'

/** A question that was decided, as a recording holds it. Facts of accounts are not in it: their ids are. */
export interface RecordedQuestion {
  readonly account: AccountId
  readonly action: string
  readonly resource: string
  /**
   * What was said of the circumstances, and the address. The time is that of the record, unless it was said.
   */
  readonly context: Context
  /** Keys that the question had, and whose values are not kept. */
  readonly hidden: readonly string[]
}

/** The decision of one, and by what it was made. */
export interface RecordedDecision {
  /** Epoch seconds. */
  readonly at: number
  readonly verdict: Verdict
  /** The number of the revision of each namespace by which it was decided. */
  readonly revisions: Readonly<Record<string, number>>
  readonly question: RecordedQuestion
}

const MAX_KEPT_LENGTH = 256
/** With a plus it is a number to call, wherever it stands; without one, if it is all there is. */
const CALLABLE = /\+\d[\d ().-]{6,}\d/
const ONLY_DIGITS = /^\(?\d[\d ().-]{8,}\d$/

/** Whether a text has a number to call in it. */
export const tellsNumber = (text: string): boolean => CALLABLE.test(text)

const isTooTelling = (text: string): boolean =>
  text.length > MAX_KEPT_LENGTH || CALLABLE.test(text) || ONLY_DIGITS.test(text)

const isText = (value: ContextValue): value is string | readonly string[] =>
  typeof value === 'string' || Array.isArray(value)

/**
 * Whether the value of a key is not kept: its service marks it as private, or it is a text that is long, or
 * like a number to call.
 */
const isHidden = (
  [key, value]: readonly [string, ContextValue],
  { catalogue, type }: { catalogue: Catalogue; type: string },
): boolean => {
  if (isPrivate(catalogue, key, type)) return true
  const declared = keyOf(catalogue, key)?.type
  const isSpelled = declared === 'number' || declared === 'date' || declared === 'ip' || declared === 'bool'
  return !isSpelled && isText(value) && [value].flat().some(isTooTelling)
}

/**
 * What is kept of a question: without what the daemon knows of the caller, and without private values.
 * `said` is what the asker said itself. Undefined: nothing, for its resource tells a number to call.
 */
export const recordedQuestion = (
  { account, action, resource, context }: Omit<RecordedQuestion, 'hidden'>,
  { said, catalogue }: { said: Context; catalogue: Catalogue },
): RecordedQuestion | undefined => {
  if (tellsNumber(resource)) return undefined
  const type = resource.slice(0, resource.indexOf('/'))
  const kept: [string, ContextValue][] = []
  const hidden: string[] = []
  for (const [key, value] of Object.entries(context)) {
    if (key.startsWith('caller.') || (key === 'request.time' && !Object.hasOwn(said, key))) continue
    if (isHidden([key, value], { catalogue, type })) hidden.push(key)
    else kept.push([key, value])
  }
  const byKey = kept.sort(([a], [b]) => (a < b ? -1 : 1))
  return { account, action, resource, context: Object.fromEntries(byKey), hidden: hidden.sort() }
}

/**
 * A decision as one line of JSON. Equal questions are equal texts from `,"account":` on, so that a reader
 * finds them without reading them.
 */
export const recordedLine = ({ at, verdict, revisions, question }: RecordedDecision): string => {
  const { account, action, resource, context, hidden } = question
  return JSON.stringify({
    at,
    verdict,
    revisions,
    account,
    action,
    resource,
    context,
    ...(hidden.length === 0 ? {} : { hidden }),
  })
}
