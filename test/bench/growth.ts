import { createPasswordHasher } from '../../daemon/adapters/crypto/password-hasher.ts'
import { PASSWORD, signedIn, type SignedIn } from '../support/accounts.ts'
import { createApi } from '../support/api.ts'
import { roleOf } from '../support/population.ts'
import type { Backend, Backends, StoreName } from './backends.ts'
import type { Worker } from './children.ts'
import type { Outcome, Plan } from './load.ts'
import { awaitCodes, createNumbers } from './codes.ts'
import { median, quantile } from './median.ts'
import { requireClean } from './outcomes.ts'

const OPERATIONS = ['token check', 'token refresh', 'OTP verify', 'password login'] as const
type Operation = (typeof OPERATIONS)[number]

/** Few, so that what is measured is how long one takes and not how long it waits. */
const CONNECTIONS = 4
/** As many in each population; with 64 the small one would have fewer. */
const PEOPLE = 10
const CLIENTS_EACH = 10
const CODES_PER_SECOND = 1500
/** The largest growth of processor time that counts as flat: a loss of eight per cent. */
const FLAT = 1.08
/** Each size is measured in so many pieces of a round, there and back, so that all see the same machine. */
const PIECES = 4
const MICROSECONDS = 1e6

/**
 * One operation at one size: medians over the pieces of all rounds, and their ratios to the smallest size.
 * Latencies tell of the machine too; what is judged is the processor time of daemon and database.
 */
export interface GrowthFigure {
  readonly store: StoreName
  readonly operation: Operation
  readonly accounts: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly cpuUs: number
  /** The ratio of the latencies. */
  readonly ratio: number
  readonly ratioByCpu: number
  /** Between which half of the ratios lie: how far the machine lets it be judged. */
  readonly quartiles: readonly [number, number]
  readonly isFlat: boolean
}

type Piece = Pick<Outcome, 'p50' | 'p99'> & { readonly cpuUs: number }

interface Subject {
  readonly accounts: number
  readonly backend: Backend
  readonly plan: (operation: Operation) => Promise<Plan>
  readonly keep: (operation: Operation, outcome: Outcome) => void
  readonly pieces: Map<Operation, Piece[]>
}

/** The numbers of admins spread over the whole population. */
const someAdmins = (accounts: number): number[] => {
  const step = Math.max(100, Math.floor(accounts / PEOPLE / 100) * 100)
  const numbers = Array.from(
    { length: Math.min(PEOPLE, Math.floor(accounts / step)) },
    (_, index) => index * step,
  )
  return numbers.filter((n) => roleOf(n) === 'admin')
}

const loginOf = (n: number): string => JSON.stringify({ username: `name${n}`, password: PASSWORD })

const createSubject = async (backend: Backend, accounts: number, seconds: number): Promise<Subject> => {
  const { urls, dataDir } = backend
  const api = createApi(urls[0] ?? '')
  const admins = someAdmins(accounts)
  const people: SignedIn[] = []
  for (const n of admins)
    people.push(signedIn(await api.call('POST', '/auth/admin/login', { raw: loginOf(n) })))
  // Not those whose tokens are checked: an account keeps its newest sessions only.
  const bodies = admins.flatMap((n) => Array.from({ length: CLIENTS_EACH }, (_, m) => loginOf(n + m + 1)))
  const numbersOf = createNumbers()
  let chains: readonly string[] = Array.from(
    { length: CONNECTIONS },
    (_, n) => people[n % people.length]?.refresh ?? '',
  )
  if (people.length < CONNECTIONS) throw new Error('the smallest population is too small')
  const base = { urls, connections: CONNECTIONS, seconds, method: 'POST' } as const

  const plans: Record<Operation, () => Promise<Plan>> = {
    'token check': () =>
      Promise.resolve({
        ...base,
        method: 'GET',
        path: '/auth/me',
        bodies: { kind: 'bearers', tokens: people.map(({ access }) => access) },
      }),
    'token refresh': () =>
      Promise.resolve({ ...base, path: '/auth/token/refresh', bodies: { kind: 'refresh', tokens: chains } }),
    'password login': () =>
      Promise.resolve({ ...base, path: '/auth/client/login', bodies: { kind: 'any', bodies } }),
    'OTP verify': async () => {
      const numbers = numbersOf(Math.ceil(CODES_PER_SECOND * seconds))
      await Promise.all(numbers.map((number) => api.post('/auth/otp/send', { number })))
      const codes = await awaitCodes(dataDir, numbers)
      const logins = numbers.map((number) => JSON.stringify({ number, otp: codes.get(number) }))
      return { ...base, path: '/auth/user/login', bodies: { kind: 'once', bodies: logins } }
    },
  }
  return {
    accounts,
    backend,
    plan: (operation) => plans[operation](),
    keep: (operation, { tokens }) => {
      if (operation === 'token refresh') chains = tokens
    },
    pieces: new Map(OPERATIONS.map((operation) => [operation, []])),
  }
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))

