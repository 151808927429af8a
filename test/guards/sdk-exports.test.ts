import { expect, test } from 'vitest'
import { readSource } from '../support/source-files.ts'

const { exports } = JSON.parse(readSource('sdk/package.json')) as { exports: Record<string, unknown> }
const DOORS = Object.keys(exports).filter((door) => !door.endsWith('.json'))
const HEADING = '### Breaking changes of the SDK'

/** What is exported by a door and can be called or constructed; its types are the compiler's to compare. */
const namesOf = async (door: string): Promise<string[]> => {
  const file = `../../sdk/${door === '.' ? '' : `${door.slice(2)}/`}index.ts`
  const names = Object.keys((await import(file)) as object)
  return names.sort().map((name) => `@authctl/sdk${door.slice(1)} ${name}`)
}

test('S26: what the doors of the SDK exported at any time is there: a line that goes is a breaking change', async () => {
  const exported = new Set((await Promise.all(DOORS.map(namesOf))).flat())
  const recorded = readSource('test/guards/sdk-exports.txt').trimEnd().split('\n')
  expect(recorded.length).toBeGreaterThan(50)
  expect(recorded.filter((line) => !exported.has(line))).toEqual([])
})

/** The items below the headings of breaking changes. */
const breakingChanges = (changelog: string): string[] =>
  changelog
    .split(/^(?=#{2,3} )/m)
    .filter((section) => section.startsWith(`${HEADING}\n`))
    .flatMap((section) => section.split(/^- /m).slice(1))

/** Whether an item says in code what was, and what is to be written instead. */
const saysHow = (item: string): boolean => /`[^`]+`[^`]* → `[^`]+`/.test(item)

test('S26: every breaking change of the SDK is told by what was and what is to be written instead', () => {
  const items = breakingChanges(readSource('CHANGELOG.md'))
  expect(items.length).toBeGreaterThan(0)
  expect(items.filter((item) => !saysHow(item))).toEqual([])
})

test('S26: an item that says too little is found', () => {
  const items = breakingChanges(
    `## [1.0.0]\n\n${HEADING}\n\n- \`a()\` → \`b()\`: x.\n- \`c\` has gone.\n\n### Added\n\n- d\n`,
  )
  expect(items.map(saysHow)).toEqual([true, false])
})
