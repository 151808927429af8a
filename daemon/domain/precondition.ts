import { Failure } from './failure.ts'

/** The `If-Match` and `If-None-Match` of a request, as they were sent. */
export interface Precondition {
  readonly ifMatch: string | undefined
  readonly ifNoneMatch: string | undefined
}

const STRONG = /^\s*"(.*)"\s*$/
const WEAK = /^\s*(?:W\/)?"(.*)"\s*$/

const names = (header: string, present: string | undefined, form: RegExp): boolean =>
  present !== undefined &&
  (header.trim() === '*' || header.split(',').some((tag) => form.exec(tag)?.[1] === present))

/**
 * Whether a header of entity tags names the one that is there; `If-None-Match` compares weakly (RFC 9110
 * section 8.8.3.2).
 */
export const namesTag = (header: string, present: string | undefined): boolean => names(header, present, WEAK)

/**
 * Throws `precondition_failed`, or `precondition_required` where something is there of which the caller has
 * not said that it knows it. `present` is the tag of what is there.
 */
export const requireMatch = ({ ifMatch, ifNoneMatch }: Precondition, present: string | undefined): void => {
  if (ifMatch !== undefined && !names(ifMatch, present, STRONG)) throw new Failure('precondition_failed')
  if (ifNoneMatch !== undefined && namesTag(ifNoneMatch, present)) throw new Failure('precondition_failed')
  if (ifMatch === undefined && present !== undefined) throw new Failure('precondition_required')
}
