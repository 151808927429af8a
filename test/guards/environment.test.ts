import { expect, test } from 'vitest'
import { readSource, sourceFiles } from '../support/source-files.ts'

const READERS = ['daemon/main.ts']
const ENVIRONMENT =
  /\bprocess\s*(?:\?\.|\.)\s*env\b|\bprocess\s*\[\s*['"`]env['"`]|\benv\b[^\n]*\bfrom\s+['"](?:node:)?process['"]|\{[^}\n]*\benv\b[^}\n]*\}\s*=\s*process\b/

const readsEnvironment = (file: string, text: string): boolean =>
  !READERS.includes(file) && ENVIRONMENT.test(text)

test('only daemon/main.ts reads the environment', () => {
  expect(sourceFiles('daemon').filter((file) => readsEnvironment(file, readSource(file)))).toEqual([])
})

test.each([
  'process.env.PORT',
  "process['env']",
  "import { env } from 'node:process'",
  'const { env } = process',
])('a planted reader is found: %s', (text) => {
  expect(readsEnvironment('daemon/http/app.ts', text)).toBe(true)
  expect(readsEnvironment('daemon/main.ts', text)).toBe(false)
})
