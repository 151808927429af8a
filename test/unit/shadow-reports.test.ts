import { expect, test } from 'vitest'
import type { PolicySnapshot } from '../../daemon/domain/policy-snapshot.ts'
import { createShadowComparison, type LiveQuestion } from '../../daemon/usecases/access/shadow.ts'

/* One record of the store holds what is said of all shadows: nobody fills it with shadows of their own. */

const SHADOWS = 500

test('however many shadows there are, what is told of them has room in a record', () => {
  const shadows = new Map(
    Array.from({ length: SHADOWS }, (_none, n) => {
      const shadow = { id: `r${n}`, number: 1, policies: () => ({}), areServicesOthers: false }
      return [`cli_${n}`, shadow] as const
    }),
  )
  const snapshot = { shadows } as unknown as PolicySnapshot
  const comparison = createShadowComparison()
  const long = 'x'.repeat(500)
  for (let n = 0; n < SHADOWS - 1; n++)
    for (let each = 0; each < 60; each++) {
      const question = {
        snapshot,
        account: { id: 'sub_1', path: `cli_${n}/sub_1` },
        action: 'orders:Read',
        resource: `order/${long}${each}`,
        context: {},
        verdict: 'ALLOW',
      } as unknown as LiveQuestion
      comparison.compare(question, () => [])
    }
  const reports = comparison.reports(snapshot)
  expect(JSON.stringify(reports).length).toBeLessThan(4_000_000)
  expect(reports.length).toBe(SHADOWS - 1)
  expect(reports[0]).toMatchObject({ namespace: 'cli_0', revision: 'r0', questions: 60, changed: 60 })
  expect(reports.every(({ differences }) => differences.length > 0)).toBe(true)
})
