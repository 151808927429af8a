import { relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { readSource, ROOT } from '../support/source-files.ts'

/** The lines of the README about what is imported, what of it is used, and how many bytes it may be. */
const BUDGETS = [
  ...readSource('sdk/README.md').matchAll(/^\| `(\S+)` +\| `(\w+)` +\| (\d+\.\d) kB +\|$/gm),
].map(([, door = '', name = '', kilobytes = '']) => ({
  door,
  name,
  bytes: Math.round(Number(kilobytes) * 1000),
}))
/** Doors for the machines of developers: they go into no bundle. */
const UNBUNDLED = ['@authctl/sdk/testing']

const { exports } = JSON.parse(readSource('sdk/package.json')) as { exports: Record<string, unknown> }
const DOORS = Object.keys(exports)
  .filter((path) => !path.endsWith('.json'))
  .map((path) => `@authctl/sdk${path.slice(1)}`)

/** As an application for the edge does it: a module of Node fails, and so does a framework. */
const bundle = async (contents: string): Promise<string> => {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: ROOT },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    metafile: true,
    // What is built, not what the checkout maps the names to.
    tsconfigRaw: {},
    logLevel: 'silent',
  })
  const sources = Object.keys(metafile.inputs).filter((path) => path !== '<stdin>')
  expect(sources.filter((path) => !relative(ROOT, path).startsWith('sdk/dist/'))).toEqual([])
  return outputFiles[0]?.text ?? ''
}

test('every door for applications has a line about its size', () => {
  expect([...new Set(BUDGETS.map(({ door }) => door)), ...UNBUNDLED].sort()).toEqual(DOORS.sort())
})

test.each(BUDGETS)(
  'S1, S2: { $name } of $door bundles for browsers and the edge, without a module of Node, in $bytes bytes',
  async ({ door, name, bytes }) => {
    const size = gzipSync(await bundle(`export { ${name} } from '${door}'`)).length
    process.stdout.write(`${door} { ${name} }: ${size} of ${bytes} bytes\n`)
    expect(size).toBeLessThanOrEqual(bytes)
  },
)

test.each(DOORS)('S2: of %s nothing is left where nothing of it is used', async (door) => {
  const left = await bundle(`import '${door}'; import * as all from '${door}'; export const a = 1`)
  expect(left).toMatch(/^var \w=1;export\{\w as a\};\n$/)
})

test('S2: what an application calls is at most 5 kB, and what it does not name is not in its bundle', async () => {
  const names = 'access, auth, otp, places, tokens, users'
  const chosen = await bundle(`import { createCoreClient, ${names} } from '@authctl/sdk/core'
    export const client = createCoreClient({ baseUrl: 'http://x' }, { ${names} })`)
  const whole = await bundle("export { createClient } from '@authctl/sdk'")
  expect(gzipSync(chosen).length).toBeLessThanOrEqual(5000)
  expect(chosen).toContain('/auth/otp/send')
  expect([chosen.includes('/policies/plan'), whole.includes('/policies/plan')]).toEqual([false, true])
})
