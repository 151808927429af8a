import type { Chance } from './chance.ts'

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const changeField = (
  value: Record<string, unknown>,
  name: string,
  { chance, foreign }: Mutation,
): unknown => {
  const { [name]: own, ...others } = value
  switch (chance.below(6)) {
    case 0:
      return others
    case 1:
      return { ...others, [`${name}x`]: own }
    case 2:
      return {
        ...value,
        [(typeof foreign === 'string' ? foreign : JSON.stringify(foreign)).slice(0, 30)]: foreign,
      }
    case 3:
      return { ...value, [name]: foreign }
    default:
      return { ...others, [name]: mutate(own, { chance, foreign }) }
  }
}

interface Mutation {
  readonly chance: Chance
  /** What is put in. */
  readonly foreign: unknown
}

/** One change somewhere in a value: a field that is missing, surplus, misspelt or of another type. */
export const mutate = (value: unknown, mutation: Mutation): unknown => {
  const { chance, foreign } = mutation
  if (Array.isArray(value)) {
    const items = value as unknown[]
    if (items.length === 0 || chance.once(3)) return [...items, foreign]
    const at = chance.below(items.length)
    return items.map((item, index) => (index === at ? mutate(item, mutation) : item))
  }
  if (!isRecord(value)) return foreign
  const names = Object.keys(value)
  return names.length === 0 ? { extra: foreign } : changeField(value, chance.pick(names), mutation)
}
