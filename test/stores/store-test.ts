import { test } from 'vitest'
import { StoreFailure, type Store } from '../../daemon/ports/stores/index.ts'

/**
 * A store under test: `open` may be called several times and gives handles of one and the same store, as
 * several daemons have.
 */
export interface StoreUnderTest {
  open(): Promise<Store>
  dispose(): Promise<void>
}

interface StoreFixtures {
  /** A new and empty store for each test. */
  readonly under: StoreUnderTest
  /** A handle of it, closed after the test. */
  readonly store: Store
  /** Another handle of the same store, as a second daemon has. */
  readonly other: Store
  /** Runs something n times in parallel, spread over both handles. */
  readonly parallel: <T>(n: number, run: (handle: Store, index: number) => Promise<T>) => Promise<T[]>
}

export const createStoreTest = (create: () => Promise<StoreUnderTest>) =>
  test.extend<StoreFixtures>({
    // oxlint-disable-next-line no-empty-pattern -- vitest reads from the pattern what a fixture needs: nothing
    under: async ({}, use) => {
      const under = await create()
      await use(under)
      await under.dispose()
    },
    store: async ({ under }, use) => {
      const store = await under.open()
      await use(store)
      await store.close()
    },
    other: async ({ under }, use) => {
      const other = await under.open()
      await use(other)
      await other.close()
    },
    parallel: async ({ store, other }, use) => {
      await use((n, run) =>
        Promise.all(Array.from({ length: n }, (_, index) => run(index % 2 === 0 ? store : other, index))),
      )
    },
  })

/** `test` with a store: each suite is written against it and runs for each adapter. */
export type StoreTest = ReturnType<typeof createStoreTest>

/**
 * The contract is about what is atomic, not about how fast a busy machine is with a thousand calls at once.
 */
export const PATIENT_MS = 20_000

export const kindOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => (error instanceof StoreFailure ? error.kind : `unexpected ${String(error)}`),
  )

export const count = <T>(values: readonly T[], wanted: T): number =>
  values.filter((value) => value === wanted).length
