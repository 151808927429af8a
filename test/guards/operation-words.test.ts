import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { routes } from '../../daemon/contract/routes.ts'
import { ROOT } from '../support/source-files.ts'

const wordOf = (operationId: string): string => operationId.split('.')[0] ?? ''
const kebab = (word: string): string => word.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

const words = [...new Set(Object.keys(routes).map(wordOf))]

test.each(['daemon/contract/routes', 'daemon/http/handlers', 'sdk/resources'])(
  '%s has one file for each word before the dot of an operation id, and no other',
  (folder) => {
    expect(readdirSync(`${ROOT}${folder}`).sort()).toEqual(words.map((word) => `${kebab(word)}.ts`).sort())
  },
)

test.each(words)('the routes of %s are in its file of the contract, and no others', async (word) => {
  const file = (await import(`../../daemon/contract/routes/${kebab(word)}.ts`)) as Record<string, unknown>
  const described = Object.values(file).flatMap((value) =>
    typeof value === 'object' && value !== null && 'operationId' in value ? [String(value.operationId)] : [],
  )
  expect(described.sort()).toEqual(
    Object.keys(routes)
      .filter((id) => wordOf(id) === word)
      .sort(),
  )
})

test.each(words)('the handlers and methods of %s are in its files', async (word) => {
  const [handlers, methods] = await Promise.all([
    import(`../../daemon/http/handlers/${kebab(word)}.ts`).then((file: object) => Object.keys(file).join()),
    import(`../../sdk/resources/${kebab(word)}.ts`).then((file: object) => Object.keys(file).join()),
  ])
  expect(handlers).toMatch(/^create[A-Z]\w*Handlers$/)
  expect(methods).toBe(word)
})
