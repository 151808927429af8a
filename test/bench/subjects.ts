import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { bootstrap, PASSWORD, signedIn } from '../support/accounts.ts'
import { createApi } from '../support/api.ts'
import type { Outcome, Plan } from './load.ts'
import type { FloorName } from './report.ts'

export type SubjectName = 'token check' | 'OTP send' | 'OTP verify' | 'password login' | 'token refresh'

/** One thing that is measured against a floor. */
export interface Subject {
  readonly name: SubjectName
  /** The share of the floor's rate to reach; undefined: none is set. */
  readonly aim: number | undefined
  readonly floor: FloorName
  /** Subjects that need what this one leaves behind. */
  readonly feeds?: readonly SubjectName[]
  readonly plan: () => Plan | Promise<Plan>
  readonly after?: (outcome: Outcome) => void | Promise<void>
}

/** More than can be sent in the time. */
const NUMBERS_PER_SECOND = 8000
const OUTBOX_WAIT_MS = 10_000
const LOGIN_BODY = JSON.stringify({ username: 'root', password: PASSWORD })

/** Valid Indian mobile numbers, each given out once. */
export const createNumbers = () => {
  let next = 9_800_000_000
  return (count: number): string[] => {
    const numbers: string[] = []
    for (; numbers.length < count; next++)
      if (parsePhoneNumberFromString(`+91${next}`)?.isValid() === true) numbers.push(`+91${next}`)
    return numbers
  }
}

const codesIn = (outbox: string): Map<string, string> => {
  const codes = new Map<string, string>()
  for (const line of readFileSync(outbox, 'utf8').trimEnd().split('\n')) {
    const { number, code } = JSON.parse(line) as { number: string; code: string }
    codes.set(number, code)
  }
  return codes
}

/** The codes that were sent to the numbers, once the outbox has no more to come. */
export const awaitCodes = async (dataDir: string, sent: readonly string[]): Promise<Map<string, string>> => {
  const outbox = join(dataDir, 'outbox.jsonl')
  const deadline = Date.now() + OUTBOX_WAIT_MS
  for (;;) {
    const codes = codesIn(outbox)
    const missing = sent.filter((number) => !codes.has(number))
    if (missing.length === 0) return codes
    if (Date.now() > deadline) throw new Error(`${missing.length} codes were not delivered`)
    await sleep(100)
  }
}

/** The subjects of one daemon, in the order in which a round measures them. */
export const createSubjects = async (
  { urls, dataDir }: { urls: readonly string[]; dataDir: string },
  { connections, seconds }: { connections: number; seconds: number },
): Promise<Subject[]> => {
  const api = createApi(urls[0] ?? '')
  const root = await bootstrap(api, dataDir)
  const chains: string[] = []
  for (let index = 0; index < connections; index++)
    chains.push(signedIn(await api.call('POST', '/auth/superadmin/login', { raw: LOGIN_BODY })).refresh)
  const numbersOf = createNumbers()
  const base = { urls, connections, seconds, method: 'POST' } as const
  let tokens: readonly string[] = chains
  let sent: string[] = []
  let unused: string[] = []

  return [
    {
      name: 'token check',
      aim: 0.6,
      floor: 'bare express',
      plan: () => ({
        ...base,
        method: 'GET',
        path: '/auth/me',
        token: root.access,
        bodies: { kind: 'repeat' },
      }),
    },
    {
      name: 'OTP send',
      aim: 0.45,
      floor: 'bare express',
      feeds: ['OTP verify'],
      plan: () => {
        unused = [...unused, ...numbersOf(Math.ceil(NUMBERS_PER_SECOND * seconds) - unused.length)]
        const bodies = unused.map((number) => JSON.stringify({ number }))
        return { ...base, path: '/auth/otp/send', bodies: { kind: 'once', bodies } }
      },
      after: ({ requests }) => {
        sent = unused.slice(0, requests)
        unused = unused.slice(requests)
      },
    },
    {
      name: 'OTP verify',
      aim: 0.35,
      floor: 'bare express',
      plan: async () => {
        const codes = await awaitCodes(dataDir, sent)
        const bodies = sent.map((number) => JSON.stringify({ number, otp: codes.get(number) }))
        return { ...base, path: '/auth/user/login', bodies: { kind: 'once', bodies } }
      },
    },
    {
      name: 'token refresh',
      aim: undefined,
      floor: 'bare express',
      plan: () => ({ ...base, path: '/auth/token/refresh', bodies: { kind: 'refresh', tokens } }),
      after: (outcome) => {
        tokens = outcome.tokens
      },
    },
    {
      name: 'password login',
      aim: 0.97,
      floor: 'raw argon2',
      plan: () => ({
        ...base,
        connections: 4 * availableParallelism(),
        path: '/auth/superadmin/login',
        bodies: { kind: 'repeat', body: LOGIN_BODY },
      }),
    },
  ]
}
