import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RunningDaemon, startDaemon } from './support/running-daemon.ts'
import { ROOT } from './support/source-files.ts'
import { printAnswer, printChapter, printEnd, printNote, printRequest } from './support/transcript.ts'

/** The parts of the answers that the story goes on with. */
interface Answer {
  readonly code?: string
  readonly detail?: string
  readonly items?: readonly { readonly id: string }[]
  readonly places?: readonly { readonly id: string }[]
  readonly account?: { readonly id: string; readonly role: string }
  readonly token?: { readonly access_token: string; readonly refresh_token: string }
}

interface Request {
  readonly bearer?: string | undefined
  readonly body?: unknown
}

const TOKEN_LIFE_SECONDS = 5
const PHONE = '+919876543210'
const PASSWORDS = {
  root: 'a lantern above nine quiet harbours',
  admin: 'seven brass kettles sing at dawn',
  client: 'the tram climbs slowly past jasmine',
  subClient: 'two herons wait by the lower weir',
}

const expectThat = (condition: boolean, what: string): void => {
  if (!condition) throw new Error(what)
}

/** Sends one request, prints it and its answer, and insists on the status and (for errors) the code. */
const call = async (
  daemon: RunningDaemon,
  expected: number | [status: number, code: string],
  route: string,
  { bearer, body }: Request = {},
): Promise<Answer> => {
  const [method = 'GET', path = '/'] = route.split(' ')
  const [status, code] = Array.isArray(expected) ? expected : [expected]
  printRequest(method, path, body, bearer)
  const start = performance.now()
  const response = await fetch(`${daemon.url}${path}`, {
    method,
    headers: {
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer = (await response.json()) as Answer
  printAnswer(response.status, answer, performance.now() - start)
  expectThat(response.status === status, `${route} answered ${response.status} instead of ${status}`)
  if (code !== undefined)
    expectThat(answer.code === code, `${route} answered code ${answer.code} instead of ${code}`)
  return answer
}

const accessOf = ({ token }: Answer): string => token?.access_token ?? ''
const refreshOf = ({ token }: Answer): string => token?.refresh_token ?? ''
const idOf = ({ account }: Answer): string => account?.id ?? ''

/**
 * The newest code that the development outbox holds for a number; the sender writes it a moment after the
 * answer.
 */
const readCode = async ({ dataDir }: RunningDaemon, number: string): Promise<string> => {
  const outbox = join(dataDir, 'outbox.jsonl')
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      const lines = readFileSync(outbox, 'utf8').trim().split('\n')
      const messages = lines.map((line) => JSON.parse(line) as { number: string; code: string })
      const code = messages.findLast((message) => message.number === number)?.code
      if (code !== undefined) return code
    } catch {
      // Not there yet.
    }
    await sleep(25)
  }
  throw new Error(`no code for ${number} in ${outbox}`)
}

/** Returns the created client. */
const buildTree = async (daemon: RunningDaemon): Promise<Answer> => {
  printChapter('1. The first super-admin, with the one-time set-up token')
  const [setupToken = ''] = readFileSync(join(daemon.dataDir, 'setup-token'), 'utf8').split('\n')
  const root = { username: 'root.operator', password: PASSWORDS.root }
  await call(daemon, [401, 'invalid_setup_token'], 'POST /auth/superadmin/bootstrap', {
    body: { setup_token: 'guess', name: 'Mallory', ...root },
  })
  await call(daemon, 201, 'POST /auth/superadmin/bootstrap', {
    body: { setup_token: setupToken, name: 'Root', ...root },
  })
  await call(daemon, [401, 'invalid_credentials'], 'POST /auth/superadmin/login', {
    body: { ...root, password: 'not the password at all' },
  })
  const signedIn = await call(daemon, 200, 'POST /auth/superadmin/login', { body: root })

  printChapter('2. An admin, its client, and the sub-client of that client')
  const admin = await call(daemon, 201, 'POST /auth/admin/create', {
    bearer: accessOf(signedIn),
    body: { name: 'Asha', username: 'asha', password: PASSWORDS.admin },
  })
  const client = await call(daemon, 201, 'POST /auth/client/create', {
    bearer: accessOf(admin),
    body: {
      name: 'Namma Rides',
      username: 'namma.rides',
      password: PASSWORDS.client,
      attributes: { tier: 'gold' },
    },
  })
  const subClient = await call(daemon, 201, 'POST /auth/subclient/create', {
    bearer: accessOf(client),
    body: { name: 'Namma Rides, depot south', username: 'depot.south', password: PASSWORDS.subClient },
  })
  expectThat(subClient.account?.role === 'sub-client', 'the sub-client has another role')
  printNote('A client cannot create an admin:')
  await call(daemon, [403, 'forbidden'], 'POST /auth/admin/create', {
    bearer: accessOf(client),
    body: { name: 'Eve', number: '+919876500000' },
  })
  return client
}

const importPlaces = async (daemon: RunningDaemon): Promise<void> => {
  printChapter('3. The places directory, from GeoJSON')
  const body: unknown = JSON.parse(readFileSync(join(ROOT, 'examples/places/bengaluru.geojson'), 'utf8'))
  const admin = await call(daemon, 200, 'POST /auth/admin/login', {
    body: { username: 'asha', password: PASSWORDS.admin },
  })
  await call(daemon, 200, 'POST /mapdirectory/places/import', { bearer: accessOf(admin), body })
}

const liveAsUser = async (daemon: RunningDaemon): Promise<void> => {
  printChapter('4. An end user signs in by phone')
  await call(daemon, 200, 'POST /auth/otp/send', { body: { number: PHONE } })
  const otp = await readCode(daemon, PHONE)
  const wrong = otp === '000000' ? '111111' : '000000'
  await call(daemon, [401, 'invalid_credentials'], 'POST /auth/user/login', {
    body: { number: PHONE, otp: wrong },
  })
  const user = await call(daemon, 201, 'POST /auth/user/login', { body: { number: PHONE, otp } })
  const expiresAt = Date.now() + (TOKEN_LIFE_SECONDS + 1) * 1000
  printNote('A code works once:')
  await call(daemon, [401, 'invalid_credentials'], 'POST /auth/user/login', { body: { number: PHONE, otp } })
  const refreshKey = 'monsoon-window-42'
  await call(daemon, 200, 'POST /user/access/refresh-key', {
    bearer: accessOf(user),
    body: { new_key: refreshKey },
  })

  printChapter('5. Renewal without SMS')
  printNote(`The access token of this tour lives ${TOKEN_LIFE_SECONDS} seconds. Waiting …`)
  await sleep(Math.max(0, expiresAt - Date.now()))
  await call(daemon, [401, 'invalid_token'], 'GET /auth/me', { bearer: accessOf(user) })
  printNote('The expired token and the refresh key together give a new one:')
  const renewed = await call(daemon, 200, 'POST /user/access/regenerate-token', {
    bearer: accessOf(user),
    body: { refresh_key: refreshKey },
  })
  printNote('The refresh token rotates at every use:')
  const rotated = await call(daemon, 200, 'POST /auth/token/refresh', {
    bearer: refreshOf(renewed),
    body: {},
  })
  expectThat(refreshOf(rotated) !== refreshOf(renewed), 'the refresh token was not replaced')

  printChapter('6. The user reads the map')
  const { places } = await call(daemon, 200, 'GET /mapdirectory/places/all', { bearer: accessOf(rotated) })
  expectThat(places?.length === 25, `there are ${places?.length} places instead of 25`)
  const near = await call(daemon, 200, 'GET /mapdirectory/places?near=77.6070,12.9755&radius=2500', {
    bearer: accessOf(rotated),
  })
  expectThat(near.items?.[0]?.id === 'blr-ev-mg-road-metro', 'the nearest place is another one')
  await call(daemon, 200, 'POST /auth/logout', { bearer: accessOf(rotated) })
  await call(daemon, [401, 'invalid_token'], 'GET /mapdirectory/places/all', { bearer: accessOf(rotated) })
}

const disableClient = async (daemon: RunningDaemon, client: Answer): Promise<void> => {
  printChapter('7. Disabling a client stops everything below it, with the next request')
  const login = { username: 'depot.south', password: PASSWORDS.subClient }
  const admin = await call(daemon, 200, 'POST /auth/admin/login', {
    body: { username: 'asha', password: PASSWORDS.admin },
  })
  const subClient = await call(daemon, 200, 'POST /auth/subclient/login', { body: login })
  await call(daemon, 200, 'GET /auth/me', { bearer: accessOf(subClient) })
  await call(daemon, 200, `POST /accounts/${idOf(client)}/disable`, { bearer: accessOf(admin) })
  await call(daemon, [401, 'invalid_token'], 'GET /auth/me', { bearer: accessOf(subClient) })
  await call(daemon, [401, 'invalid_credentials'], 'POST /auth/subclient/login', { body: login })
  await call(daemon, 200, 'POST /auth/logout', { bearer: accessOf(admin) })
}

const tell = async (daemon: RunningDaemon): Promise<void> => {
  const client = await buildTree(daemon)
  await importPlaces(daemon)
  await liveAsUser(daemon)
  await disableClient(daemon, client)
}

/**
 * Starts the daemon, tells the story, stops the daemon; throws at the first mismatch, after printing what the
 * daemon printed.
 */
const runTour = async (): Promise<void> => {
  // Expiry is shown by waiting for it, so the token is short and clocks are taken to agree.
  const settings = { AUTHCTL_ACCESS_TOKEN_TTL: String(TOKEN_LIFE_SECONDS), AUTHCTL_CLOCK_LEEWAY: '0' }
  const daemon = await startDaemon(settings)
  printNote(`A daemon of its own runs at ${daemon.url} with its data in ${daemon.dataDir}.`)
  try {
    await tell(daemon)
  } catch (error) {
    await daemon.stop()
    process.stderr.write(`\nThe daemon printed:\n${daemon.output()}\n`)
    throw error
  }
  const exitCode = await daemon.stop()
  expectThat(exitCode === 0, `the daemon ended with exit code ${exitCode}`)
}

const start = performance.now()
const elapsed = (): string => `${((performance.now() - start) / 1000).toFixed(1)} s`
try {
  await runTour()
  printEnd(
    true,
    `The tour is complete: every answer was as expected, the daemon stopped cleanly; ${elapsed()}.`,
  )
} catch (error) {
  printEnd(false, `The tour failed after ${elapsed()}: ${(error as Error).message}`)
  process.exitCode = 1
}
