import { expect, test } from 'vitest'
import { headsText, MAX_NAMED_HEADS, namedHeads, standingOf } from '../../daemon/domain/daemon-record.ts'
import type { Namespace } from '../../daemon/domain/policy-snapshot.ts'
import { initialNamespace } from '../../daemon/usecases/policies/namespaces.ts'

const head = (namespace: string, number: number) => ({ namespace, revision: `r${number}`, number })
const inStore = (...heads: ReturnType<typeof head>[]) => ({ heads, digest: headsText(heads) })

test('a daemon that decides by every head is current, whichever of them its record names', () => {
  const store = inStore(head('root', 7), head('adm_a', 2))
  const record = { heads: [], headsDigest: store.digest }
  expect(standingOf(record, 'adm_a', store)).toEqual({
    revision: { revision: 'r2', number: 2 },
    isCurrent: true,
  })
  expect(standingOf(record, 'adm_b', store)).toEqual({ revision: null, isCurrent: true })
})

test.each([
  { named: [head('root', 6)], number: 6, isCurrent: false },
  { named: [head('root', 7)], number: 7, isCurrent: true },
  { named: [head('root', 8)], number: 8, isCurrent: true },
  { named: [head('adm_a', 9)], number: undefined, isCurrent: false },
])('one that is not: by what it names, %j', ({ named, number, isCurrent }) => {
  const standing = standingOf({ heads: named, headsDigest: 'other' }, 'root', inStore(head('root', 7)))
  expect({ number: standing.revision?.number, isCurrent: standing.isCurrent }).toEqual({ number, isCurrent })
})

test('a record names the newest revisions, and the digest stands for all', () => {
  const namespaces = new Map<string, Namespace>()
  for (let index = 0; index < MAX_NAMED_HEADS + 50; index++) {
    const empty = initialNamespace({ name: `adm_${index}`, above: [] })
    const revision = { ...empty.revision, number: 1, createdAt: index }
    namespaces.set(`adm_${index}`, { ...empty, id: `r${index}`, revision })
  }
  namespaces.set('root', initialNamespace({ name: 'root', above: [] }))
  const named = namedHeads({ namespaces })
  expect(named).toHaveLength(MAX_NAMED_HEADS)
  expect(named[0]?.namespace).toBe('adm_249')
  expect(named.at(-1)?.namespace).toBe('adm_50')
})
