import type { IncomingHttpHeaders } from 'node:http'
import type { EntityTags, Precondition } from '../domain/precondition.ts'

const STRONG = /^\s*"(.*)"\s*$/
const WEAK = /^\s*(?:W\/)?"(.*)"\s*$/

/** The tags of a header in one form; what is of no such form names nothing. */
const tagsOf = (header: string | undefined, form: RegExp): EntityTags | undefined => {
  if (header === undefined) return undefined
  if (header.trim() === '*') return '*'
  return header.split(',').flatMap((tag) => form.exec(tag)?.[1] ?? [])
}

/**
 * The conditions of a request: `If-Match` compares strongly, `If-None-Match` weakly (RFC 9110 section
 * 8.8.3.2).
 */
export const preconditionOf = (headers: IncomingHttpHeaders): Precondition => ({
  ifMatch: tagsOf(headers['if-match'], STRONG),
  ifNoneMatch: tagsOf(headers['if-none-match'], WEAK),
})
