// SPDX-License-Identifier: LGPL-3.0-or-later
import type { Network } from './values.ts'

/**
 * A network as its first and its last address: IPv4 as numbers, IPv6, which no number holds, as bigints.
 */
export interface AddressRange {
  readonly family: 4 | 6
  readonly from: number | bigint
  readonly to: number | bigint
}

/** The addresses of a network. */
export const rangeOf = ({ family, address, prefix }: Network): AddressRange => {
  const last = address + (1n << BigInt((family === 6 ? 128 : 32) - prefix)) - 1n
  return family === 6
    ? { family, from: address, to: last }
    : { family, from: Number(address), to: Number(last) }
}

/** In ascending order without those that lie in another: two networks share all of one of them or nothing. */
const outermost = (ranges: readonly AddressRange[]): AddressRange[] => {
  const kept: AddressRange[] = []
  const sorted = [...ranges].sort((a, b) =>
    a.from === b.from ? (a.to > b.to ? -1 : 1) : a.from < b.from ? -1 : 1,
  )
  for (const range of sorted) {
    const last = kept.at(-1)
    if (last === undefined || range.from > last.to) kept.push(range)
  }
  return kept
}

const search = (ranges: readonly AddressRange[], wanted: AddressRange): boolean => {
  let [low, high] = [0, ranges.length - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const range = ranges[middle] as AddressRange
    if (range.to < wanted.from) low = middle + 1
    else if (range.from > wanted.from) high = middle - 1
    else return wanted.to <= range.to
  }
  return false
}

/**
 * Whether an address, or a whole network, lies in one of these networks. Families never match each other.
 * Takes as many steps as the number of networks has binary digits.
 */
export const networksTest = (networks: readonly Network[]): ((wanted: AddressRange) => boolean) => {
  const ranges = networks.map(rangeOf)
  const v4 = outermost(ranges.filter(({ family }) => family === 4))
  const v6 = outermost(ranges.filter(({ family }) => family === 6))
  return (wanted) => search(wanted.family === 4 ? v4 : v6, wanted)
}
