import { expect, test } from 'vitest'
import { fuzz } from '../fuzz/run.ts'
import { signInUser } from '../support/accounts.ts'
import { NEEDS_REPLICAS, testMongoUri } from '../support/mongo.ts'
import { useFamily, type FamilyHome } from '../support/family.ts'

/** A million take a quarter of an hour and more: `npm run fuzz`. */
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 2000)
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_101)

let home: FamilyHome
useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (made) => (home = made))

test(
  'H14: generated requests get no error of the server and no answer that the document does not describe',
  { timeout: 60_000 + REQUESTS * 20 },
  async () => {
    const { daemon, family } = home
    const { found, statuses, sent, coverage } = await fuzz({
      url: daemon.url,
      requests: REQUESTS,
      without: testMongoUri() === undefined ? [] : NEEDS_REPLICAS,
      seed: SEED,
      root: { username: 'root', id: family.root.id },
      signInUser: (number) => signInUser(daemon, number),
      codeOf: (number) => daemon.sms.messages.findLast(({ phone }) => phone === number)?.code,
    })
    expect(found).toEqual([])
    expect(sent).toBeGreaterThanOrEqual(REQUESTS)
    expect(coverage.neverDone(), coverage.table()).toEqual([])
    // Requests that are all refused at the door would show nothing.
    expect(statuses['200'] ?? 0).toBeGreaterThan(REQUESTS / 20)
    expect(statuses['400'] ?? 0).toBeGreaterThan(REQUESTS / 20)
    expect(daemon.log.lines.filter(({ level }) => level === 'error')).toEqual([])
  },
)
