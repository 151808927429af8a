import { describe, expect, test } from 'vitest'
import { type Edge, importsOf, readSource, sourceFiles } from '../support/source-files.ts'

/** What is public of the policy language. Several doors, so that a command loads no more than it asks for. */
const DOORS: Readonly<Record<string, string>> = {
  'policies/index.ts': 'the language and its decisions',
  'policies/engine/index.ts': 'decisions alone, under the LGPL, which the SDK bundles',
  'policies/engine/canonical-json.ts': 'the text that digests are made over, on both sides of the wire',
  'policies/validate/index.ts': 'the text of one file',
  'policies/set/index.ts': 'a folder of files',
  'policies/plan/index.ts': 'two states and what is between them',
  'policies/invariants/index.ts': 'guard rails over decisions',
  'policies/testing/index.ts': 'decision tests of a folder, and what they cover',
  'policies/yaml/index.ts': 'YAML beside JSON, which alone loads the package that reads it',
  'policies/text/nearest.ts': 'what a word was meant to be, which every command loads for its own flags',
}

/** The tests of the language may look inside; all other code comes through a door. */
const INSIDE = ['policies/', 'test/policies/']

const isOutside = (file: string): boolean => !INSIDE.some((folder) => file.startsWith(folder))

const passesBy = ({ from, to }: Edge): boolean =>
  isOutside(from) && to.startsWith('policies/') && !Object.hasOwn(DOORS, to)

const violations = (file: string, text: string): string[] =>
  importsOf(file, text)
    .filter(passesBy)
    .map(({ from, to }) => `${from} must not import ${to}: come through ${Object.keys(DOORS).join(' or ')}`)

const STARRED = /^export\s+(?:type\s+)?\*/m

describe('the doors of policies/', () => {
  test('code outside imports nothing behind them', () => {
    const files = sourceFiles('cli', 'daemon', 'scripts', 'examples', 'sdk', 'test')
    const users = files.filter(
      (file) =>
        isOutside(file) && importsOf(file, readSource(file)).some(({ to }) => Object.hasOwn(DOORS, to)),
    )
    expect(users.length).toBeGreaterThan(20)
    expect(files.flatMap((file) => violations(file, readSource(file)))).toEqual([])
  })

  test('each is there, and says by name what it gives', () => {
    for (const door of Object.keys(DOORS)) expect(STARRED.test(readSource(door)), door).toBe(false)
    expect(STARRED.test(`export * from './engine/decide.ts'`)).toBe(true)
    expect(STARRED.test(`export type * as engine from './engine/decide.ts'`)).toBe(true)
  })

  test.each([
    ['daemon/usecases/x.ts', `import { decide } from '../../policies/engine/decide.ts'`],
    ['daemon/domain/x.ts', `import type { Layer } from '../../policies/engine/layer.ts'`],
    ['cli/x.ts', `const { validateSet } = await import('../policies/set/read.ts')`],
    ['scripts/x.ts', `export { SCHEMAS } from '../policies/schema.ts'`],
    ['test/unit/x.test.ts', `import { parseJson } from '../../policies/text/json.ts'`],
    ['test/bench/x.ts', `import services from '../../policies/managed/services.json' with { type: 'json' }`],
  ])('a planted violation in %s is found: %s', (file, text) => {
    expect(violations(file, text)).toHaveLength(1)
  })

  test.each([
    ['daemon/usecases/x.ts', `import { decide } from '../../policies/index.ts'`],
    ['cli/x.ts', `const { validateSet } = await import('../policies/set/index.ts')`],
    ['cli/commands/policies/put.ts', `import { policyArg } from '../../policies/args.ts'`],
    ['test/policies/x.test.ts', `import { parseJson } from '../../policies/text/json.ts'`],
  ])('what %s may do is allowed: %s', (file, text) => {
    expect(violations(file, text)).toEqual([])
  })
})
