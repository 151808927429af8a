// SPDX-License-Identifier: LGPL-3.0-or-later
import { BOUNDS } from '../language.ts'
import { isNamed, RESOURCE_SEGMENT, RESOURCE_TYPE, SERVICE_NAME, VERB } from '../names.ts'

const isAction = isNamed(`${SERVICE_NAME}:${VERB}`)
const isResource = isNamed(`${RESOURCE_TYPE}(?:/${RESOURCE_SEGMENT})+`)
/** What the server says of accounts, and nobody who asks. */
const OF_ACCOUNTS = /^(?:principal|caller)\./
/** How many texts one key may have. */
const MOST_ITEMS = 256

/** Counted in characters, as JSON Schema counts. */
const isText = (value: unknown): boolean =>
  typeof value === 'string' &&
  (value.length <= BOUNDS.valueBytes || Array.from(value).length <= BOUNDS.valueBytes)

const isContextValue = (value: unknown): boolean =>
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  isText(value) ||
  (Array.isArray(value) && value.length <= MOST_ITEMS && value.every(isText))

/**
 * What of a question has not the form of one, as a JSON pointer; undefined: all of it has. A resource that is
 * not canonical, with an empty segment or `..`, is none: a Deny might not see it.
 */
export const malformedPart = (question: {
  readonly action: unknown
  readonly resource: unknown
  readonly context: unknown
}): string | undefined => {
  const { action, resource, context } = question
  if (typeof action !== 'string' || !isAction(action)) return '/action'
  if (typeof resource !== 'string' || resource.length > BOUNDS.resourceLength || !isResource(resource))
    return '/resource'
  if (typeof context !== 'object' || context === null || Array.isArray(context)) return '/context'
  const keys = Object.keys(context)
  if (keys.length > BOUNDS.contextKeys) return '/context'
  const wrong = keys.find(
    (key) => OF_ACCOUNTS.test(key) || !isContextValue((context as Record<string, unknown>)[key]),
  )
  return wrong && `/context/${wrong}`
}
