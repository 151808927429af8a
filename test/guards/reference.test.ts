import { expect, test } from 'vitest'
import { SETTINGS } from '../../daemon/config/settings.ts'
import { ERRORS } from '../../daemon/contract/errors.ts'
import { routes } from '../../daemon/contract/routes.ts'
import { DIAGNOSTICS } from '../../policies/validate/index.ts'
import { renderReference } from '../../scripts/reference.ts'
import { readSource } from '../support/source-files.ts'

const pages = renderReference()

test.each([...pages.keys()])('%s is what the sources say', (file) => {
  expect(readSource(file), 'run `npm run generate`').toBe(pages.get(file))
})

test('every setting, error code, operation and diagnostic is in the reference', () => {
  const has = (file: string, text: string): boolean => pages.get(file)?.includes(text) === true
  expect(
    Object.keys(SETTINGS).filter((name) => !has('docs/reference/configuration.md', `| \`${name}\``)),
  ).toEqual([])
  expect(Object.keys(ERRORS).filter((code) => !has('docs/reference/errors.md', `\n## ${code}\n`))).toEqual([])
  expect(Object.keys(routes).filter((id) => !has('docs/reference/routes.md', `\n### ${id}\n`))).toEqual([])
  const missing = Object.keys(DIAGNOSTICS).filter(
    (code) => !has('docs/reference/policies.md', `\n### ${code}\n`),
  )
  expect(missing).toEqual([])
})
