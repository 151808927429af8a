import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Case,
  casesOfRoute,
  LAST_CASES,
  ORIGIN,
  PLAIN_CASES,
  SINGLE_CASES,
  wireBytes,
} from './front-door/cases.ts'
import { OAUTH_CASES } from './front-door/oauth-cases.ts'
import { routes } from '../../daemon/contract/routes.ts'
import { createFamily, PASSWORD, signedIn, signInUser } from '../support/accounts.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'
import { Answers } from './front-door/answers.ts'

const SETTINGS = {
  PUBLIC_URL: 'https://id.example/auth',
  AUTHCTL_CORS_ORIGINS: ORIGIN,
  AUTHCTL_TRUST_PROXY: '1',
  AUTHCTL_METRICS: 'true',
  // No job may run while the log is recorded.
  AUTHCTL_CLEANUP_CRON: '0 0 29 2 *',
  AUTHCTL_DOCS: 'true',
}

let daemon: TestDaemon
let bearers: Record<string, string>
beforeAll(async () => {
  daemon = await startTestDaemon(SETTINGS)
  const { root, subClient } = await createFamily(daemon)
  const user = await signInUser(daemon, '+919876543210')
  bearers = { root: root.access, 'sub-client': subClient.access, user: user.access }
})
afterAll(() => daemon.stop())

/** A stream does not end by itself: its head and what it begins with are enough. */
const isBegunStream = (text: string): boolean =>
  /Content-Type: text\/event-stream[^]*\r\n\r\n[^]*\n\n/.test(text)

/** Everything that comes back on a connection of its own until the daemon ends it. */
const exchange = async (url: string, bytes: Buffer): Promise<string> => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    if (isBegunStream(Buffer.concat(chunks).toString('latin1'))) socket.destroy()
  })
  socket.write(bytes)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString('latin1')
}

const answersTo = async (
  { url, log }: Pick<TestDaemon, 'url' | 'log'>,
  cases: readonly Case[],
): Promise<Answers> => {
  const answers = new Answers()
  for (const each of cases) {
    const from = log.lines.length
    const text = await exchange(url, wireBytes(each, bearers))
    // What is no HTTP never becomes a request.
    const isRequest = text.includes('X-Request-Id')
    const isLogged = (): boolean => log.lines.slice(from).some(({ message }) => message === 'request')
    if (isRequest) await expect.poll(isLogged, { interval: 1 }).toBe(true)
    answers.add(each.name, text, log.lines.slice(from))
  }
  return answers
}

// After a change that is meant: `npx vitest run --project sqlite test/journeys/front-door -u`, and read the
// difference.
test('every route answers every kind of request byte for byte as recorded, and logs it so', async () => {
  const table = Object.values(routes)
  const last = table.filter(({ operationId }) => operationId === 'auth.logout')
  const cases = [...table.filter((route) => !last.some((other) => other === route)), ...last].flatMap(
    casesOfRoute,
  )
  const answers = await answersTo(daemon, cases)
  await expect(answers.text()).toMatchFileSnapshot('front-door/routes.txt')
})

test('so do requests that are refused, paths that are no route, and pages beside the routes', async () => {
  const body = { username: 'root', password: PASSWORD }
  bearers['root'] = signedIn(await daemon.api.post('/auth/superadmin/login', body)).access
  const answers = await answersTo(daemon, [...SINGLE_CASES, ...OAUTH_CASES])
  await expect(answers.text()).toMatchFileSnapshot('front-door/single.txt')
})

test('so does a daemon that trusts no proxy and serves no other origin, and one that ends', async () => {
  const plain = await startTestDaemon({ AUTHCTL_DOCS: 'false', AUTHCTL_DRAIN_DELAY: '1500' })
  const answers = await answersTo(plain, PLAIN_CASES)
  const ended = plain.stop()
  const last = await answersTo(plain, LAST_CASES)
  await ended
  await expect(`${answers.text()}\n========\n\n${last.text()}`).toMatchFileSnapshot('front-door/plain.txt')
})
