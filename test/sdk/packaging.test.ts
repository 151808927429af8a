import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from '../support/source-files.ts'

const CORE_BUDGET_BYTES = 5 * 1024
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

test.each([
  ['module', 'consumer.mts', 'ESM'],
  ['commonjs', 'consumer.cts', 'CommonJS'],
])('S3, S4: a strict consumer compiles against the built declarations (%s)', (_type, file) => {
  const tsconfig = {
    compilerOptions: {
      target: 'es2022',
      module: 'node16',
      moduleResolution: 'node16',
      lib: ['es2022', 'dom'],
      types: [],
      strict: true,
      skipLibCheck: false,
      exactOptionalPropertyTypes: true,
      noEmit: true,
    },
    files: [file],
  }
  writeFileSync(join(folder, file), CONSUMER)
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  expect(() =>
    execFileSync(process.execPath, [tsc, '-p', folder], { stdio: 'pipe', encoding: 'utf8' }),
  ).not.toThrow()
})

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

test('S1, S2: the whole client bundles for browsers without any Node module, in at most 5 kB', async () => {
  const { outputFiles } = await build({
    stdin: { contents: "export { createClient } from '@authctl/sdk'", resolveDir: folder },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'silent',
  })
  const bytes = gzipSync(outputFiles[0]?.contents ?? '').length
  process.stdout.write(`SDK core: ${bytes} bytes, minified and gzipped\n`)
  expect(bytes).toBeLessThanOrEqual(CORE_BUDGET_BYTES)
})
