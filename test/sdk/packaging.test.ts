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

/** The pages about the SDK. */
const PAGES = ['sdk/README.md', 'docs/local-decisions.md']

/** The examples of these pages, as modules. */
const examplesOfPages = (): Record<string, string> => {
  const examples = PAGES.flatMap((page) => [
    ...readFileSync(join(ROOT, page), 'utf8').matchAll(/```ts\n(.*?)```/gs),
  ]).map(([, code = '']) => code)
  expect(examples.length).toBeGreaterThan(PAGES.length)
  return Object.fromEntries(examples.map((code, index) => [`example-${index}.mts`, code]))
}

test('S21: the examples of the pages about the SDK compile, strictly', () => compile(examplesOfPages()))

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
