import { availableParallelism } from 'node:os'
import { bootstrap, PASSWORD, signedIn, type SignedIn } from '../support/accounts.ts'
import { type Api, createApi } from '../support/api.ts'
import type { Backend } from './backends.ts'
import { awaitCodes, createNumbers } from './codes.ts'
import type { FloorName } from './floors.ts'
import type { Outcome, Plan } from './load.ts'

export type SubjectName = 'token check' | 'OTP send' | 'OTP verify' | 'token refresh' | 'password login'

/** How hard a subject is driven. */
export interface Drive {
  readonly connections: number
  readonly seconds: number
}

/** One work of one setup. */
export interface Subject {
  readonly name: SubjectName
  readonly plan: (drive: Drive) => Plan | Promise<Plan>
  readonly after?: (outcome: Outcome) => void
}

/** The work of that name. */
export const subjectNamed = (subjects: readonly Subject[], name: SubjectName): Subject => {
  const found = subjects.find((subject) => subject.name === name)
  if (found === undefined) throw new Error(`there is no ${name}`)
  return found
}

/** What each work is compared with. */
export const FLOORS: Readonly<Record<SubjectName, readonly [FloorName, ...FloorName[]]>> = {
  'token check': ['bare express'],
  'OTP send': ['bare express'],
  'OTP verify': ['bare express', 'signed + committed'],
  'token refresh': ['bare express', 'signed + committed'],
  'password login': ['raw argon2'],
}

/** The works in the order in which a round measures them, each with those that need what it leaves behind. */
export const ORDER: readonly (readonly [SubjectName, ...SubjectName[]])[] = [
  ['token check'],
  ['OTP send', 'OTP verify'],
  ['OTP verify'],
  ['token refresh'],
  ['password login'],
]

/** More than can be sent in the time. */
const NUMBERS_PER_SECOND = 14_000
/** The share of the codes that is kept for the run with one connection. */
const KEPT = 0.1
const MANY = 64
/** So many that none of them has more sessions in a run than may live. */
const NAMES = Array.from({ length: MANY }, (_, n) => `asha${n}`)

/** Where and how codes are sent and used up. */
interface CodeRoutes {
  readonly send: { readonly path: string; readonly body: (number: string) => object }
  readonly verify: { readonly path: string; readonly body: (number: string, code: string) => object }
}

const codeSubjects = ({ urls, dataDir }: Backend, { send, verify }: CodeRoutes): Subject[] => {
  const numbersOf = createNumbers()
  let unsent: string[] = []
  let sent: string[] = []
  let kept: string[] = []
  const once = (path: string, drive: Drive, bodies: readonly object[]): Plan => ({
    ...drive,
    urls,
    method: 'POST',
    path,
    bodies: { kind: 'once', bodies: bodies.map((body) => JSON.stringify(body)) },
  })
  return [
    {
      name: 'OTP send',
      plan: (drive) => {
        unsent = [...unsent, ...numbersOf(Math.ceil(NUMBERS_PER_SECOND * drive.seconds) - unsent.length)]
        return once(send.path, drive, unsent.map(send.body))
      },
      after: ({ requests }) => {
        sent = [...sent, ...unsent.slice(0, requests)]
        unsent = unsent.slice(requests)
      },
    },
    {
      name: 'OTP verify',
      plan: async (drive) => {
        const codes = await awaitCodes(dataDir, [...sent, ...kept])
        if (drive.connections > 1) kept = sent.splice(0, Math.ceil(KEPT * sent.length))
        const using = drive.connections > 1 ? sent : kept
        sent = []
        return once(
          verify.path,
          drive,
          using.map((number) => verify.body(number, codes.get(number) ?? '')),
        )
      },
    },
  ]
}

