import { expect, test } from 'vitest'
import { ROOT, type Namespace } from '../../daemon/domain/policy-snapshot.ts'
import type { ContentAddressed, PolicyStore } from '../../daemon/ports/stores/index.ts'
import { findRevision } from '../../daemon/usecases/policies/history.ts'
import { initialNamespace } from '../../daemon/usecases/policies/namespaces.ts'
import { createRevisions } from '../../daemon/usecases/policies/revisions.ts'

const COUNT = 1500
const PLACE = { name: ROOT, above: [] }

/** A store that counts what is read, and a namespace that was changed so many times. */
const history = async () => {
  const texts = new Map<string, string>()
  const reads: string[] = []
  const head: { id: string | null } = { id: null }
  const store: PolicyStore = {
    heads: () => Promise.resolve([]),
    read: (hashes) => {
      reads.push(...hashes)
      return Promise.resolve(
        hashes.flatMap((hash): ContentAddressed[] => {
          const content = texts.get(hash)
          return content === undefined ? [] : [{ hash, content }]
        }),
      )
    },
    moveHead: (move) => {
      if (move.from !== head.id) return Promise.resolve(false)
      for (const { hash, content } of move.texts) texts.set(hash, content)
      head.id = move.head.revision
      return Promise.resolve(true)
    },
    listTexts: () => Promise.resolve([]),
    deleteTexts: () => Promise.resolve(0),
    watch: () => () => Promise.resolve(),
  }
  let time = 0
  const digests = new Map<string, string>()
  const digest = (text: string): string => {
    const known = digests.get(text) ?? `h${digests.size}`
    digests.set(text, known)
    return known
  }
  const { draft, write } = createRevisions({ store, clock: { now: () => time }, vault: { digest } })
  const ids: string[] = []
  const change = async (base: Namespace, actorId: string) => {
    time++
    const attachments = [{ to: { role: 'user' as const }, policies: [`p${time}`] }]
    const drafted = await draft(base, { attachments }, { place: PLACE, actorId })
    if (drafted === undefined) throw new Error('nothing has changed')
    return drafted
  }
  let base = initialNamespace(PLACE)
  while (ids.length < COUNT) {
    const drafted = await change(base, 'me')
    await write(base, drafted)
    base = drafted.namespace
    ids.push(base.id ?? '')
  }
  const beaten = (await change(base, 'rival')).texts
  for (const { hash, content } of beaten) texts.set(hash, content)
  return { store, texts, reads, ids, head: base.id, beaten: beaten.at(-1)?.hash ?? '' }
}

test('any revision of a long history is found by few reads, and one that is not there by fewer', async () => {
  const { store, texts, reads, ids, head, beaten } = await history()
  let most = 0
  for (let number = 1; number <= COUNT; number++) {
    const id = ids[number - 1] ?? ''
    for (const name of [id, String(number)]) {
      reads.length = 0
      expect(await findRevision(store, head, name)).toMatchObject({ id, revision: { number } })
      most = Math.max(most, reads.length)
    }
  }
  expect(most).toBeLessThan(2 * Math.ceil(Math.log2(COUNT)) + 2)

  texts.set('document', JSON.stringify({ version: 1, number: 7 }))
  const nobody = [
    beaten,
    'document',
    'h-none',
    '0',
    '007',
    '-1',
    '7.0',
    String(COUNT + 1),
    '9'.repeat(15),
    '',
  ]
  for (const name of nobody) {
    reads.length = 0
    await expect(findRevision(store, head, name), name).rejects.toMatchObject({ code: 'not_found' })
    expect(reads.length, name).toBeLessThanOrEqual(most)
  }
  reads.length = 0
  await expect(findRevision(store, head, 'h-none')).rejects.toMatchObject({ code: 'not_found' })
  expect(reads).toEqual(['h-none'])

  // What is older than what is kept is not found, however it is reached.
  for (const id of ids.slice(0, 100)) texts.delete(id)
  for (const name of ['100', '64', '1', ids[99] ?? '', ids[63] ?? ''])
    await expect(findRevision(store, head, name), name).rejects.toMatchObject({ code: 'not_found' })
  expect(await findRevision(store, head, '101')).toMatchObject({ id: ids[100] })
})
