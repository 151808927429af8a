import { describe, expect, test } from 'vitest'
import { createClient } from '../../sdk/index.ts'
import { createDecider } from '../../sdk/local/index.ts'
import { createKeySet, createRevocations, createVerifier } from '../../sdk/server/index.ts'
import { cookieStorage, createSession } from '../../sdk/session/index.ts'
import { createWebhooks } from '../../sdk/webhooks/index.ts'

const BASE = { baseUrl: 'http://x' }
const ISSUER = { issuer: 'http://x' }
/** Ends what follows a daemon, which is not there, at once. */
const following = () => ({
  ...ISSUER,
  client: createClient({ ...BASE, fetch: () => Promise.reject(new Error()) }),
})

/** Every option of the SDK that is a number, and the least that it can be. */
const NUMBERS: readonly [name: string, least: number, make: (number: Record<string, number>) => unknown][] = [
  ...(['timeoutMs', 'deadlineMs'] as const).flatMap((name): typeof NUMBERS => [
    [name, 1, (number) => createClient({ ...BASE, ...number })],
    [name, 1, (number) => createSession({ ...BASE, ...number }).dispose()],
  ]),
  ['retries', 0, (number) => createClient({ ...BASE, ...number })],
  ['timeoutMs', 1, (number) => createKeySet({ ...ISSUER, ...number })],
  ['timeoutMs', 1, (number) => createVerifier({ ...ISSUER, keySet: createKeySet(ISSUER), ...number })],
  ['clockToleranceSeconds', 0, (number) => createVerifier({ ...ISSUER, ...number })],
  ['rememberedTokens', 0, (number) => createVerifier({ ...ISSUER, ...number })],
  ['maxStalenessMs', 0, (number) => createRevocations({ ...following(), ...number }).close()],
  ['maxStalenessMs', 0, (number) => createDecider({ ...following(), ...number }).close()],
  ['maxAccounts', 1, (number) => createDecider({ ...following(), ...number }).close()],
  ['toleranceSeconds', 0, (number) => createWebhooks({ secrets: ['whsec_dGVzdA=='], ...number })],
  ['maxAgeSeconds', 1, (number) => cookieStorage(number)],
]

describe('a number that would switch off what it limits is refused when it is given', () => {
  test.each(NUMBERS)('%s, at least %i', async (name, least, make) => {
    for (const number of [Number.NaN, least - 1, -Infinity])
      expect(() => make({ [name]: number })).toThrow(
        expect.objectContaining({
          name: 'ArgumentError',
          code: 'invalid_argument',
          message: `${name} must be at least ${least}`,
        }),
      )
    await make({ [name]: least })
  })
})
