import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Context, createContext, runInContext } from 'node:vm'
import { build, transform } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ScriptedServer, sendJson, startScriptedServer } from '../support/scripted-server.ts'
import { ROOT } from '../support/source-files.ts'

let server: ScriptedServer
let bundle: string
beforeAll(async () => {
  server = await startScriptedServer()
  server.react = ({ url }, response) => {
    if (url.startsWith('/auth/me'))
      return sendJson(response, 403, { code: 'forbidden', detail: 'No.', status: 403 })
    if (url.startsWith('/hang')) return
    const next_cursor = url.includes('cursor=') ? null : 'a b&c'
    sendJson(response, 200, { items: [{ id: url }], next_cursor })
  }
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, 'sdk/dist/index.js')],
    bundle: true,
    format: 'iife',
    globalName: 'sdk',
    target: 'es2020',
    write: false,
  })
  bundle = outputFiles[0]?.text ?? ''
})
afterAll(() => server.stop())

/** Only what a page of a browser of 2020 has: no `timeout` and `any`, and a signal that says no reason. */
class OldAbortSignal extends EventTarget {
  aborted = false
}
class OldAbortController {
  readonly signal = new OldAbortSignal()
  abort(): void {
    if (this.signal.aborted) return
    this.signal.aborted = true
    this.signal.dispatchEvent(new Event('abort'))
  }
}
/** Takes the old kind of signal, as a `fetch` of its time. */
const oldFetch: typeof fetch = async (input, init) => {
  const controller = new AbortController()
  const signal = init?.signal
  signal?.addEventListener('abort', () => controller.abort())
  return await fetch(input, { ...init, signal: controller.signal })
}

const timers = { setTimeout, clearTimeout, queueMicrotask }
const modern = { ...timers, AbortController, Headers, fetch, crypto }
const old = { ...timers, AbortController: OldAbortController, Headers, fetch: oldFetch }
const withoutUuid = { getRandomValues: crypto.getRandomValues.bind(crypto) }

/** What came to the language after ES2020 and is not there. */
const FORGET = `for (const [owner, name] of [[Object, 'hasOwn'], [Array.prototype, 'at'], [Array.prototype, 'findLast'],
  [Array.prototype, 'toSorted'], [String.prototype, 'replaceAll'], [String.prototype, 'at'], [String.prototype, 'isWellFormed'],
  [Promise, 'any'], [Promise, 'withResolvers'], [globalThis, 'AggregateError'], [globalThis, 'WeakRef'],
  [globalThis, 'structuredClone']]) delete owner[name]`

const platforms: Readonly<Record<string, object>> = {
  'a browser of today': { ...modern, navigator: { userAgent: 'Mozilla/5.0' } },
  'a browser of 2020 (Chrome 80, Firefox 74, Safari 14)': {
    ...old,
    crypto: withoutUuid,
    navigator: { userAgent: 'Mozilla/5.0' },
  },
  'React Native with Hermes, without polyfills': { ...old, navigator: { product: 'ReactNative' } },
  'Cloudflare Workers': { ...modern, navigator: { userAgent: 'Cloudflare-Workers' } },
  Deno: { ...modern, navigator: { userAgent: 'Deno/2.5.0' } },
  Bun: { ...modern, navigator: { userAgent: 'Bun/1.3.0' }, process: { versions: { node: '24.3.0' } } },
  'Node 20, without a navigator': { ...modern, process: { versions: { node: '20.3.0' } } },
}

const open = (globals: object): Context => {
  const context = createContext({ ...globals, baseUrl: server.url })
  runInContext(`${FORGET}\n${bundle}`, context)
  return context
}

/** Runs the body of an asynchronous function on the platform. */
const run = async (context: Context, body: string): Promise<unknown> =>
  (await runInContext(`(async () => { ${body} })()`, context)) as unknown

describe.each(Object.entries(platforms))('S1: on %s', (_name, globals) => {
  test('pages are read to their end, with every character of the query', async () => {
    server.seen.length = 0
    const ids = await run(
      open(globals),
      `const client = sdk.createClient({ baseUrl, accessToken: 't' }); const ids = []
       for await (const { id } of await client.places.list({ near: '77.5, +12.9', limit: 2 })) ids.push(id); return ids.length`,
    )
    expect(ids).toBe(2)
    const [, second] = server.seen
    expect(Object.fromEntries(new URL(second?.url ?? '', server.url).searchParams)).toEqual({
      near: '77.5, +12.9',
      limit: '2',
      cursor: 'a b&c',
    })
    expect(second?.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/)
  })

  test('an error is known by its code', async () => {
    expect(
      await run(
        open(globals),
        `const { error } = await sdk.safe(sdk.createClient({ baseUrl, accessToken: 't' }).auth.me())
         return [error.code, error.status, error instanceof sdk.ApiError, sdk.isAuthctlError(error)].join()`,
      ),
    ).toBe('forbidden,403,true,true')
  })

  test.each([
    ['timeoutMs: 30', 'timeout'],
    ['deadlineMs: 30', 'timeout'],
    ['signal: soon()', 'aborted'],
    ['deadlineMs: 9000000000, timeoutMs: 30', 'timeout'],
  ])('a call with { %s } ends with %s', async (options, code) => {
    expect(
      await run(
        open(globals),
        `const soon = () => { const c = new AbortController(); setTimeout(() => c.abort(), 30); return c.signal }
         const call = sdk.createClient({ baseUrl, retries: 0 }).raw('GET', '/hang', {}, { ${options} })
         return (await sdk.safe(call)).error.code`,
      ),
    ).toBe(code)
  })
})

describe('S1: what is missing is named, before anything is sent', () => {
  const create = (globals: object, options = ''): unknown =>
    runInContext(
      `try { sdk.createClient({ baseUrl, ${options} }); 'made' } catch (error) { [error.name, error.code, error.message, sdk.isAuthctlError(error)].join('|') }`,
      open(globals),
    )

  test.each(['fetch', 'Headers', 'AbortController'])('no %s', (name) => {
    const { [name as 'fetch']: _, ...others } = modern
    expect(create(others)).toBe(
      `UnsupportedPlatformError|unsupported_platform|this platform has no ${name}|true`,
    )
  })

  test('a fetch that is given is enough', () => {
    const { fetch: _, ...others } = modern
    expect(create(others, 'fetch: () => undefined')).toBe('made')
  })
})

test.each(['index.js', 'index.cjs'])('S1: %s has no syntax that came after ES2020', async (file) => {
  const code = readFileSync(join(ROOT, 'sdk/dist', file), 'utf8')
  const at = async (target: string, text = code): Promise<string> => (await transform(text, { target })).code
  expect(await at('es2020')).toBe(await at('esnext'))
  expect(await at('es2020', 'a ??= b')).not.toBe(await at('esnext', 'a ??= b'))
})
