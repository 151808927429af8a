type Plain = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])

const keysOf = (value: Plain): string[] => Object.keys(value).filter((key) => value[key] !== undefined)

const areSameObjects = (one: Plain, other: Plain): boolean =>
  keysOf(one).length === keysOf(other).length &&
  keysOf(one).every((key) => meansTheSame(one[key], other[key]))

const areSameLists = (one: readonly unknown[], other: readonly unknown[]): boolean => {
  if (one.length !== other.length) return false
  if (![...one, ...other].some(isObject)) {
    const [values, others] = [new Set(one.map(String)), new Set(other.map(String))]
    return values.size === others.size && [...values].every((value) => others.has(value))
  }
  const left = [...other]
  return one.every((value) => {
    const at = left.findIndex((each) => meansTheSame(value, each))
    if (at >= 0) left.splice(at, 1)
    return at >= 0
  })
}

/**
 * Whether two values of a policy file say the same: the order of keys and lists means nothing, `"x"` is
 * `["x"]`, and a number or a boolean is its text.
 */
export const meansTheSame = (one: unknown, other: unknown): boolean =>
  isObject(one) && isObject(other)
    ? areSameObjects(one, other)
    : isObject(one) === isObject(other) && areSameLists(asList(one), asList(other))

/** An item of a list that is to be written, and the present one that it continues, if there is one. */
export interface Continued {
  readonly from: number | undefined
  readonly value: unknown
}

/** What an object of a list is known by: its Sid, its name, or whom it selects. */
const nameOf = (value: unknown): string | undefined => {
  if (!isObject(value)) return undefined
  const { Sid, name, to } = value
  if (typeof Sid === 'string' || typeof name === 'string') return String(Sid ?? name)
  return isObject(to)
    ? JSON.stringify(
        Object.keys(to)
          .sort()
          .map((key) => [key, to[key]]),
      )
    : undefined
}

/**
 * The items of a list as it is to be, in the order of the present one: what stays or has only changed stands
 * where it stood, what is new comes last.
 */
export const continueList = (present: readonly unknown[], wanted: readonly unknown[]): Continued[] => {
  const free = new Set(present.keys())
  const from = new Map<number, number>()
  const pair = (matches: (one: unknown, other: unknown) => boolean): void => {
    for (const [index, value] of wanted.entries()) {
      if (from.has(index)) continue
      const at = [...free].find((each) => matches(present[each], value))
      if (at === undefined) continue
      from.set(index, at)
      free.delete(at)
    }
  }
  pair(meansTheSame)
  pair((one, other) => nameOf(one) !== undefined && nameOf(one) === nameOf(other))
  // One object that has no name, and one in its place: it has changed.
  if (free.size === 1 && from.size === wanted.length - 1)
    pair((one, other) => isObject(one) && isObject(other) && nameOf(one) === nameOf(other))
  return wanted
    .map((value, index) => ({ from: from.get(index), value }))
    .toSorted((a, b) => (a.from ?? Infinity) - (b.from ?? Infinity) || 0)
}

/** The members of an object that is to be written, as {@link continueList} has it for lists. */
export const continueObject = (
  keys: readonly string[],
  wanted: Plain,
): { readonly kept: readonly string[]; readonly added: readonly string[] } => ({
  kept: keys.filter((key) => wanted[key] !== undefined),
  added: keysOf(wanted).filter((key) => !keys.includes(key)),
})

/** Whether it is an object, and no list. */
export const isPlainObject = isObject
