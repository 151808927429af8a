import { parseNetwork } from '../../policies/index.ts'

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/**
 * The address of a peer: of one that is mapped into IPv6 the IPv4 address, and without a zone. Null when the
 * peer is unknown.
 */
export const peerAddress = (address: string | undefined): string | null => {
  if (address === undefined) return null
  const [, mapped] = MAPPED.exec(address) ?? []
  return mapped ?? address.split('%', 1)[0] ?? null
}

/** What limits count by: an IPv4 address as it is, an IPv6 address as its /64, in one spelling. */
export const networkOf = (address: string | null): string => {
  if (address === null) return 'unknown'
  const parsed = parseNetwork(address)
  if (parsed?.family !== 6) return address
  const groups = [112n, 96n, 80n, 64n].map((shift) => ((parsed.address >> shift) & 0xffffn).toString(16))
  return `${groups.join(':')}::/64`
}
