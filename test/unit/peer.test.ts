import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { peerOf } from '../../daemon/http/peer.ts'

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

test('a header of nothing but space between two letters costs no more than its length', () => {
  const forwarded = `a${' '.repeat(100_000)}b`
  expect(peerOf(from(forwarded), (_address, hop) => hop < 1)).toBe(forwarded)
})
