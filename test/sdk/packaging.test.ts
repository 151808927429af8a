import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sendJson, startScriptedServer } from '../support/scripted-server.ts'
import { ROOT } from '../support/source-files.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'authctl-consumer-'))
  mkdirSync(join(folder, 'node_modules/@authctl'), { recursive: true })
  symlinkSync(join(ROOT, 'sdk'), join(folder, 'node_modules/@authctl/sdk'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const CONSUMER = `
import { createClient, type Account, type ErrorCode, ApiError } from '@authctl/sdk'
const authctl = createClient({ baseUrl: 'http://x' })
export const run = async (): Promise<Account> => {
  const sent = await authctl.otp.send({ number: '+919876543210' })
  const seconds: number = sent.expires_in
  const { account } = await authctl.users.login({ number: '+919876543210', otp: String(seconds) }, { timeoutMs: 1 })
  for await (const item of await authctl.accounts.list({ role: 'client' })) if (item.status === 'disabled') return item
  return account
}
export const explain = (error: unknown): ErrorCode | undefined =>
  error instanceof ApiError && error.code === 'rate_limited' ? error.code : undefined
// @ts-expect-error: a field of this name does not exist
void authctl.otp.send({ phone: '1' })
// @ts-expect-error: roles are a closed set
void authctl.accounts.list({ role: 'boss' })
`

/** Compiles files together as a strict consumer of the built package would; throws what the compiler says. */
const compile = (files: Readonly<Record<string, string>>): void => {
  const tsconfig = {
    compilerOptions: {
      target: 'es2022',
      module: 'node16',
      moduleResolution: 'node16',
      lib: ['es2022', 'esnext.disposable', 'dom', 'dom.iterable'],
      types: [],
      strict: true,
      skipLibCheck: false,
      exactOptionalPropertyTypes: true,
      noEmit: true,
    },
    files: Object.keys(files),
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  try {
    execFileSync(process.execPath, [tsc, '-p', folder], { stdio: 'pipe', encoding: 'utf8' })
  } catch (error) {
    throw new Error((error as { stdout: string }).stdout, { cause: error })
  }
}

const SERVER_CONSUMER = `
import { createVerifier, InvalidTokenError, type Auth } from '@authctl/sdk/server'
const verifier = createVerifier({ issuer: 'https://auth.example.com', timeoutMs: 1000 })
export const roleOf = async (token: string): Promise<Auth['role'] | undefined> => {
  try {
    return (await verifier.verify(token)).role
  } catch (error) {
    if (error instanceof InvalidTokenError && error.fault === 'expired') return undefined
    throw error
  }
}
// @ts-expect-error: the issuer must be known
createVerifier({})
`

const PAGE_CONSUMER = `
import { createClient } from '@authctl/sdk'
import { createSession } from '@authctl/sdk/session'
import { hooks } from '@authctl/sdk/hooks'
export const read = async (): Promise<string[]> => {
  await using client = createClient({ baseUrl: 'http://x', middleware: [hooks({ onRetry: ({ attempt }) => attempt })] })
  await using session = createSession({ baseUrl: 'http://x' })
  session.onAuthStateChange(({ event, account }) => [event, account?.id])
  return (await (await client.accounts.list()).all({ max: 5 })).map(({ id }) => id)
}
// @ts-expect-error: a session is no client with a token of its own
createSession({ baseUrl: 'http://x', accessToken: 't' })
`

/** The examples of the README, as modules. */
const examplesOfReadme = (): Record<string, string> => {
  const readme = readFileSync(join(ROOT, 'sdk/README.md'), 'utf8')
  const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code)
  expect(examples.length).toBeGreaterThan(1)
  return Object.fromEntries(examples.map((code, index) => [`example-${index}.mts`, code]))
}

test('S3, S4, S11, S21: strict consumers compile against the built declarations, and so do the examples of the README', () =>
  compile({
    'consumer.mts': CONSUMER,
    'consumer.cts': CONSUMER,
    'server.mts': SERVER_CONSUMER,
    'server.cts': SERVER_CONSUMER,
    'page.mts': PAGE_CONSUMER,
    'page.cts': PAGE_CONSUMER,
    ...examplesOfReadme(),
  }))

test('S4: import and require both load it', () => {
  const run = (...args: string[]) => execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
  const check = "if (typeof createClient({ baseUrl: 'http://x' }).otp.send === 'function') console.log('ok')"
  expect(run('--input-type=module', '-e', `import { createClient } from '@authctl/sdk'; ${check}`)).toBe(
    'ok\n',
  )
  expect(
    run('--input-type=commonjs', '-e', `const { createClient } = require('@authctl/sdk'); ${check}`),
  ).toBe('ok\n')
})

const CORE = "export { createClient } from '@authctl/sdk'"
const SERVER = "export { createVerifier } from '@authctl/sdk/server'"

const bundleForBrowsers = async (contents = CORE): Promise<string> => {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    minify: true,
    format: 'iife',
    globalName: 'sdk',
    platform: 'browser',
    write: false,
    logLevel: 'silent',
  })
  return outputFiles[0]?.text ?? ''
}

test('S11: on web globals alone it verifies, and remembers what it has verified', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const kid = 'k'.repeat(43)
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  const iat = Math.floor(Date.now() / 1000)
  const claims = {
    iss: 'https://x',
    aud: 'authctl',
    sub: 'u',
    id: 'u',
    jti: 'j',
    client_id: 'c',
    sid: 's',
    role: 'user',
  }
  const signed = `${encode({ alg: 'EdDSA', typ: 'at+jwt', kid })}.${encode({ ...claims, iat, exp: iat + 60 })}`
  const token = `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid }]
  const context = createContext({ TextEncoder, TextDecoder, atob, btoa, crypto, token, keys })
  const code = `${await bundleForBrowsers(SERVER)}
    const verifier = sdk.createVerifier({ issuer: 'https://x', keys })
    verifier.verify(token).then(() => verifier.verify(token)).then(JSON.stringify)`
  expect(JSON.parse(String(await runInContext(code, context)))).toMatchObject({
    accountId: 'u',
    role: 'user',
  })
})

/** Runs the bundle where only what the web platform has is defined, and makes one call. */
const callWithWebGlobals = async (extra: object): Promise<string | undefined> => {
  const server = await startScriptedServer()
  server.react = (_request, response) => sendJson(response, 200, { status: 'running' })
  const web = { Headers, AbortController, crypto, setTimeout, clearTimeout, queueMicrotask, fetch }
  const context = createContext({ ...web, ...extra, baseUrl: server.url })
  const code = `${await bundleForBrowsers()}\n;[typeof process, typeof Buffer, typeof require].join() + ';'`
  expect(runInContext(code, context)).toBe('undefined,undefined,undefined;')
  await runInContext('sdk.createClient({ baseUrl }).system.info()', context)
  await server.stop()
  return server.seen[0]?.headers['user-agent']
}

test('S1, S13: it runs on web globals alone; a worker runtime is named, a browser keeps its own name', async () => {
  expect(await callWithWebGlobals({})).toMatch(/^authctl-sdk\/[\d.]+$/)
  expect(await callWithWebGlobals({ navigator: { userAgent: 'Cloudflare-Workers' } })).toMatch(
    /^authctl-sdk\/[\d.]+ \(Cloudflare-Workers\)$/,
  )
  expect(await callWithWebGlobals({ navigator: { userAgent: 'Mozilla/5.0 (X11)' } })).not.toContain('authctl')
})
