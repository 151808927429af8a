import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { type SignedIn, signedIn } from './accounts.ts'
import type { Answer, Api } from './api.ts'
import { numberOf } from './outbox.ts'
import type { RunningDaemon } from './running-daemon.ts'

/**
 * How often something is ended through one daemon and tried on another; the bar (C13) is a thousand rounds:
 * `LIVE_ROUNDS=1000 npx vitest run test/security/revocation test/mongodb/races`.
 */
const ROUNDS = Number(process.env['LIVE_ROUNDS'] ?? 12)
/** Requests that each daemon has in hand all the time. */
const LOAD_EACH = 2
const STOPPED_MS = 150
/** Every so many rounds, the daemon that is asked stands still while something is ended. */
const STOP_EVERY = 6
const EVERY = 100
const RETRY_MS = 50
/** Far from the numbers of other tests. */
const FIRST_NUMBER = 500_000

/** Daemons on one store, and who may end everything there. */
export interface LiveState {
  readonly apis: readonly Api[]
  readonly daemons: readonly RunningDaemon[]
  readonly root: SignedIn
  /** Done in the middle of every hundred rounds, while they go on. */
  readonly inTheMiddle?: () => Promise<void>
}

/** Who is about to be refused, and how that is done. */
interface Doomed {
  readonly token: SignedIn
  readonly end: (api: Api) => Promise<Answer>
}

/** Repeats what a daemon without its database has not done, or not said to have done. */
const untilAnswered = async (call: () => Promise<Answer>): Promise<Answer> => {
  for (;;) {
    const answer = await call()
    if (answer.status !== 503) return answer
    await sleep(RETRY_MS)
  }
}

let created = 0
const create = async (api: Api, kind: 'admin' | 'client', by: string): Promise<SignedIn> => {
  for (;;) {
    const body = { name: 'Live', number: numberOf(FIRST_NUMBER + created++), issue_token: true }
    const answer = await api.post(`/auth/${kind}/create`, body, by)
    if (answer.status !== 503) return signedIn(answer)
    await sleep(RETRY_MS)
  }
}

/** The ways in which a token ends before its time. */
const ENDINGS: readonly ((api: Api, root: SignedIn) => Promise<Doomed>)[] = [
  async (from, root) => {
    const token = await create(from, 'admin', root.access)
    return { token, end: (api) => api.post(`/accounts/${token.id}/disable`, {}, root.access) }
  },
  async (from, root) => {
    const token = await create(from, 'admin', root.access)
    return { token, end: (api) => api.del(`/accounts/${token.id}`, root.access) }
  },
  async (from, root) => {
    const token = await create(from, 'admin', root.access)
    return { token, end: (api) => api.del(`/accounts/${token.id}/sessions`, root.access) }
  },
  async (from, root) => {
    const token = await create(from, 'admin', root.access)
    return { token, end: (api) => api.post('/auth/logout', {}, token.access) }
  },
  async (from, root) => {
    const above = await create(from, 'admin', root.access)
    const token = await create(from, 'client', above.access)
    return { token, end: (api) => api.post(`/accounts/${above.id}/disable`, {}, root.access) }
  },
]

/**
 * A call that is repeated after a 503 may have been done the first time: then it is refused or finds nothing.
 */
const expectDone = ({ status, text }: Answer): void => expect([200, 401, 404], text).toContain(status)

/** Every daemon has seen the token as live, so that none answers from what it never knew. */
const expectLive = async (apis: readonly Api[], { access }: SignedIn): Promise<void> => {
  for (const api of apis) expect((await untilAnswered(() => api.get('/auth/me', access))).status).toBe(200)
}

const expectRefused = async (api: Api, { access, refresh }: SignedIn): Promise<void> => {
  const [check, renewal] = await Promise.all([
    untilAnswered(() => api.get('/auth/me', access)),
    untilAnswered(() => api.call('POST', '/auth/token/refresh', { token: refresh, body: {} })),
  ])
  expect([check.status, renewal.status], `${check.text} ${renewal.text}`).toEqual([401, 401])
}

/** Ends one token through a daemon and tries it on the next one, which may stand still meanwhile. */
const oneRound = async ({ apis, daemons, root }: LiveState, round: number): Promise<void> => {
  const at = (index: number): Api => apis[index % apis.length] as Api
  const begin = ENDINGS[round % ENDINGS.length] as (typeof ENDINGS)[number]
  const doomed = await begin(at(round + 1), root)
  await expectLive([at(round), at(round + 1)], doomed.token)
  const other = daemons[(round + 1) % daemons.length] as RunningDaemon
  const stands = round % STOP_EVERY === STOP_EVERY - 1
  if (stands) other.kill('SIGSTOP')
  const goesOn = sleep(stands ? STOPPED_MS : 0).then(() => stands && other.kill('SIGCONT'))
  try {
    expectDone(await untilAnswered(() => doomed.end(at(round))))
    await expectRefused(at(round + 1), doomed.token)
  } finally {
    await goesOn
  }
}

/**
 * Round after round something is ended through one daemon, and refused by another at the very next request,
 * while both are busy with others. Answers the statuses that the others have met.
 */
export const endInRounds = async (state: LiveState): Promise<Set<number>> => {
  const { apis, root, inTheMiddle } = state
  const statuses = new Set<number>()
  const load = { isRunning: true }
  const busy = apis.flatMap((api) =>
    Array.from({ length: LOAD_EACH }, async () => {
      while (load.isRunning) statuses.add((await api.get('/auth/me', root.access)).status)
    }),
  )
  let middle: Promise<void> | undefined
  try {
    for (let round = 0; round < ROUNDS; round++) {
      if (round % EVERY === Math.floor(Math.min(ROUNDS, EVERY) / 2)) {
        await middle
        middle = inTheMiddle?.()
      }
      await oneRound(state, round)
    }
  } finally {
    load.isRunning = false
    await Promise.all([...busy, middle])
  }
  return statuses
}
