import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { compileTrust, peerOf } from '../../daemon/http/peer.ts'

const from = (forwarded: string): IncomingMessage =>
  ({
    socket: { remoteAddress: '10.0.0.1' },
    headers: { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['198.51.100.1 , 203.0.113.7 ', '203.0.113.7'],
  ['198.51.100.1,,203.0.113.7,', '203.0.113.7'],
  ['', '10.0.0.1'],
])('behind one proxy that says %j the peer is %s', (forwarded, peer) => {
  expect(peerOf(from(forwarded), (_address, hop) => hop < 1)).toBe(peer)
})

test.each([
  ['198.51.100.1, 10.0.0.2', '198.51.100.1'],
  ['198.51.100.1:4711, 10.0.0.2:4712', '198.51.100.1:4711'],
  ['198.51.100.1, ::ffff:10.0.0.2, [fd00::2]:80', '198.51.100.1'],
  ['10.0.0.9, 198.51.100.1', '198.51.100.1'],
  ['198.51.100.1, unknown', 'unknown'],
  ['10.0.0.3, 10.0.0.2', '10.0.0.3'],
])('F3: behind listed proxies, however they spell each other in %j, the peer is %s', (forwarded, peer) => {
  expect(peerOf(from(forwarded), compileTrust(['::ffff:10.0.0.7/104', 'fd00::/8']))).toBe(peer)
})

test('a header of nothing but space between two letters costs no more than its length', () => {
  const forwarded = `a${' '.repeat(100_000)}b`
  expect(peerOf(from(forwarded), (_address, hop) => hop < 1)).toBe(forwarded)
})
