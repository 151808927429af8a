import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createLoader, MOST_AT_ONCE } from '../../daemon/adapters/mongodb/loader.ts'

/** A loader whose queries are answered by hand, and what they asked for. */
const heldLoader = () => {
  const queries: {
    readonly ids: string[]
    readonly answer: (version: string) => void
    readonly fail: () => void
  }[] = []
  const load = createLoader<string, string>(
    (ids) =>
      new Promise((resolve, reject) => {
        queries.push({
          ids,
          answer: (version) => resolve(new Map(ids.map((id) => [id, `${id} ${version}`]))),
          fail: () => reject(new Error(`lost ${ids.join(' ')}`)),
        })
      }),
  )
  return { load, queries }
}

test('what is asked for in one turn goes as one query, which begins after the last was asked for', async () => {
  const { load, queries } = heldLoader()
  const first = [load('a'), load('b'), load('a')]
  await Promise.resolve()
  const late = load('c')
  expect(queries).toEqual([])
  await turn()
  expect(queries.map(({ ids }) => ids)).toEqual([['a', 'b', 'c']])
  queries[0]?.answer('1')
  expect(await Promise.all([...first, late])).toEqual(['a 1', 'b 1', 'a 1', 'c 1'])
})

test('a query under way is joined by nobody and waited for by nobody else', async () => {
  const { load, queries } = heldLoader()
  const slow = load('a')
  await turn()
  const fresh = load('a')
  await turn()
  expect(queries).toHaveLength(2)
  queries[1]?.answer('2')
  expect(await fresh).toBe('a 2')
  queries[0]?.answer('1')
  expect(await slow).toBe('a 1')
})

test('a query that fails does so for all who share it and for nobody else', async () => {
  const { load, queries } = heldLoader()
  const failing = Promise.allSettled([load('a'), load('b')])
  await turn()
  const other = load('a')
  await turn()
  queries[0]?.fail()
  queries[1]?.answer('2')
  expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await other).toBe('a 2')
})

test('a query asks for a bounded number of ids, and all of a turn are sent at once', async () => {
  const { load, queries } = heldLoader()
  const ids = Array.from({ length: 2 * MOST_AT_ONCE + 3 }, (_, n) => `id${n}`)
  const loaded = Promise.all(ids.map(load))
  await turn()
  expect(queries.map((query) => query.ids.length)).toEqual([MOST_AT_ONCE, MOST_AT_ONCE, 3])
  for (const { answer } of queries) answer('1')
  expect(await loaded).toEqual(ids.map((id) => `${id} 1`))
})

test('what is not there is answered so', async () => {
  const load = createLoader<string, string>(() => Promise.resolve(new Map()))
  expect(await load('a')).toBeUndefined()
})
