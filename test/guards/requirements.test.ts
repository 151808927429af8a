import { expect, test } from 'vitest'
import { readSource, sourceFiles } from '../support/source-files.ts'

const PAGE = 'docs/requirements.md'
const ID = '(?:CLI-C|OPS-D|[A-KS])\\d{1,2}'
/** How the name of a test begins that shows requirements: `A3: …` or `B3, B4: …`. */
const NAME = new RegExp(`['"\`](${ID}(?:, ${ID})*): `, 'g')
const CITATION = new RegExp(`^\\s*(?:/?\\*|//).*\\((?:[^()]*, )?(${ID}(?:, ${ID})*)\\)`, 'gm')
const SOURCES = ['cli', 'daemon', 'policies', 'sdk', 'scripts', 'test', 'examples']

const idsIn = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].flatMap(([, ids = '']) => ids.split(', '))

const listed = [...readSource(PAGE).matchAll(new RegExp(`^\\| (${ID}) +\\|`, 'gm'))].map(([, id = '']) => id)
const tests = sourceFiles('test').map((file) => ({ file, ids: idsIn(readSource(file), NAME) }))
const named = new Set(tests.flatMap(({ ids }) => ids))

test(`every id in the name of a test is listed in ${PAGE}`, () => {
  expect(named.size).toBeGreaterThan(100)
  const unlisted = tests.flatMap(({ file, ids }) =>
    ids.filter((id) => !listed.includes(id)).map((id) => `${file}: ${id}`),
  )
  expect(unlisted).toEqual([])
})

test(`every id that ${PAGE} lists is there once and has a test`, () => {
  expect(listed).toEqual([...new Set(listed)])
  expect(listed.filter((id) => !named.has(id))).toEqual([])
})

test('tests of the command line do not take the ids of access tokens', () => {
  const taken = tests.filter(({ file }) => file.startsWith('test/cli/'))
  expect(taken.length).toBeGreaterThan(5)
  expect(
    taken.flatMap(({ file, ids }) => ids.filter((id) => /^C\d/.test(id)).map((id) => `${file}: ${id}`)),
  ).toEqual([])
})

test('every id that a comment cites is listed', () => {
  const cited = sourceFiles(...SOURCES).flatMap((file) =>
    idsIn(readSource(file), CITATION)
      .filter((id) => !listed.includes(id))
      .map((id) => `${file}: ${id}`),
  )
  expect(cited).toEqual([])
})