const figuresOf = (store: StoreName, subjects: readonly Subject[]): GrowthFigure[] =>
  OPERATIONS.flatMap((operation) => {
    const runs = subjects.map(({ pieces }) => pieces.get(operation) ?? [])
    const smallest = runs[0] ?? []
    return subjects.map(({ accounts }, index) => {
      const own = runs[index] ?? []
      const of = (pick: (piece: Piece) => number): number => median(own.map(pick))
      // Within a piece, so that a slow moment of the machine touches all sizes.
      const toSmallest = (pick: (piece: Piece) => number): number[] =>
        own.flatMap((piece, n) => (smallest[n] === undefined ? [] : [pick(piece) / pick(smallest[n])]))
      const ratiosByCpu = toSmallest(({ cpuUs }) => cpuUs)
      const ratioByCpu = median(ratiosByCpu)
      return {
        store,
        operation,
        accounts,
        p50Ms: rounded(
          of(({ p50 }) => p50),
          3,
        ),
        p99Ms: rounded(
          of(({ p99 }) => p99),
          3,
        ),
        cpuUs: rounded(
          of(({ cpuUs }) => cpuUs),
          0,
        ),
        ratio: rounded(median(toSmallest(({ p50 }) => p50)), 2),
        ratioByCpu: rounded(ratioByCpu, 2),
        quartiles: [rounded(quantile(ratiosByCpu, 0.25), 2), rounded(quantile(ratiosByCpu, 0.75), 2)],
        isFlat: ratioByCpu <= FLAT,
      }
    })
  })

/** Runs one piece of an operation at one size. */
const measurePiece = async (
  { backend, plan, keep, pieces }: Subject,
  operation: Operation,
  load: Worker<Plan, Outcome>,
): Promise<void> => {
  const planned = await plan(operation)
  const before = backend.cpuSeconds()
  const outcome = requireClean(operation, await load.ask(planned))
  const after = backend.cpuSeconds()
  keep(operation, outcome)
  const used = after.daemons - before.daemons + after.database - before.database
  pieces
    .get(operation)
    ?.push({ p50: outcome.p50, p99: outcome.p99, cpuUs: (used * MICROSECONDS) / outcome.requests })
}

/**
 * How latencies grow with the accounts of a store: all sizes are served side by side and measured in turn.
 */
export const measureGrowth = async (
  backends: Backends,
  load: Worker<Plan, Outcome>,
  {
    store,
    sizes,
    seconds,
    rounds,
  }: { store: StoreName; sizes: readonly number[]; seconds: number; rounds: number },
  say: (text: string) => void,
): Promise<GrowthFigure[]> => {
  const passwordHash = await createPasswordHasher().hash(PASSWORD)
  const subjects: Subject[] = []
  for (const accounts of sizes) {
    say(`${store}: making ${accounts} accounts`)
    const backend = await backends.start(store, { daemons: 1, accounts, passwordHash })
    subjects.push(await createSubject(backend, accounts, seconds / PIECES))
  }
  const back = subjects.toReversed()
  for (let round = 0; round < rounds; round++) {
    for (const operation of OPERATIONS) {
      for (let piece = 0; piece < PIECES; piece++)
        for (const subject of piece % 2 === 0 ? subjects : back) await measurePiece(subject, operation, load)
      const latest = subjects.map(({ pieces }) => pieces.get(operation)?.at(-1)?.cpuUs.toFixed(0))
      say(`round ${round + 1}: ${store}, ${operation}: ${latest.join(', ')} µs of processor time`)
    }
  }
  await Promise.all(subjects.map(({ backend }) => backend.stop()))
  return figuresOf(store, subjects)
}

/** The figures as lines of a table. */
export const growthTable = (figures: readonly GrowthFigure[]): string =>
  [
    [
      'store',
      'operation',
      'accounts',
      'p50 ms',
      'p99 ms',
      'CPU µs',
      'p50 ratio',
      'CPU ratio',
      'quartiles',
      '',
    ],
    ...figures.map((figure) => [
      figure.store,
      figure.operation,
      String(figure.accounts),
      figure.p50Ms.toFixed(2),
      figure.p99Ms.toFixed(2),
      String(figure.cpuUs),
      figure.ratio.toFixed(2),
      figure.ratioByCpu.toFixed(2),
      figure.quartiles.map((each) => each.toFixed(2)).join('-'),
      figure.isFlat ? 'flat' : 'grows',
    ]),
  ]
    .map((cells) =>
      cells
        .map((text, column) => text.padEnd(column === 1 ? 16 : 12))
        .join('')
        .trimEnd(),
    )
    .join('\n')
