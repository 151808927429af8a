interface Segment {
  /** A parameter's name, or the text that stands here. */
  readonly text: string
  readonly isParameter: boolean
}

interface Pattern<T> {
  readonly segments: readonly Segment[]
  readonly value: T
}

/** A template that fits a path. */
export interface Match<T> {
  readonly value: T
  /** Its parameters, decoded; throws `URIError` where the path is not text in percent-encoded UTF-8. */
  readonly params: () => Readonly<Record<string, string>>
}

const segmentsOf = (template: string): readonly Segment[] =>
  template
    .slice(1)
    .split('/')
    .map((part) => {
      const [, name] = /^\{(\w+)\}$/.exec(part) ?? []
      return { text: name ?? part, isParameter: name !== undefined }
    })

const paramsOf = (segments: readonly Segment[], parts: readonly string[]): Record<string, string> => {
  const params: Record<string, string> = {}
  for (const [index, { text, isParameter }] of segments.entries())
    if (isParameter) params[text] = decodeURIComponent(parts[index] ?? '')
  return params
}

const matchOf = <T>({ segments, value }: Pattern<T>, parts: readonly string[]): Match<T> | undefined => {
  for (const [index, { text, isParameter }] of segments.entries()) {
    const part = parts[index] ?? ''
    if (isParameter ? part === '' : part !== text) return undefined
  }
  return { value, params: () => paramsOf(segments, parts) }
}

/**
 * Compiles path templates such as `/accounts/{id}`. What it answers finds every template that fits a path, in
 * the order of `templates`; a parameter stands for one segment that is not empty, letters count as they are,
 * and one slash at the end is passed over.
 */
export const compileMatcher = <T>(
  templates: readonly (readonly [template: string, value: T])[],
): ((path: string) => readonly Match<T>[]) => {
  const patterns = templates.map(([template, value]) => ({ segments: segmentsOf(template), value }))
  const search = (path: string, among: readonly Pattern<T>[]): Match<T>[] => {
    const parts = path.slice(1).split('/')
    return among.flatMap((pattern) =>
      pattern.segments.length === parts.length ? (matchOf(pattern, parts) ?? []) : [],
    )
  }
  const withParameters = patterns.filter(({ segments }) => segments.some(({ isParameter }) => isParameter))
  const fixed = new Map(
    templates
      .filter(([template]) => !template.includes('{'))
      .map(([template]) => [template, search(template, patterns)]),
  )
  const find = (path: string): readonly Match<T>[] => fixed.get(path) ?? search(path, withParameters)
  return (path) => (path.length > 1 && path.endsWith('/') ? find(path.slice(0, -1)) : find(path))
}
