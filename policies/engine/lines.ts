// SPDX-License-Identifier: LGPL-3.0-or-later
import { localPartOf, type Operator } from '../language.ts'
import { rangeOf, type AddressRange } from './networks.ts'
import { exactNumber, parseDate, parseNetwork, parseNumber } from './values.ts'

/**
 * A number, an instant or an address as a whole place on a line. A double and a bigint compare by their
 * values.
 */
export type Ordinal = number | bigint

/** The places from one to another, both included. */
export interface Span {
  readonly from: Ordinal
  readonly to: Ordinal
}

/** The kinds of values that have an order. */
export type Line = 'number' | 'date' | 'ip'

/** How many of the texts that were read last are remembered. */
const REMEMBERED = 4

/**
 * Reads as the parser does, and remembers the last few texts: all statements that look at a key in one
 * question find its value read.
 */
const remembering = <T>(parse: (text: string) => T): ((text: string) => T) => {
  const texts: string[] = []
  const values: T[] = []
  let next = 0
  return (text) => {
    for (let i = 0; i < texts.length; i++) if (texts[i] === text) return values[i] as T
    const value = parse(text)
    texts[next] = text
    values[next] = value
    next = (next + 1) % REMEMBERED
    return value
  }
}

/** Whole numbers of which a double holds the millionths; most are. */
const SHORT = /^(?:0|[1-9]\d{0,8})$/

/** The number of a text, as {@link parseNumber} reads it. */
export const readNumber = remembering((text): Ordinal | undefined => {
  if (SHORT.test(text)) return Number(text) * 1e6
  const micros = parseNumber(text)
  return micros === undefined ? undefined : exactNumber(micros)
})

/** The instant of a text, as {@link parseDate} reads it. */
export const readDate = remembering((text): Ordinal | undefined => parseDate(text))

/** The addresses of a text, as {@link parseNetwork} reads it. */
export const readAddress = remembering((text): AddressRange | undefined => {
  const network = parseNetwork(text)
  return network && rangeOf(network)
})

/** IPv6 stands above all of IPv4. */
const V6 = 1n << 32n

const placed = ({ family, from, to }: AddressRange): Span =>
  family === 4 ? { from, to } : { from: BigInt(from) + V6, to: BigInt(to) + V6 }

/** The place of the value of a text, or the places of a network. Undefined: the text is none. */
export const spanOf = (line: Line, text: string): Span | undefined => {
  if (line === 'ip') {
    const range = readAddress(text)
    return range && placed(range)
  }
  const place = line === 'number' ? readNumber(text) : readDate(text)
  return place === undefined ? undefined : { from: place, to: place }
}

const isLine = (family: Operator['family']): family is Line =>
  family === 'number' || family === 'date' || family === 'ip'

/** All places are whole: the one before and the one behind. */
const before = (place: Ordinal): Ordinal => (typeof place === 'bigint' ? place - 1n : place - 1)
const behind = (place: Ordinal): Ordinal => (typeof place === 'bigint' ? place + 1n : place + 1)

/**
 * The values that meet the operator with one of these texts, its negation aside. Undefined: the operator is
 * about nothing that has an order.
 */
export const spansOf = (
  operator: Operator,
  texts: readonly string[],
): { readonly line: Line; readonly spans: readonly Span[] } | undefined => {
  const { family, compare } = operator
  if (!isLine(family) || localPartOf(operator) !== undefined) return undefined
  const spans = texts.flatMap((text): Span[] => {
    const span = spanOf(family, text)
    if (span === undefined) return []
    const { from, to } = span
    if (compare === 'lt' || compare === 'le')
      return [{ from: -Infinity, to: compare === 'le' ? to : before(to) }]
    if (compare === 'gt' || compare === 'ge')
      return [{ from: compare === 'ge' ? from : behind(from), to: Infinity }]
    return [span]
  })
  return { line: family, spans }
}
