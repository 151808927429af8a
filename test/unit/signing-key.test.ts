import { expect, test } from 'vitest'
import { keyStates, RETIRING_MS, type KeyTimes } from '../../daemon/domain/signing-key.ts'

const T0 = 1_800_000_000_000
const first: KeyTimes = { sequence: 1, activeFrom: T0, revokedAt: null }
const second: KeyTimes = { sequence: 2, activeFrom: T0 + 1000, revokedAt: null }
const statesAt = (keys: readonly KeyTimes[], now: number) => [...keyStates(keys, now).values()]

test('a rotated key waits, signs from its time on, and its predecessor verifies as long as a token of it can live', () => {
  const keys = [second, first]
  expect(statesAt([first], T0)).toEqual(['active'])
  expect(statesAt(keys, T0 + 999)).toEqual(['active', 'next'])
  expect(statesAt(keys, T0 + 1000)).toEqual(['retiring', 'active'])
  expect(statesAt(keys, T0 + 1000 + RETIRING_MS - 1)).toEqual(['retiring', 'active'])
  expect(statesAt(keys, T0 + 1000 + RETIRING_MS)).toEqual(['retired', 'active'])
})

test('a revoked key is nothing else, whenever it is looked at; the newest other one signs', () => {
  const revoked = { ...second, revokedAt: T0 + 2000 }
  expect(statesAt([first, revoked], T0 + 500)).toEqual(['active', 'revoked'])
  expect(statesAt([first, revoked], T0 + 3000)).toEqual(['active', 'revoked'])
  const third = { sequence: 3, activeFrom: T0 + 2000, revokedAt: null }
  expect(statesAt([first, revoked, third], T0 + 3000)).toEqual(['retiring', 'revoked', 'active'])
})

test('a key that was overtaken while it waited never signs', () => {
  const waiting = { sequence: 2, activeFrom: T0 + 600_000, revokedAt: null }
  const third = { sequence: 3, activeFrom: T0 + 1000, revokedAt: null }
  expect(statesAt([first, waiting, third], T0 + 500)).toEqual(['active', 'next', 'next'])
  expect(statesAt([first, waiting, third], T0 + 1000)).toEqual(['retiring', 'retiring', 'active'])
  expect(statesAt([first, waiting, third], T0 + 700_000)).toEqual(['retiring', 'retiring', 'active'])
})
