import { expect, test } from 'vitest'
import type { Revision } from '../../daemon/domain/policy-snapshot.ts'
import type { ContentAddressed, PolicyStore } from '../../daemon/ports/stores/index.ts'
import { sweepPolicies } from '../../daemon/usecases/policies/sweep.ts'

const DAY_MS = 86_400_000
const NOW = 1_800_000_000_000

/** A namespace with so many revisions, one a day, each with one text of its own and one that all have. */
const storeOf = (count: number, dayMs: number) => {
  const texts = new Map<string, string>([
    ['d-all', '{}'],
    ['d-rail', '{}'],
    ['orphan', '{}'],
  ])
  for (let number = 1; number <= count; number++) {
    const policies = { all: { hash: 'd-all', updatedAt: 0 }, own: { hash: `d${number}`, updatedAt: 0 } }
    const revision: Revision = {
      namespace: 'root',
      above: [],
      number,
      parent: number === 1 ? null : `r${number - 1}`,
      createdAt: NOW - (count - number) * dayMs,
      actorId: null,
      policies,
      services: {},
      invariants: { rail: { hash: 'd-rail', updatedAt: 0 } },
      attachments: [],
    }
    texts.set(`r${number}`, JSON.stringify(revision)).set(`d${number}`, '{}')
  }
  const head = { namespace: 'root', revision: `r${count}`, number: count }
  const store: PolicyStore = {
    heads: () => Promise.resolve([head]),
    read: (hashes) =>
      Promise.resolve(
        hashes.flatMap((hash): ContentAddressed[] => {
          const content = texts.get(hash)
          return content === undefined ? [] : [{ hash, content }]
        }),
      ),
    moveHead: () => Promise.resolve(false),
    listTexts: ({ after, limit }) =>
      Promise.resolve(
        [...texts.keys()]
          .sort()
          .filter((each) => each > after)
          .slice(0, limit),
      ),
    deleteTexts: ({ hashes }) => {
      for (const each of hashes) texts.delete(each)
      return Promise.resolve(hashes.length)
    },
    watch: () => () => Promise.resolve(),
  }
  return { store, texts }
}

const kept = (texts: ReadonlyMap<string, string>): number =>
  [...texts.keys()].filter((each) => each.startsWith('r')).length

test.each([
  ['the last five hundred, however old', 600, 10 * DAY_MS, 500],
  ['all of the last ninety days, however many', 1000, 0.1 * DAY_MS, 902],
  ['all of a young namespace', 40, DAY_MS, 40],
])('of revisions are kept: %s; texts that nothing names go', async (_, count, dayMs, remaining) => {
  const { store, texts } = storeOf(count, dayMs)
  const before = texts.size
  const deleted = await sweepPolicies(store, NOW)
  expect(kept(texts)).toBe(remaining)
  expect(texts.size).toBe(before - deleted)
  expect(deleted).toBe(2 * (count - remaining) + 1)
  expect(texts.has('orphan')).toBe(false)
  for (const needed of ['d-all', 'd-rail', `d${count}`, `d${count - remaining + 1}`])
    expect(texts.has(needed)).toBe(true)
  expect(await sweepPolicies(store, NOW)).toBe(0)
})
