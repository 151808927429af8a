// SPDX-License-Identifier: LGPL-3.0-or-later
const NUMBER = /^-?(0|[1-9]\d{0,14})(\.\d{1,6})?$/
const DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/
const EPOCH = /^\d{1,11}$/
const MICRO = 1_000_000n
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER)

/**
 * A decimal number in millionths, exactly: `-?(0|[1-9]\d{0,14})(\.\d{1,6})?`. Undefined if it is none.
 * Doubles would hold 15 + 6 digits only roughly, and two limits that differ would compare as equal.
 */
export const parseNumber = (text: string): bigint | undefined => {
  if (!NUMBER.test(text)) return undefined
  const isNegative = text.startsWith('-')
  const [whole = '0', fraction = ''] = (isNegative ? text.slice(1) : text).split('.')
  const micros = BigInt(whole) * MICRO + BigInt(fraction.padEnd(6, '0'))
  return isNegative ? -micros : micros
}

/** Beyond this a double has no six decimals, and a number no text of the language. */
export const MAX_NUMBER = 1e15

/**
 * The text of a number of JavaScript, rounded to the six decimals of the language, so that a sum of prices is
 * compared as the price that it is meant to be. A number that the language cannot write keeps its own text,
 * which {@link parseNumber} refuses.
 */
export const numberText = (value: number): string => {
  if (Number.isInteger(value) || !(Math.abs(value) < MAX_NUMBER)) return String(value)
  const text = value.toFixed(6).replace(/\.?0+$/, '')
  return text === '-0' ? '0' : text
}

const isCalendarDay = (text: string): boolean => {
  const day = text.slice(0, 10)
  const [month, number] = [Number(text.slice(5, 7)), Number(text.slice(8, 10))]
  if (number >= 1 && number <= 28) return month >= 1 && month <= 12
  const read = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(day)
}

/**
 * An instant in whole milliseconds since 1970: ISO 8601 with `Z` or an offset, or epoch seconds of at most 11
 * digits. Undefined if it is none.
 */
export const parseDate = (text: string): number | undefined => {
  if (EPOCH.test(text)) return Number(text) * 1000
  if (!DATE.test(text) || !isCalendarDay(text)) return undefined
  const instant = Date.parse(text)
  return Number.isNaN(instant) ? undefined : instant
}

/** `true` or `false`, written exactly so; undefined for any other string. */
export const parseBool = (text: string): boolean | undefined =>
  text === 'true' ? true : text === 'false' ? false : undefined

/**
 * The number of millionths as a double where that is exact. A double and a bigint compare by their values,
 * and only what no double holds stays a bigint, so that equal numbers are the same.
 */
export const exactNumber = (micros: bigint): number | bigint =>
  micros >= -MAX_SAFE && micros <= MAX_SAFE ? Number(micros) : micros

/**
 * A network: the address as a number, and how many of its leading bits count. An address is a network of all
 * its bits.
 */
export interface Network {
  readonly family: 4 | 6
  readonly address: bigint
  readonly prefix: number
}

const V4_MAPPED = 0xffff00000000n
const OCTET = /^(?:0|[1-9]\d{0,2})$/
const GROUP = /^[0-9a-fA-F]{1,4}$/

const V4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/

const parseV4 = (text: string): bigint | undefined => {
  const octets = V4.exec(text)
  if (octets === null) return undefined
  let sum = 0
  for (let i = 1; i <= 4; i++) {
    const octet = Number(octets[i])
    if (octet > 255) return undefined
    sum = sum * 256 + octet
  }
  return BigInt(sum)
}

/** The groups of one side of `::`; at the end of the address a dotted IPv4 tail is two groups. */
const groupsOf = (side: string, isLast: boolean): bigint[] | undefined => {
  if (side === '') return []
  const groups: bigint[] = []
  const parts = side.split(':')
  for (const [index, part] of parts.entries()) {
    const tail = isLast && index === parts.length - 1 && part.includes('.') ? parseV4(part) : undefined
    if (tail !== undefined) groups.push(tail >> 16n, tail & 0xffffn)
    else if (GROUP.test(part)) groups.push(BigInt(`0x${part}`))
    else return undefined
  }
  return groups
}

const parseV6 = (text: string): bigint | undefined => {
  const sides = text.split('::')
  if (sides.length > 2) return undefined
  const [head, tail] = [groupsOf(sides[0] ?? '', sides.length === 1), groupsOf(sides[1] ?? '', true)]
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (sides.length === 2 ? missing < 1 : missing !== 0) return undefined
  return [...head, ...Array.from({ length: missing }, () => 0n), ...tail].reduce(
    (sum, group) => (sum << 16n) + group,
    0n,
  )
}

/**
 * An address or CIDR block, IPv4 or IPv6; an IPv4-mapped IPv6 address is the IPv4 one. Undefined if it is
 * none, or if bits beyond the prefix are set.
 */
export const parseNetwork = (text: string): Network | undefined => {
  const [addressText = '', prefixText, ...rest] = text.split('/')
  if (rest.length > 0) return undefined
  const isV6 = addressText.includes(':')
  const address = isV6 ? parseV6(addressText) : parseV4(addressText)
  const bits = isV6 ? 128 : 32
  if (address === undefined) return undefined
  if (prefixText !== undefined && !OCTET.test(prefixText)) return undefined
  const prefix = prefixText === undefined ? bits : Number(prefixText)
  if (prefix > bits) return undefined
  if ((address & ((1n << BigInt(bits - prefix)) - 1n)) !== 0n) return undefined
  if (isV6 && prefix >= 96 && address >> 32n === V4_MAPPED >> 32n)
    return { family: 4, address: address & 0xffffffffn, prefix: prefix - 96 }
  return { family: isV6 ? 6 : 4, address, prefix }
}

/** Whether the address lies in the network; families never match each other. */
export const isInNetwork = (address: Network, network: Network): boolean => {
  if (address.family !== network.family || address.prefix < network.prefix) return false
  const shift = BigInt((network.family === 6 ? 128 : 32) - network.prefix)
  return address.address >> shift === network.address >> shift
}
