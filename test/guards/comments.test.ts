import { expect, test } from 'vitest'
import { readSource, sourceFiles } from '../support/source-files.ts'

const FOLDERS = ['cli', 'daemon', 'policies', 'sdk', 'scripts', 'test', 'examples']
const LONGEST = 110
/** The documents that the project was planned by: they are not in the repository. */
const OUTSIDE =
  /\b(?:security|product|policy|operations|sms|sdk|style)\.md\b|\bcli\.md (?:[A-K]\d|section)|\bspec\//

interface Line {
  readonly place: string
  readonly text: string
}

const lines: Line[] = sourceFiles(...FOLDERS)
  .filter((file) => !file.endsWith('.gen.ts') && file !== 'test/guards/comments.test.ts')
  .flatMap((file) =>
    readSource(file)
      .split('\n')
      .map((text, index) => ({ place: `${file}:${index + 1}`, text })),
  )
const comments = lines.filter(({ text }) => /^\s*(?:\/\*|\*|\/\/)/.test(text))

test('comments wrap at 110 columns', () => {
  expect(comments.length).toBeGreaterThan(1000)
  // A link and a directive cannot be broken.
  const long = comments.filter(({ text }) => text.length > LONGEST && !/https:\/\/|oxlint-disable/.test(text))
  expect(long.map(({ place }) => place)).toEqual([])
})

test('no sentence begins with "Of", and none is about whoever it may be', () => {
  const hard = comments.filter(({ text }) => /(?:\/\*\*|[*.]|\/\/) Of [a-z]|\b[Ww]hoever\b/.test(text))
  expect(hard.map(({ place }) => place)).toEqual([])
})

test('nothing points at a document outside the repository', () => {
  expect(lines.filter(({ text }) => OUTSIDE.test(text)).map(({ place }) => place)).toEqual([])
})

/** Where every exported name has a docstring. */
const DESCRIBED = ['cli', 'daemon', 'policies', 'sdk', 'scripts']
const EXPORT = /^export (?:abstract )?(?:async )?(?:const|function|class|interface|type|enum) (\w+)/

test(`every exported name of ${DESCRIBED.join(', ')} says what it is`, () => {
  const silent = sourceFiles(...DESCRIBED)
    .filter((file) => !file.endsWith('.gen.ts'))
    .flatMap((file) => {
      const text = readSource(file).split('\n')
      return text.flatMap((line, index) => {
        const [, name] = EXPORT.exec(line) ?? []
        return name === undefined || text[index - 1]?.trimEnd().endsWith('*/') === true
          ? []
          : [`${file}: ${name}`]
      })
    })
  expect(silent).toEqual([])
})
