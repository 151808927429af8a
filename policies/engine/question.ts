// SPDX-License-Identifier: LGPL-3.0-or-later
import { MAX_CONTEXT_KEYS, MAX_RESOURCE_LENGTH, MAX_VALUE_LENGTH } from '../language.ts'
import { isNamed, RESOURCE_SEGMENT, RESOURCE_TYPE, SERVICE_NAME, VERB } from '../names.ts'

/** Whether a text is an action, `service:Verb`, in canonical form. */
export const isAction = isNamed(`${SERVICE_NAME}:${VERB}`)
const isResource = isNamed(`${RESOURCE_TYPE}(?:/${RESOURCE_SEGMENT})+`)
/** What the server says of accounts, and nobody who asks. */
const isOfAccounts = (key: string): boolean => key.startsWith('principal.') || key.startsWith('caller.')
/** How many texts one key may have. */
const MOST_ITEMS = 256

/** Counted in characters, as JSON Schema counts. */
const isText = (value: unknown): boolean =>
  typeof value === 'string' &&
  (value.length <= MAX_VALUE_LENGTH || Array.from(value).length <= MAX_VALUE_LENGTH)

const isContextValue = (value: unknown): boolean =>
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  isText(value) ||
  (Array.isArray(value) && value.length <= MOST_ITEMS && value.every(isText))

/** What is asked of an action, in whatever form. */
interface Rest {
  readonly resource: unknown
  readonly context: unknown
}

/** What is malformed in a question whose action is not: see {@link malformedPart}. */
export const malformedRest = ({ resource, context }: Rest): string | undefined => {
  if (typeof resource !== 'string' || resource.length > MAX_RESOURCE_LENGTH || !isResource(resource))
    return '/resource'
  if (typeof context !== 'object' || context === null || Array.isArray(context)) return '/context'
  const keys = Object.keys(context)
  if (keys.length > MAX_CONTEXT_KEYS) return '/context'
  for (const key of keys)
    if (isOfAccounts(key) || !isContextValue((context as Record<string, unknown>)[key]))
      return `/context/${key}`
  return undefined
}

/**
 * What of a question has not the form of one, as a JSON pointer; undefined: all of it has. A resource that is
 * not canonical, with an empty segment or `..`, is none: a Deny might not see it.
 */
export const malformedPart = (question: Rest & { readonly action: unknown }): string | undefined =>
  typeof question.action === 'string' && isAction(question.action) ? malformedRest(question) : '/action'
