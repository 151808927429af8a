import { BlockList, isIP } from 'node:net'
import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns'

const reservedV4 = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  reservedV4.addSubnet(network, bits, 'ipv4')
}

/**
 * The only block from which global IPv6 addresses are given out. What lies outside is local, multicast, or an
 * IPv4 address in disguise.
 */
const globalV6 = new BlockList()
globalV6.addSubnet('2000::', 3, 'ipv6')

const reservedV6 = new BlockList()
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  reservedV6.addSubnet(network, bits, 'ipv6')
}

const mappedV4 = new BlockList()
mappedV4.addSubnet('::ffff:0:0', 96, 'ipv6')

/**
 * Whether an address is globally reachable: not private, loopback, link-local, reserved, multicast or a
 * translation of one (RFC 6890).
 */
export const isPublicAddress = (address: string): boolean => {
  const family = isIP(address)
  if (family === 0) return false
  if (family === 4) return !reservedV4.check(address, 'ipv4')
  // A block list judges a mapped address by its IPv4 rules too.
  if (mappedV4.check(address, 'ipv6')) return !reservedV4.check(address, 'ipv6')
  return globalV6.check(address, 'ipv6') && !reservedV6.check(address, 'ipv6')
}

type LookupCallback = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void
/** Resolves a name as `dns.lookup` does. */
export type Lookup = (hostname: string, options: LookupOptions, callback: LookupCallback) => void

/** The code of the error with which `publicLookup` refuses. */
export const PRIVATE_TARGET = 'EPRIVATETARGET'

/**
 * A DNS look-up for sockets that fails unless every answer is a public address. The socket connects to
 * exactly what was checked, so a name that answers differently a moment later (DNS rebinding) gains nothing.
 */
export const publicLookup =
  (resolve: Lookup = systemLookup): Lookup =>
  (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, [])
      const addresses = Array.isArray(found) ? found : []
      const [first] = addresses
      if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) {
        return callback(
          Object.assign(new Error('the host does not resolve to public addresses only'), {
            code: PRIVATE_TARGET,
          }),
          [],
        )
      }
      return options.all === true ? callback(null, addresses) : callback(null, first.address, first.family)
    })
  }
