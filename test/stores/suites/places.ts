import { describe, expect } from 'vitest'
import type { Store } from '../../../daemon/ports/stores/index.ts'
import { aPlace, T0 } from '../samples.ts'
import { count, type StoreTest } from '../store-test.ts'

/** What the store promises of places. */
export const describePlaces = (test: StoreTest): void => {
  describe('places', () => {
    test('places are created, replaced and left alone by id; only changes raise the revision', async ({
      store,
      other,
    }) => {
      const revision = await store.places.revision()
      expect(await store.places.upsertMany([aPlace('a'), aPlace('b')])).toEqual({
        created: 2,
        updated: 0,
        unchanged: 0,
      })
      const changed = await other.places.revision()
      expect(changed).toBeGreaterThan(revision)
      const again = [
        aPlace('a', { updatedAt: T0 + 1 }),
        aPlace('b', { name: 'B', updatedAt: T0 + 1 }),
        aPlace('c'),
      ]
      expect(await store.places.upsertMany(again)).toEqual({ created: 1, updated: 1, unchanged: 1 })
      expect(await other.places.get('a')).toEqual(aPlace('a'))
      const final = await other.places.revision()
      expect(await store.places.upsertMany([aPlace('c')])).toEqual({ created: 0, updated: 0, unchanged: 1 })
      expect(await store.places.revision()).toBe(final)
    })

    test('one place is replaced or taken away as it was expected; of parallel changes one is made', async ({
      store,
      other,
      parallel,
    }) => {
      const first = aPlace('a')
      const made = await parallel(10, (handle, index) =>
        handle.places.replace({ ...first, name: `n${index}` }, undefined),
      )
      expect(count(made, true)).toBe(1)
      const present = { ...first, name: `n${made.indexOf(true)}` }
      expect(await other.places.get('a')).toEqual(present)
      const revision = await store.places.revision()
      expect(await store.places.replace(first, { ...present, updatedAt: T0 + 1 })).toBe(false)
      expect(await store.places.remove(first)).toBe(false)
      expect(await store.places.remove(aPlace('b'))).toBe(false)
      expect(await other.places.revision()).toBe(revision)
      await store.places.upsertMany([aPlace('b'), aPlace('c'), aPlace('d')])
      const removed = await parallel(10, (handle) => handle.places.remove(present))
      expect(count(removed, true)).toBe(1)
      expect(await store.places.remove(aPlace('c'))).toBe(true)
      expect(await other.places.get('a')).toBeUndefined()
      // A page is as full as it can be, whatever was taken away.
      const page = await other.places.list({ limit: 2 })
      expect(page.map(({ id }) => id)).toEqual(['b', 'd'])
      const gone = await other.places.revision()
      expect(gone).toBeGreaterThan(revision)
      expect(await store.places.upsertMany([present])).toMatchObject({ created: 1 })
      expect(await store.places.replace(aPlace('c'), undefined)).toBe(true)
      expect((await other.places.list({ limit: 9 })).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd'])
    })

    test('places are listed by id, by type, in a box and over the antimeridian', async ({ store }) => {
      await store.places.upsertMany([
        aPlace('fiji', { longitude: 179.9, latitude: -17 }),
        aPlace('samoa', { longitude: -171.8, latitude: -13.8, type: 'swap-station' }),
        aPlace('blr'),
      ])
      const ids = async (query: Omit<Parameters<Store['places']['list']>[0], 'limit'>) =>
        (await store.places.list({ ...query, limit: 10 })).map((place) => place.id)
      expect(await ids({})).toEqual(['blr', 'fiji', 'samoa'])
      expect(await ids({ after: 'blr' })).toEqual(['fiji', 'samoa'])
      expect(await ids({ type: 'swap-station' })).toEqual(['samoa'])
      expect(
        await ids({ box: { minLongitude: 77, maxLongitude: 78, minLatitude: 12, maxLatitude: 13 } }),
      ).toEqual(['blr'])
      const pacific = { minLongitude: 170, maxLongitude: -170, minLatitude: -20, maxLatitude: 0 }
      expect(await ids({ box: pacific })).toEqual(['fiji', 'samoa'])
    })
  })
}
