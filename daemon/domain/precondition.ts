import { Failure } from './failure.ts'

/** The `If-Match` and `If-None-Match` of a request, as they were sent. */
export interface Precondition {
  readonly ifMatch: string | undefined
  readonly ifNoneMatch: string | undefined
}

/** Whether a header of entity tags names the one that is there (RFC 9110 section 13.1). Tags are compared without `W/` and quotes. */
export const namesTag = (header: string, present: string | undefined): boolean =>
  present !== undefined &&
  (header.trim() === '*' ||
    header.split(',').some((tag) => /^\s*(?:W\/)?"(.*)"\s*$/.exec(tag)?.[1] === present))

/**
 * Throws `precondition_failed`, or `precondition_required` where something is there of which the caller has not said that it knows it.
 * `present` is the tag of what is there.
 */
export const requireMatch = ({ ifMatch, ifNoneMatch }: Precondition, present: string | undefined): void => {
  if (ifMatch !== undefined && !namesTag(ifMatch, present)) throw new Failure('precondition_failed')
  if (ifNoneMatch !== undefined && namesTag(ifNoneMatch, present)) throw new Failure('precondition_failed')
  if (ifMatch === undefined && present !== undefined) throw new Failure('precondition_required')
}
