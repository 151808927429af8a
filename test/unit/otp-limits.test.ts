import { expect, test } from 'vitest'
import { StoreFailure, type Store } from '../../daemon/ports/stores/index.ts'
import type { Deps } from '../../daemon/usecases/deps.ts'
import { createOtps } from '../../daemon/usecases/otp/send.ts'
import { takeLimits } from '../../daemon/usecases/limits.ts'

const ORIGIN = { ip: '198.51.100.7', userAgent: null, requestId: 'r' }

/** What use cases need of a daemon whose limits cannot be counted; what it stores and sends is kept. */
const withoutLimits = () => {
  const done: string[] = []
  const down = () => Promise.reject(new StoreFailure('unavailable', 'down'))
  const deps = {
    store: {
      limits: { take: down, takeAll: down },
      otps: { save: () => Promise.resolve(void done.push('saved')) },
    } as unknown as Store,
    clock: { now: () => 1_800_000_000_000 },
    settings: {
      limitsOn: true,
      defaultRegion: 'IN',
      otpNumbersPerAddress: 10,
      sms: { countries: new Set(['IN']), numberTypes: new Set(['mobile']), prices: { '*': 1 } },
    },
    audit: { record: () => undefined },
    deliver: () => void done.push('sent'),
  } as unknown as Deps
  return { deps, done }
}

test('F10: a code that cannot be counted is neither stored nor sent', async () => {
  const { deps, done } = withoutLimits()
  await expect(createOtps(deps).send({ number: '+919876543210', origin: ORIGIN })).rejects.toThrow(
    StoreFailure,
  )
  expect(done).toEqual([])
})

test('F10: a sign-in that cannot be counted goes no further', async () => {
  const { deps } = withoutLimits()
  const limit = { key: 'a', windows: [{ limit: 1, windowMs: 1 }] }
  await expect(takeLimits(deps, [limit], ORIGIN)).rejects.toThrow(StoreFailure)
})
