import type { IncomingMessage } from 'node:http'
import { isInBlocks, parseBlock } from '../domain/address.ts'

/** Whether the address that is so many hops away is a proxy whose word on the next one is taken. */
export type TrustHop = (address: string, hop: number) => boolean

/**
 * Which hops are proxies: so many, or those at the listed addresses and blocks, however a proxy spells the
 * one before it.
 */
export const compileTrust = (trustProxy: number | readonly string[]): TrustHop => {
  if (typeof trustProxy === 'number') return (_address, hop) => hop < trustProxy
  const blocks = trustProxy.map(parseBlock).filter((block) => block !== undefined)
  return (address) => isInBlocks(address, blocks)
}

const forwardedFor = (header: string | string[] | undefined): string[] =>
  String(header ?? '')
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '')
    .toReversed()

/**
 * The address of the peer that a request comes from: of the hops that `X-Forwarded-For` names, nearest first,
 * the first that is not trusted, or the last there is. Undefined when the connection is already gone.
 */
export const peerOf = (request: IncomingMessage, isTrusted: TrustHop): string | undefined => {
  const nearest = request.socket.remoteAddress
  if (nearest === undefined || !isTrusted(nearest, 0)) return nearest
  const hops = [nearest, ...forwardedFor(request.headers['x-forwarded-for'])]
  return hops.find((address, hop) => hop === hops.length - 1 || !isTrusted(address, hop))
}