/** Admins to sign in by password; another one with a token to check; and people who signed in by code. */
const people = async (
  { dataDir, urls }: Backend,
  api: Api,
): Promise<{ checked: SignedIn; chains: readonly string[] }> => {
  const root = await bootstrap(api, dataDir)
  for (const username of NAMES)
    await api.post('/auth/admin/create', { name: 'Asha', username, password: PASSWORD }, root.access)
  const bela = { name: 'Bela', username: 'bela', password: PASSWORD }
  const checked = signedIn(await api.post('/auth/admin/create', bela, root.access))
  const numbers = Array.from({ length: MANY }, (_, n) => `+9198199${String(10_000 + n)}`)
  for (const number of numbers) await api.post('/auth/otp/send', { number })
  const codes = await awaitCodes(dataDir, numbers)
  const chains: string[] = []
  for (const number of numbers)
    chains.push(
      signedIn(await createApi(urls[0] ?? '').post('/auth/user/login', { number, otp: codes.get(number) }))
        .refresh,
    )
  return { checked, chains }
}

/** Few: each costs a password hash, of which there are as many at once as cores. */
const hashing = (drive: Drive): Drive => ({
  ...drive,
  connections: Math.min(drive.connections, 4 * availableParallelism()),
})

/** A session that is asked for again and again. */
const checkSubject = (urls: readonly string[], path: string, token: string): Subject => ({
  name: 'token check',
  plan: (drive) => ({ ...drive, urls, method: 'GET', path, token, bodies: { kind: 'repeat' } }),
})

const loginSubject = (urls: readonly string[], path: string, logins: readonly object[]): Subject => ({
  name: 'password login',
  plan: (drive) => ({
    ...hashing(drive),
    urls,
    method: 'POST',
    path,
    bodies: { kind: 'any', bodies: logins.map((login) => JSON.stringify(login)) },
  }),
})

/** The works of daemons of ours. */
export const createSubjects = async (backend: Backend): Promise<readonly Subject[]> => {
  const { urls } = backend
  const { checked, chains } = await people(backend, createApi(urls[0] ?? ''))
  let tokens = chains
  return [
    checkSubject(urls, '/auth/me', checked.access),
    ...codeSubjects(backend, {
      send: { path: '/auth/otp/send', body: (number) => ({ number }) },
      verify: { path: '/auth/user/login', body: (number, otp) => ({ number, otp }) },
    }),
    {
      name: 'token refresh',
      plan: (drive) => ({
        ...drive,
        urls,
        method: 'POST',
        path: '/auth/token/refresh',
        bodies: { kind: 'refresh', tokens: tokens.slice(0, drive.connections) },
      }),
      after: (outcome) => {
        tokens = [...outcome.tokens, ...tokens.slice(outcome.tokens.length)]
      },
    },
    loginSubject(
      urls,
      '/auth/admin/login',
      NAMES.map((username) => ({ username, password: PASSWORD })),
    ),
  ]
}

/** The same works of better-auth, which has no refresh tokens. */
export const createPeerSubjects = async (backend: Backend): Promise<readonly Subject[]> => {
  const { urls } = backend
  const api = createApi(urls[0] ?? '')
  const logins = NAMES.map((name) => ({ email: `${name}@peer.test`, password: PASSWORD }))
  let token: string | undefined
  for (const login of logins) {
    const answer = await api.post('/api/auth/sign-up/email', { ...login, name: 'Asha' })
    token = answer.headers['set-auth-token']?.toString()
    if (token === undefined) throw new Error(`the peer gave no token: ${answer.status} ${answer.text}`)
  }
  if (token === undefined) throw new Error('nobody has signed up')
  return [
    checkSubject(urls, '/api/auth/get-session', token),
    ...codeSubjects(backend, {
      send: { path: '/api/auth/phone-number/send-otp', body: (phoneNumber) => ({ phoneNumber }) },
      verify: {
        path: '/api/auth/phone-number/verify',
        body: (phoneNumber, code) => ({ phoneNumber, code }),
      },
    }),
    loginSubject(urls, '/api/auth/sign-in/email', logins),
  ]
}
