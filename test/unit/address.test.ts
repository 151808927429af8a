import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { networkOf, peerAddress } from '../../daemon/domain/address.ts'

describe('F2: what limits count by', () => {
  test.each([
    '203.0.113.5',
    '203.0.113.5:4711',
    '[203.0.113.5]:4711',
    ' 203.0.113.5 ',
    '203.000.113.005',
    '::ffff:203.0.113.5',
    '::FFFF:203.0.113.5',
    '::ffff:203.0.113.005',
    '::ffff:cb00:7105',
    '0:0:0:0:0:ffff:cb00:7105',
    '0000:0000:0000:0000:0000:FFFF:CB00:7105',
    '::0:ffff:203.0.113.5%eth0',
    '[::ffff:203.0.113.5]',
    '[::ffff:203.0.113.5]:443',
    '[0:0:0:0:0:FFFF:203.0.113.5%2]:443',
  ])('%s is 203.0.113.5', (spelling) => {
    expect(networkOf(spelling)).toBe('203.0.113.5')
    expect(peerAddress(spelling)).toBe('203.0.113.5')
  })

  test('each of the 65,536 last groups of one /64, in several spellings, has the same key', () => {
    const keys = new Set<string>()
    for (let last = 0; last < 65_536; last++) {
      const group = last.toString(16)
      keys.add(networkOf(`2001:db8:1:2::${group}`))
      if (last % 16 === 0) {
        keys.add(networkOf(`[2001:0DB8:0001:0002:0:0:ffff:${group.toUpperCase()}]:80`))
        keys.add(networkOf(`2001:db8:1:2:ffff:ffff:ffff:${group}%en0`))
      }
    }
    expect([...keys]).toEqual(['2001:db8:1:2::/64'])
    expect(networkOf('2001:db8:1:3::1')).toBe('2001:db8:1:3::/64')
  })

  test.each([
    '',
    'unknown',
    '_hidden',
    'localhost',
    '256.1.1.1',
    '1.2.3',
    '1.2.3.4.5',
    '0x7f.0.0.1',
    '2130706433',
    '10.0.0.0/8',
    '::1::2',
    '1:2:3:4:5:6:7:8:9',
    '[::1',
    '1.2.3.4:port',
    '1.2.3.4, 5.6.7.8',
    'g::1',
    '\0',
  ])('%j shares the key of all that is no address', (text) => {
    expect(networkOf(text)).toBe('unknown')
    expect(peerAddress(text)).toBeNull()
  })

  test('whatever is sent becomes a canonical key, and a key is its own key', () => {
    const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.ipV4(),
          fc.ipV6(),
          octets.map((o) => o.join('.')),
        ),
        (text) => {
          const key = networkOf(text)
          expect(key).toMatch(/^(?:unknown|[\d.]+|[0-9a-f:]+::\/64)$/)
          const address = peerAddress(text)
          expect(peerAddress(address ?? undefined)).toBe(address)
          expect(networkOf(address)).toBe(key)
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('an address of IPv6 has the one spelling of RFC 5952', () => {
    expect(peerAddress('2001:DB8:0:0:1:0:0:1')).toBe('2001:db8::1:0:0:1')
    expect(peerAddress('fe80::1%eth0')).toBe('fe80::1')
    expect(peerAddress('[::1]:8000')).toBe('::1')
  })
})
