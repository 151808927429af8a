import { expect, test } from 'vitest'
import { Failure } from '../../daemon/domain/failure.ts'
import { requireDeclared } from '../../daemon/usecases/access/question-context.ts'
import { readChecked } from '../../policies/validate/index.ts'
import { CATALOGUE } from '../policies/samples.ts'

test('a mistyped key is answered with what was meant, though a file before it has used all suggestions up', () => {
  const known = Array.from({ length: 2000 }, (_value, n) => `orders:Verb${n}`)
  const word = 'orders:Verbxy'
  readChecked('{}', 'a.json', (_node, report) => {
    for (let n = 0; report.nearest(word, known) !== undefined; n++) expect(n).toBeLessThan(10_000)
  })
  const details = (): string[] => {
    try {
      requireDeclared(CATALOGUE, {
        action: 'orders:Read',
        said: { 'orders.total': 1, 'orders.tag': ['a'] },
        layers: [],
      })
      return []
    } catch (error) {
      return error instanceof Failure ? (error.errors ?? []).map(({ detail }) => detail) : [String(error)]
    }
  }
  expect(details()).toEqual(['No service declares the context key orders.tag. Did you mean orders.tags?'])
})
