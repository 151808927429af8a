import { isInNetwork, parseNetwork } from '../../policies/index.ts'

type Address = NonNullable<ReturnType<typeof parseNetwork>>

/** `[address]` and `[address]:port`, as they stand in URLs and in some forwarded headers. */
const BRACKETED = /^\[([^\]]*)\](?::\d{1,5})?$/
const V4_AND_PORT = /^([\d.]+):\d{1,5}$/
const PADDED_OCTET = /(?<![\da-f:.])0+(?=\d{1,3}\.)|(?<=[.:])0+(?=\d{1,3}(?:\.|$))/gi

/**
 * An address in whatever spelling it comes: with brackets, a port, a zone, an octet that is padded with zeros
 * (read as decimal). An IPv4 address that is mapped into IPv6 is the IPv4 address. Undefined if it is none.
 */
const parseAddress = (text: string): Address | undefined => {
  const trimmed = text.trim()
  const bare = BRACKETED.exec(trimmed)?.[1] ?? V4_AND_PORT.exec(trimmed)?.[1] ?? trimmed
  const [withoutZone = ''] = bare.split('%', 1)
  if (withoutZone.includes('/')) return undefined
  return parseNetwork(withoutZone.includes('.') ? withoutZone.replace(PADDED_OCTET, '') : withoutZone)
}

/** An address, or a block of them in CIDR notation, in whatever spelling; undefined if it is none. */
export const parseBlock = (text: string): Address | undefined => {
  const [, before, bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const address = before === undefined ? undefined : parseAddress(before)
  if (address === undefined || bits === undefined) return address
  const isMapped = address.family === 4 && before?.includes(':') === true
  const prefix = Number(bits) - (isMapped ? 96 : 0)
  return prefix >= 0 && prefix <= address.prefix ? { ...address, prefix } : undefined
}

/** Whether a text is an address in one of the blocks. */
export const isInBlocks = (text: string, blocks: readonly Address[]): boolean => {
  const address = parseAddress(text)
  return address !== undefined && blocks.some((block) => isInNetwork(address, block))
}

const groupsOf = ({ address }: Address): string[] =>
  [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n].map((shift) => ((address >> shift) & 0xffffn).toString(16))

const dotted = ({ address }: Address): string =>
  [24n, 16n, 8n, 0n].map((shift) => String((address >> shift) & 0xffn)).join('.')

/** The one spelling of RFC 5952: URLs are written so. */
const shortened = (address: Address): string =>
  new URL(`http://[${groupsOf(address).join(':')}]`).hostname.slice(1, -1)

/**
 * The address of a peer in its one spelling, whatever a proxy wrote. Null when the peer is unknown, or when
 * what stands there is no address.
 */
export const peerAddress = (text: string | undefined): string | null => {
  const address = text === undefined ? undefined : parseAddress(text)
  if (address === undefined) return null
  return address.family === 4 ? dotted(address) : shortened(address)
}

/**
 * What limits count by: an IPv4 address as it is, an IPv6 address as its /64. All that is no address shares
 * one key, so that no spelling escapes a limit (F2).
 */
export const networkOf = (text: string | null): string => {
  const address = text === null ? undefined : parseAddress(text)
  if (address === undefined) return 'unknown'
  return address.family === 4 ? dotted(address) : `${groupsOf(address).slice(0, 4).join(':')}::/64`
}
