import type { Operator } from '../language.ts'
import { parseDate, parseNetwork, parseNumber } from '../engine/values.ts'

/** A run of whole values, both ends included. */
interface Span {
  readonly from: bigint
  readonly to: bigint
}

/** Values of an ordered kind as runs in ascending order that do not touch. */
export type Spans = readonly Span[]

const FIRST = -(1n << 200n)
const LAST = 1n << 200n

/** Every value. */
export const ALL: Spans = [{ from: FIRST, to: LAST }]

const unite = (spans: readonly Span[]): Spans => {
  const all: Span[] = []
  for (const span of spans.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = all.at(-1)
    if (last === undefined || last.to + 1n < span.from) all.push(span)
    else if (span.to > last.to) all[all.length - 1] = { from: last.from, to: span.to }
  }
  return all
}

/** All values but these. */
export const complement = (spans: Spans): Spans => {
  const rest: Span[] = []
  let from = FIRST
  for (const span of spans) {
    if (from < span.from) rest.push({ from, to: span.from - 1n })
    from = span.to + 1n
  }
  return from <= LAST ? [...rest, { from, to: LAST }] : rest
}

/** The values that are in both. */
export const intersect = (one: Spans, other: Spans): Spans =>
  one.flatMap((a) =>
    other.flatMap((b) => {
      const from = a.from > b.from ? a.from : b.from
      const to = a.to < b.to ? a.to : b.to
      return from <= to ? [{ from, to }] : []
    }),
  )

/** Whether all values of the first are in the second. */
export const isInside = (inner: Spans, outer: Spans): boolean =>
  inner.every((a) => outer.some((b) => b.from <= a.from && a.to <= b.to))

/** IPv6 stands above all of IPv4. */
const V6 = 1n << 40n

const networkSpan = (text: string): Span | undefined => {
  const network = parseNetwork(text)
  if (network === undefined) return undefined
  const { family, address, prefix } = network
  const from = family === 6 ? V6 + address : address
  return { from, to: from + (1n << BigInt((family === 6 ? 128 : 32) - prefix)) - 1n }
}

/** The kinds of values that have an order. */
export type Ordered = 'number' | 'date' | 'ip'

/** A value of an ordered kind; an address as a run of one. Undefined: the text is none. */
export const spanOf = (family: Ordered, text: string): Span | undefined => {
  if (family === 'ip') return networkSpan(text)
  const read = family === 'number' ? parseNumber(text) : parseDate(text)
  return read === undefined ? undefined : { from: BigInt(read), to: BigInt(read) }
}

/** What an operator, without its negation, accepts for one or another of these texts. */
export const spansOf = (family: Ordered, { compare }: Operator, texts: readonly string[]): Spans =>
  unite(
    texts.flatMap((text) => {
      const span = spanOf(family, text)
      if (span === undefined) return []
      const { from, to } = span
      if (compare === 'lt') return [{ from: FIRST, to: to - 1n }]
      if (compare === 'le') return [{ from: FIRST, to }]
      if (compare === 'gt') return [{ from: from + 1n, to: LAST }]
      return compare === 'ge' ? [{ from, to: LAST }] : [span]
    }),
  )
