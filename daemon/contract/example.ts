/** A JSON Schema, as far as an example is made from it. */
interface Described {
  readonly type?: string | readonly string[]
  readonly examples?: readonly unknown[]
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly format?: string
  readonly minimum?: number
  readonly minItems?: number
  readonly properties?: Readonly<Record<string, Described>>
  readonly required?: readonly string[]
  readonly dependentRequired?: Readonly<Record<string, readonly string[]>>
  readonly items?: Described
  readonly anyOf?: readonly Described[]
  readonly oneOf?: readonly Described[]
}

/** What a text looks like where its field says nothing nearer; ids of accounts are those of one client. */
const TEXTS: readonly (readonly [pattern: RegExp, text: string])[] = [
  [/\(sa\|adm\|cli/, 'cli_01k3v9xq2m8rjt5w7ybd4gnhce'],
  [/\badm_?\b.*\{26\}/, 'adm_01k3v9wn6f4cza2h8p0rsxkvte'],
  [/\bcli_?\b.*\{26\}/, 'cli_01k3v9xq2m8rjt5w7ybd4gnhce'],
  [/ses_/, 'ses_01k3v9zt7e1qwb6m3kxfdrnj8h'],
]

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-31T08:00:00.000Z',
  email: 'asha@example.com',
  'uri-reference': 'urn:authctl:problem:not_found',
}

const textOf = ({ pattern, format }: Described): string =>
  TEXTS.find(([known]) => pattern !== undefined && known.test(pattern))?.[1] ??
  FORMATS[format ?? ''] ??
  'text'

const objectOf = ({
  properties = {},
  required = [],
  dependentRequired = {},
  oneOf,
  anyOf,
}: Described): Record<string, unknown> => {
  // The first of forms that exclude each other is shown, with the fields that belong to it.
  const [first, ...others] = oneOf ?? anyOf ?? []
  const excluded = oneOf === undefined ? [] : others.flatMap((form) => form.required ?? [])
  const isExcluded = (name: string): boolean =>
    [name, ...(dependentRequired[name] ?? [])].some((each) => excluded.includes(each))
  const shown = new Set([...required, ...(first?.required ?? [])])
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name, property]) => shown.has(name) || (property.examples !== undefined && !isExcluded(name)))
      .map(([name, property]) => [name, exampleOf(property)]),
  )
}

const OF_TYPE: Readonly<Record<string, (schema: Described) => unknown>> = {
  string: textOf,
  integer: ({ minimum = 1 }) => minimum,
  number: ({ minimum = 1.5 }) => minimum,
  boolean: () => true,
  null: () => null,
  array: ({ items }) => (items === undefined ? [] : [exampleOf(items)]),
  object: objectOf,
}

/**
 * A value that shows what a schema means: its own example where it has one, else one that is put together
 * from those of its fields. A test holds every example against its schema.
 */
export const exampleOf = (schema: Described): unknown => {
  const [own] = schema.examples ?? []
  if (own !== undefined) return own
  if (schema.default !== undefined) return schema.default
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return schema.enum[0]
  const type = typeof schema.type === 'object' ? schema.type[0] : schema.type
  const [form] = schema.anyOf ?? schema.oneOf ?? []
  if (type === undefined) return form === undefined ? {} : exampleOf(form)
  return OF_TYPE[type]?.(schema) ?? null
}
