import type { Catalogue } from '../catalogue.ts'
import type { OwnedLayer } from '../engine/decide.ts'
import { structureOf, type Placed } from './placed.ts'

/** What an account may do in one state. */
export interface Side {
  readonly layers: readonly OwnedLayer[]
  /** The statements that questions tell apart: those of the layers at least. */
  readonly placed: readonly Placed[]
  readonly catalogue: Catalogue
}

/** Whether it is worth to ask about requests for which these statements fail, as bits. */
export type Worth = (failing: bigint) => boolean

/** The Allows of each layer, as bits: each needs one. Undefined if no service declares the action there. */
const allowsOf = (
  { layers, placed, catalogue }: Side,
  name: string,
  bitOf: (each: Placed) => bigint,
): readonly bigint[] | undefined => {
  if (!catalogue.actions.has(name)) return undefined
  const allows = new Map<OwnedLayer, bigint>(layers.map((layer) => [layer, 0n]))
  for (const each of placed) {
    const known = allows.get(each.owned)
    if (known !== undefined && each.statement.effect === 'Allow') allows.set(each.owned, known | bitOf(each))
  }
  return [...allows.values()]
}

/** Whether two states answer the same as long as the same statements are asked: they have the same layers. */
const areLike = (sides: readonly Side[], name: string): boolean => {
  const [first, ...others] = sides.map(({ layers, catalogue }) =>
    JSON.stringify([structureOf(layers), catalogue.actions.get(name)?.resources ?? null]),
  )
  return others.every((other) => other === first)
}

/**
 * What is worth a question about an action, by which of these statements fail: that a state may allow it, and
 * if there are several, that a statement holds which not all of them have.
 */
export const createWorth = (sides: readonly Side[], name: string, about: readonly Placed[]): Worth => {
  const bits = new Map(about.map(({ id }, i) => [id, 1n << BigInt(i)]))
  const bitOf = ({ id }: Placed): bigint => bits.get(id) ?? 0n
  const allows = sides.flatMap((side) => {
    const layers = allowsOf(side, name, bitOf)
    return layers === undefined ? [] : [layers]
  })
  const mayAllow: Worth = (failing) =>
    allows.some((layers) => layers.every((statements) => (statements & ~failing) !== 0n))
  if (sides.length === 1 || !areLike(sides, name)) return mayAllow
  const has = sides.map(({ placed }) => placed.reduce((all, each) => all | bitOf(each), 0n))
  const shared = has.reduce((some, each) => some & each)
  const differing = has.reduce((some, each) => some | each) & ~shared
  return (failing) => (differing & ~failing) !== 0n && mayAllow(failing)
}
