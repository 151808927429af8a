import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { signWebhook } from '../../daemon/adapters/sms/webhook.ts'
import { freePort } from '../../scripts/free-port.ts'
import type { ApplicationWithKey } from '../../sdk/index.ts'
import { createFamily, type Family, type SignedIn, signedIn } from '../support/accounts.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'
import { put } from '../support/policy-calls.ts'
import { readSource, ROOT } from '../support/source-files.ts'

const PAGES = [
  'README.md',
  'sdk/README.md',
  ...['local-decisions', 'policies', 'sms'].map((page) => `docs/${page}.md`),
]
const SHOP_PASSWORD = 'the tram climbs slowly past jasmine'
const NUMBER = '+919876543210'

const snippets = PAGES.flatMap((page) =>
  [...readSource(page).matchAll(/```ts\n(.*?)```/gs)].map(([, code = ''], index) => ({
    name: `${page} ${index + 1}`,
    code,
  })),
)

/** Where the modules of the examples are written: below the packages that they import. */
const FOLDER = join(ROOT, `node_modules/.cache/authctl/snippets-${process.pid}`)

let daemon: TestDaemon
let family: Family
let shop: string
let application: ApplicationWithKey
let ticking: NodeJS.Timeout
beforeAll(async () => {
  const port = await freePort()
  daemon = await startTestDaemon({
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    AUTHCTL_RATE_LIMITS: 'off',
  })
  // Those who follow the daemon compare its clock with their own.
  ticking = setInterval(() => daemon.clock.advance(Date.now() - daemon.clock.now()), 100)
  family = await createFamily(daemon)
  const { api } = daemon
  const create = async (kind: string, name: string, number: string, token: string): Promise<SignedIn> =>
    signedIn(
      await api.post(
        `/auth/${kind}/create`,
        { name, username: name, password: SHOP_PASSWORD, number },
        token,
      ),
    )
  const owner = await create('admin', 'shop', '+919876500011', family.root.access)
  const made = await api.post('/applications', { name: 'shop' }, owner.access)
  application = made.body as unknown as ApplicationWithKey
  const rides = await create('client', 'namma.rides', '+919876500012', family.admin.access)
  shop = (await create('subclient', 'corner.shop', '+919876500013', rides.access)).id
  const action = { resources: ['order'], keys: ['orders.total'] }
  const body = {
    service: 'orders',
    actions: { Refund: action, Read: action },
    resource_types: { order: {} },
    context_keys: { 'orders.total': { type: 'number', always: true } },
  }
  const answer = await put(api, '/services/orders', { token: family.root.access, body })
  expect(answer.status, answer.text).toBe(201)
  mkdirSync(join(FOLDER, 'policies/documents'), { recursive: true })
  const Statement = [{ Effect: 'Allow', Action: 'places:List', Resource: 'place/*' }]
  const document = { Version: 'authctl/1', Id: 'order-readers', Statement }
  writeFileSync(join(FOLDER, 'policies/authctl.json'), '{"set": "acme"}')
  writeFileSync(join(FOLDER, 'policies/documents/order-readers.json'), JSON.stringify(document))
})
afterAll(async () => {
  clearInterval(ticking)
  await daemon?.stop()
  rmSync(FOLDER, { recursive: true, force: true })
})

/** What a reader puts in place of what stands in the examples. */
const forReaders = (code: string): string =>
  code
    .replaceAll(/https:\/\/auth\.example\.com|http:\/\/127\.0\.0\.1:8000/g, daemon.url)
    .replaceAll("'493027'", '(await sentCode())')
    .replaceAll('app_01j…', application.application.id)
    .replaceAll('authctl_sk_…', application.service_key)
    .replaceAll('sub_01j0000000000000000000000a', shop)
    .replaceAll("process.env['AUTHCTL_PASSWORD'] ?? ''", `'${SHOP_PASSWORD}'`)
    .replaceAll('`policies/', `\`${FOLDER}/policies/`)

let said: string[]
beforeEach(() => {
  said = []
  daemon.sms.messages.length = 0
  for (const level of ['log', 'warn', 'debug'] as const)
    vi.spyOn(console, level).mockImplementation((...parts: unknown[]) => void said.push(parts.join(' ')))
  vi.stubGlobal('sentCode', () => daemon.sms.codeFor(NUMBER))
  vi.stubGlobal('app', { use: () => undefined, post: () => undefined })
})

/** Runs an example as a module of an application, by the package as it is built; what it exports. */
const run = async (code: string): Promise<Record<string, (...given: unknown[]) => Promise<unknown>>> => {
  const { outputFiles } = await build({
    stdin: { contents: forReaders(code), resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    tsconfigRaw: {},
    logLevel: 'silent',
  })
  const file = join(FOLDER, `${crypto.randomUUID()}.mjs`)
  writeFileSync(file, outputFiles[0]?.text ?? '')
  return (await import(/* @vite-ignore */ file)) as Record<string, (...given: unknown[]) => Promise<unknown>>
}

/** What an example says, and what comes of what it exports, by something that stands in it alone. */
const OUTCOMES: readonly {
  readonly mark: string
  readonly says?: readonly RegExp[]
  readonly check?: (exported: Awaited<ReturnType<typeof run>>) => Promise<void>
}[] = [
  { mark: 'radius: 2000', says: [/^usr_/] },
  { mark: 'webStorage(() => localStorage)', says: [/^not_signed_in$/, /^signed in$/] },
  { mark: 'would_allow_if', says: [/\S/, /^\w+ /] },
  {
    mark: 'createSession(',
    says: [/^initial/, /^signed_in/, /^false$/, /^usr_/],
  },
  { mark: 'debug()', says: [/→ GET \/healthz \[/, /← GET \/healthz 200/, /^true$/] },
  {
    mark: 'accountOf',
    check: async ({ accountOf }) => {
      expect(await accountOf?.(`Bearer ${family.admin.access}`)).toBe(family.admin.id)
      expect(await accountOf?.('Bearer x.y.z')).toBeUndefined()
    },
  },
  { mark: 'mayRead', check: async ({ mayRead }) => expect(await mayRead?.(shop, 'order/42', 1)).toBe(false) },
  { mark: 'applyPlanned', check: async ({ applyPlanned }) => expect(await applyPlanned?.()).toBe(true) },
  {
    mark: 'createWebhooks',
    says: [/^to \+919876543210, before /],
    check: async ({ receive }) => {
      const event = {
        id: 'd',
        number: NUMBER,
        code: '1',
        purpose: 'sign-in',
        client_id: 'c',
        expires_at: 'soon',
      }
      const body = JSON.stringify(event)
      const unixSeconds = Math.floor(Date.now() / 1000)
      const headers = signWebhook('a secret of the webhook', { id: 'd', unixSeconds, body })
      for (let delivery = 0; delivery < 2; delivery++) {
        const answer = await receive?.(new Request('http://x', { method: 'POST', headers, body }))
        expect((answer as Response).status).toBe(204)
      }
    },
  },
]

test('the pages have the examples that are tried here, each once', () => {
  expect(snippets.length).toBeGreaterThan(10)
  for (const { mark } of OUTCOMES)
    expect(
      snippets.filter(({ code }) => code.includes(mark)).map(({ name }) => name),
      mark,
    ).toHaveLength(1)
})

test.each(snippets)('S21: the example $name runs against a daemon as it stands there', async ({ code }) => {
  const { says, check } = OUTCOMES.find(({ mark }) => code.includes(mark)) ?? {}
  const exported = await run(code)
  await check?.(exported)
  if (says === undefined) return
  await expect.poll(() => said).toEqual(says.map((line) => expect.stringMatching(line)))
})
