import { describe, expect } from 'vitest'
import { anAccount, T0 } from '../samples.ts'
import { count, kindOf, type StoreTest } from '../store-test.ts'

/** What the store promises of policies: texts, and heads that move. */
export const describePolicies = (test: StoreTest): void => {
  describe('policies', () => {
    const head = (revision: string, number: number) => ({ namespace: 'root', revision, number })
    const ofRoot = { owner: null, now: T0 } as const
    const text = (hash: string) => ({ hash, content: `{"hash": "${hash}"}` })

    test('the texts of a head are there when it is', async ({ store, other }) => {
      expect(await store.policies.heads()).toEqual([])
      const texts = [text('r1'), text('d1'), text('d2')]
      expect(await store.policies.moveHead({ ...ofRoot, head: head('r1', 1), from: null, texts })).toBe(true)
      expect(await other.policies.heads()).toEqual([head('r1', 1)])
      const found = await other.policies.read(['r1', 'd1', 'd2', 'd3'])
      expect(found.toSorted((a, b) => (a.hash < b.hash ? -1 : 1))).toEqual([
        text('d1'),
        text('d2'),
        text('r1'),
      ])
    })

    test('a text that is there already stays as it is, and does not hinder the others', async ({
      store,
      other,
    }) => {
      await store.policies.moveHead({
        ...ofRoot,
        head: head('r1', 1),
        from: null,
        texts: [text('r1'), text('d1')],
      })
      const texts = [{ hash: 'd1', content: 'another' }, text('r2'), text('d2')]
      expect(await other.policies.moveHead({ ...ofRoot, head: head('r2', 2), from: 'r1', texts })).toBe(true)
      expect(await store.policies.read(['d1'])).toEqual([text('d1')])
      expect(await store.policies.read(['r2', 'd2'])).toHaveLength(2)
    })

    test('a head moves only from where its mover believes it is', async ({ store, other }) => {
      const texts = [text('r1')]
      expect(await store.policies.moveHead({ ...ofRoot, head: head('r1', 1), from: 'r0', texts })).toBe(false)
      expect(await store.policies.heads()).toEqual([])
      await store.policies.moveHead({ ...ofRoot, head: head('r1', 1), from: null, texts })
      expect(
        await store.policies.moveHead({ ...ofRoot, head: head('r2', 1), from: null, texts: [text('r2')] }),
      ).toBe(false)
      expect(
        await store.policies.moveHead({ ...ofRoot, head: head('r2', 2), from: 'r0', texts: [text('r2')] }),
      ).toBe(false)
      expect(await other.policies.heads()).toEqual([head('r1', 1)])
    })

    test('of parallel moves from one place exactly one is made; namespaces do not meet', async ({
      store,
      other,
      parallel,
    }) => {
      for (const from of [null, 'a0'] as const) {
        const moves = await parallel(40, (handle, n) =>
          handle.policies.moveHead({
            ...ofRoot,
            head: from === null ? head('a0', 1) : head(`b${n}`, 2),
            from,
            texts: [text(`t${n}`)],
          }),
        )
        expect(count(moves, true)).toBe(1)
      }
      const admin = anAccount()
      await store.accounts.insert(admin)
      const elsewhere = { namespace: admin.id, revision: 'x', number: 1 }
      const move = { head: elsewhere, from: null, texts: [text('x')], owner: admin.id, now: T0 }
      expect(await store.policies.moveHead(move)).toBe(true)
      expect(await other.policies.heads()).toHaveLength(2)
      await other.accounts.delete({ id: admin.id, now: T0 })
      expect(await other.policies.heads()).toMatchObject([{ namespace: 'root', number: 2 }])
      expect(await kindOf(store.policies.moveHead(move))).toBe('not_found')
      expect(await other.policies.heads()).toHaveLength(1)
    })

    test('texts are listed in order, and deleted while the heads are where they were', async ({
      store,
      other,
    }) => {
      const texts = ['d1', 'd2', 'd3', 'r1'].map(text)
      const first = { ...ofRoot, head: head('r1', 1), from: null, texts }
      await store.policies.moveHead(first)
      expect(await other.policies.listTexts({ after: '', limit: 3 })).toEqual(['d1', 'd2', 'd3'])
      expect(await other.policies.listTexts({ after: 'd3', limit: 3 })).toEqual(['r1'])
      const heads = await other.policies.heads()
      const keptBefore = T0 + 1
      expect(await other.policies.deleteTexts({ hashes: ['d1'], heads, keptBefore })).toBe(1)
      const next = {
        ...ofRoot,
        head: head('r2', 2),
        from: 'r1',
        texts: [text('r2'), text('d2')],
        now: T0 + 5,
      }
      expect(await store.policies.moveHead(next)).toBe(true)
      expect(await other.policies.deleteTexts({ hashes: ['d2', 'd3'], heads, keptBefore })).toBe(0)
      const moved = await other.policies.heads()
      expect(await other.policies.deleteTexts({ hashes: ['d3'], heads: moved, keptBefore })).toBe(1)
      expect(await store.policies.listTexts({ after: '', limit: 9 })).toEqual(['d2', 'r1', 'r2'])
    })

    test('a sweep beside a change takes no text that the change names', async ({ store, other }) => {
      await store.policies.moveHead({
        ...ofRoot,
        head: head('r0', 1),
        from: null,
        texts: [text('r0'), text('d')],
      })
      for (let round = 1; round <= 30; round++) {
        const heads = await other.policies.heads()
        const texts = [text(`r${round}`), text('d')]
        const next = { head: head(`r${round}`, round + 1), from: `r${round - 1}`, texts }
        await Promise.all([
          store.policies.moveHead({ ...ofRoot, ...next, now: T0 + 10 * round }),
          other.policies.deleteTexts({ hashes: ['d'], heads, keptBefore: T0 + 10 * round - 5 }),
        ])
        expect(await other.policies.read(['d'])).toHaveLength(1)
      }
    })

    test('of the first policies of an account and its deletion at the same time, no head remains', async ({
      store,
      other,
    }) => {
      for (let round = 0; round < 30; round++) {
        const admin = anAccount()
        await store.accounts.insert(admin)
        const first = { namespace: admin.id, revision: `x${round}`, number: 1 }
        const move = { head: first, from: null, texts: [text(`x${round}`)], owner: admin.id, now: T0 }
        await Promise.all([
          kindOf(store.policies.moveHead(move)),
          other.accounts.delete({ id: admin.id, now: T0 }),
        ])
        expect(await other.policies.heads()).toEqual([])
      }
    })
  })
}
