import { FORMS } from '../input/forms.ts'
import { toJson } from '../output/json.ts'

interface Field {
  /** As it is typed here. */
  readonly typed: string
  readonly form?: keyof typeof FORMS
}

/** What the API names in the pointer of an error. */
const FIELDS: Readonly<Record<string, Field>> = {
  '/path/id': { typed: 'ID', form: 'account' },
  '/path/name': { typed: 'NAME' },
  '/query/namespace': { typed: '--namespace', form: 'namespace' },
  '/query/attribute': { typed: '--attribute', form: 'attribute' },
  '/query/parent_id': { typed: '--parent', form: 'account' },
  '/query/cursor': { typed: '--cursor' },
  '/query/limit': { typed: '--limit' },
  '/query/text': { typed: '--text' },
  '/query/bbox': { typed: '--bbox' },
  '/query/near': { typed: '--near' },
  '/query/radius': { typed: '--radius' },
  '/action': { typed: 'ACTION', form: 'action' },
  '/resource': { typed: 'RESOURCE', form: 'resource' },
  '/principal': { typed: '--principal', form: 'account' },
  '/context': { typed: '--context', form: 'contextKey' },
  '/decision_id': { typed: '--decision', form: 'decision' },
  '/cursor': { typed: '--cursor' },
  '/admin_id': { typed: '--admin', form: 'account' },
  '/owner_id': { typed: '--owner', form: 'account' },
  '/client_id': { typed: '--client', form: 'account' },
  '/name': { typed: '--name' },
  '/username': { typed: '--username' },
  '/number': { typed: '--number' },
  '/email': { typed: '--email', form: 'email' },
  '/attributes': { typed: '--attribute', form: 'attribute' },
  '/policies': { typed: '--policy', form: 'policy' },
  '/boundary': { typed: '--boundary', form: 'policy' },
  '/password': { typed: 'the password' },
  '/otp': { typed: 'the code' },
  '/setup_token': { typed: 'the set-up token' },
}
const IS_ABOUT_FORM: readonly string[] = ['pattern', 'format', 'propertyNames']

/** The field that a pointer is into, and the way inside it: `/attributes/tier` is `tier` of `/attributes`. */
const fieldOf = (pointer: string): readonly [field: string, rest: string] => {
  const [, field = pointer, rest = ''] = /^((?:\/(?:path|query))?\/[^/]+)(.*)$/.exec(pointer) ?? []
  return [field, rest]
}

interface Detail {
  readonly pointer?: string
  readonly code?: string
  readonly detail?: string
}

/** Whether a detail of an error is about something that was typed, and not about the content of a file. */
export const isTyped = (detail: unknown): boolean => {
  const { pointer = '' } = detail as Detail
  return FIELDS[fieldOf(pointer)[0]] !== undefined
}

/**
 * One detail of an error in a line: a field by what it is called on the command line, and what it must look
 * like.
 */
export const describeDetail = (detail: unknown): string => {
  if (typeof detail === 'string') return detail
  const { pointer, code, detail: text } = detail as Detail
  if (pointer === undefined || text === undefined) return toJson(detail, 0)
  if (pointer === '') return text
  const [name, rest] = fieldOf(pointer)
  const field = FIELDS[name]
  if (field === undefined) return `${pointer}: ${text}`
  const rule = field.form !== undefined && IS_ABOUT_FORM.includes(code ?? '') && FORMS[field.form].rule
  const typed = rest === '' ? field.typed : `${field.typed} ${rest.slice(1)}`
  // `admin_id` is a word of the API alone; `username` is one of people too.
  const words = name.includes('_') ? text.replaceAll(name.slice(1), 'it') : text
  return `${typed}: ${rule || words}`
}
