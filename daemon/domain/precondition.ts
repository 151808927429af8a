import { Failure } from './failure.ts'

/** The entity tags that a condition of a request names; `*` is whatever is there. */
export type EntityTags = '*' | readonly string[]

/** What a request says that must be there, and what must not. */
export interface Precondition {
  readonly ifMatch: EntityTags | undefined
  readonly ifNoneMatch: EntityTags | undefined
}

/** Whether the tags name the one of what is there. */
export const namesTag = (tags: EntityTags, present: string | undefined): boolean =>
  present !== undefined && (tags === '*' || tags.includes(present))

/**
 * Throws `precondition_failed`, or `precondition_required` where something is there of which the caller has
 * not said that it knows it. `present` is the tag of what is there.
 */
export const requireMatch = ({ ifMatch, ifNoneMatch }: Precondition, present: string | undefined): void => {
  if (ifMatch !== undefined && !namesTag(ifMatch, present)) throw new Failure('precondition_failed')
  if (ifNoneMatch !== undefined && namesTag(ifNoneMatch, present)) throw new Failure('precondition_failed')
  if (ifMatch === undefined && present !== undefined) throw new Failure('precondition_required')
}
